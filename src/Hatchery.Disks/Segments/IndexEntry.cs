using System.Buffers.Binary;

namespace Hatchery.Disks;

/// <summary>A row of a closed segment's index: where the newest state of some blocks lies in this file.</summary>
/// <param name="Offset">Of the first block's data in the file; 0 when the blocks are zeroes.</param>
internal readonly record struct IndexEntry(long Block, long Blocks, long Offset)
{
    public const int SizeBytes = 24;

    public bool IsZeroes => Offset == 0;

    public void Write(Span<byte> at)
    {
        BinaryPrimitives.WriteInt64LittleEndian(at, Block);
        BinaryPrimitives.WriteInt64LittleEndian(at[8..], Blocks);
        BinaryPrimitives.WriteInt64LittleEndian(at[16..], Offset);
    }

    /// <summary>False for a row that reaches outside the disk or the file's records.</summary>
    public static bool TryRead(ReadOnlySpan<byte> at, long diskBlocks, long recordsEnd, out IndexEntry entry)
    {
        entry = default;
        if (at.Length < SizeBytes)
            return false;
        entry = new(
            BinaryPrimitives.ReadInt64LittleEndian(at),
            BinaryPrimitives.ReadInt64LittleEndian(at[8..]),
            BinaryPrimitives.ReadInt64LittleEndian(at[16..])
        );
        if (
            entry.Block < 0
            || entry.Blocks <= 0
            || entry.Blocks > diskBlocks
            || entry.Block > diskBlocks - entry.Blocks
        )
            return false;
        return entry.IsZeroes
            || (
                entry.Offset >= SegmentHeader.SizeBytes + RecordHeader.HeaderBytes
                && entry.Offset % RecordExtent.BlockBytes == 0
                && entry.Offset <= recordsEnd
                && entry.Blocks <= (recordsEnd - entry.Offset) / RecordExtent.BlockBytes
            );
    }
}
