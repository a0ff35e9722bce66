namespace Hatchery.Disks;

internal enum BlockSource
{
    /// <summary>The layer says nothing about the block; the layer below does.</summary>
    Below = 0,
    Segment = 1,
    Zeroes = 2,
}

/// <summary>Where a block's newest state lies, packed: source (2 bits), segment (20), offset in the file in blocks of 512 bytes (42).</summary>
internal readonly record struct BlockLocation(ulong Packed)
{
    public const int OffsetBits = 42;
    public const int SourceShift = 62;

    public static BlockLocation Below => default;

    public static BlockLocation Zeroes => new((ulong)BlockSource.Zeroes << SourceShift);

    public static BlockLocation In(int segment, long offset) =>
        new(
            ((ulong)BlockSource.Segment << SourceShift)
                | ((ulong)segment << OffsetBits)
                | (ulong)(offset / RecordExtent.BlockBytes)
        );

    public BlockSource Source => (BlockSource)(Packed >> SourceShift);

    public int Segment => (int)((Packed >> OffsetBits) & BlockIndex.SegmentNumberMax);

    public long Offset => (long)(Packed & ((1UL << OffsetBits) - 1)) * RecordExtent.BlockBytes;

    public BlockLocation Plus(long blocks) => Source == BlockSource.Segment ? new(Packed + (ulong)blocks) : this;
}

/// <summary>Consecutive blocks that lie in one piece.</summary>
internal readonly record struct BlockRun(BlockLocation Location, long Blocks);
