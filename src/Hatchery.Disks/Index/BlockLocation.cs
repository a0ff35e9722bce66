namespace Hatchery.Disks;

internal enum BlockSource
{
    /// <summary>The layer says nothing about the block; the layer below does.</summary>
    Below = 0,
    Segment = 1,
    Zeroes = 2,
}

/// <summary>Where a state of blocks lies, packed into 48 bits: source (2 bits), segment (20), offset in the file in blocks of 512 bytes (26).</summary>
/// <remarks>Zeroes have no place, but a segment that says so; an index uses their low bits for itself.</remarks>
internal readonly record struct BlockLocation(ulong Packed)
{
    public const int OffsetBits = 26;
    public const int SourceShift = 46;
    public const int SegmentMax = (1 << 20) - 1;

    /// <summary>Data behind it in a file cannot be pointed to.</summary>
    public const long OffsetMaxBytes = ((1L << OffsetBits) - 1) * RecordExtent.BlockBytes;

    public static BlockLocation Below => default;

    public static BlockLocation ZeroesBy(int segment) =>
        new(((ulong)BlockSource.Zeroes << SourceShift) | ((ulong)segment << OffsetBits));

    public static BlockLocation In(int segment, long offset) =>
        new(
            ((ulong)BlockSource.Segment << SourceShift)
                | ((ulong)segment << OffsetBits)
                | (ulong)(offset / RecordExtent.BlockBytes)
        );

    public BlockSource Source => (BlockSource)(Packed >> SourceShift);

    public int Segment => (int)((Packed >> OffsetBits) & SegmentMax);

    public long Offset => (long)(Packed & ((1UL << OffsetBits) - 1)) * RecordExtent.BlockBytes;
}
