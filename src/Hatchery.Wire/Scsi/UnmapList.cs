using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Hatchery.Wire.Scsi;

public readonly record struct UnmapRange(ulong Lba, uint Blocks);

/// <summary>The parameter list of UNMAP (SBC-3 section 5.28.2); a list shorter than a header names nothing.</summary>
public static class UnmapList
{
    /// <summary>What the Block Limits page promises to take.</summary>
    public const int MaxDescriptors = 256;

    /// <summary>False when the lengths inside disagree with the bytes there are, or there are more than 256 ranges.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, [NotNullWhen(true)] out UnmapRange[]? ranges)
    {
        ranges = null;
        if (source.Length < 8)
            return false;
        var length = BinaryPrimitives.ReadUInt16BigEndian(source[2..]);
        var count = length / 16;
        if (count > MaxDescriptors || length > source.Length - 8)
            return false;
        ranges = new UnmapRange[count];
        for (var i = 0; i < count; i++)
        {
            var descriptor = source.Slice(8 + (16 * i), 16);
            ranges[i] = new(
                BinaryPrimitives.ReadUInt64BigEndian(descriptor),
                BinaryPrimitives.ReadUInt32BigEndian(descriptor[8..])
            );
        }
        return true;
    }

    public static byte[] ToBytes(IReadOnlyList<UnmapRange> ranges)
    {
        var bytes = new byte[8 + (16 * ranges.Count)];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)(bytes.Length - 2));
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)(16 * ranges.Count));
        for (var i = 0; i < ranges.Count; i++)
        {
            BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(8 + (16 * i)), ranges[i].Lba);
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(16 + (16 * i)), ranges[i].Blocks);
        }
        return bytes;
    }
}
