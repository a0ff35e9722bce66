using System.Buffers.Binary;

namespace Hatchery.Disks;

/// <summary>A row of a closed segment's index: a piece of data that it holds, or blocks that it says are zeroes.</summary>
/// <param name="Offset">Of the piece in the file; 0 for zeroes.</param>
/// <param name="LiveMask">Data: bit n is set when block n of the piece is not hidden by what was written later.</param>
internal readonly record struct IndexEntry(long Block, long Blocks, uint Crc, long Offset, byte LiveMask)
{
    public const int SizeBytes = 24;
    public const long ZeroBlocksMax = uint.MaxValue;

    // Offsets are multiples of 512, so there is room below.
    private const long MaskBits = 0xff;

    public bool IsZeroes => Offset == 0;

    public void Write(Span<byte> at)
    {
        BinaryPrimitives.WriteInt64LittleEndian(at, Block);
        BinaryPrimitives.WriteUInt32LittleEndian(at[8..], (uint)Blocks);
        BinaryPrimitives.WriteUInt32LittleEndian(at[12..], Crc);
        BinaryPrimitives.WriteInt64LittleEndian(at[16..], Offset | LiveMask);
    }

    /// <summary>False for a row that reaches outside the disk or the file's records, or is no piece of one page.</summary>
    public static bool TryRead(ReadOnlySpan<byte> at, long diskBlocks, long recordsEnd, out IndexEntry entry)
    {
        entry = default;
        if (at.Length < SizeBytes)
            return false;
        var place = BinaryPrimitives.ReadInt64LittleEndian(at[16..]);
        entry = new(
            BinaryPrimitives.ReadInt64LittleEndian(at),
            BinaryPrimitives.ReadUInt32LittleEndian(at[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(at[12..]),
            place & ~MaskBits,
            (byte)(place & MaskBits)
        );
        if (
            entry.Block < 0
            || entry.Blocks == 0
            || entry.Blocks > diskBlocks
            || entry.Block > diskBlocks - entry.Blocks
        )
            return false;
        return entry.IsZeroes
            || (
                (entry.Block % BlockIndex.PageBlocks) + entry.Blocks <= BlockIndex.PageBlocks
                && entry.Offset >= SegmentHeader.SizeBytes + RecordHeader.HeaderBytes
                && entry.Offset % RecordExtent.BlockBytes == 0
                && entry.Offset <= recordsEnd
                && entry.Blocks <= (recordsEnd - entry.Offset) / RecordExtent.BlockBytes
            );
    }
}
