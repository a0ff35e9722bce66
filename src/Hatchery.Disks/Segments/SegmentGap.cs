using System.Buffers.Binary;

namespace Hatchery.Disks;

/// <summary>Consecutive segments of a layer that were removed, and where the one before them ends: what the first of them said of it.</summary>
/// <param name="PreviousLength">0 when the gap begins with the layer's first segment.</param>
internal readonly record struct SegmentGap(uint First, uint Count, long PreviousLength, uint PreviousChain)
{
    public const int SizeBytes = 24;

    /// <summary>The number of the segment behind the gap.</summary>
    public ulong End => (ulong)First + Count;

    public bool Contains(int number) => number >= First && (ulong)number < End;

    public void Write(Span<byte> at)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(at, First);
        BinaryPrimitives.WriteUInt32LittleEndian(at[4..], Count);
        BinaryPrimitives.WriteInt64LittleEndian(at[8..], PreviousLength);
        BinaryPrimitives.WriteUInt32LittleEndian(at[16..], PreviousChain);
        BinaryPrimitives.WriteUInt32LittleEndian(at[20..], 0);
    }

    public static SegmentGap Read(ReadOnlySpan<byte> at) =>
        new(
            BinaryPrimitives.ReadUInt32LittleEndian(at),
            BinaryPrimitives.ReadUInt32LittleEndian(at[4..]),
            BinaryPrimitives.ReadInt64LittleEndian(at[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(at[16..])
        );
}
