namespace Hatchery.Disks;

/// <summary>
/// Where each block of a layer lies: a radix tree over pages of 4 KiB whose leaves hold 16 pages; a page whose blocks of
/// 512 bytes lie apart has a leaf of its own. Not thread-safe.
/// </summary>
/// <remarks>
/// 8 bytes a page: 2.1 MiB for each GiB written where neighbours are written too; at worst, with one page written in each
/// 64 KiB of disk, 36 MiB. A discarded range
/// of any length costs at most 1 KiB for each 16 MiB that it shares with data.
/// </remarks>
internal sealed class BlockIndex
{
    public const int SegmentNumberMax = (1 << 20) - 1;

    private const int PageBlocks = 8;
    private const int LeafPages = 16;
    private const int BranchLeaves = 256;
    private const long BranchPages = LeafPages * BranchLeaves;
    private const int NoLeaf = -1;
    private const int ZeroLeaf = -2;
    private const ulong SplitSource = 3;
    private const int BranchBytes = (BranchLeaves * sizeof(int)) + 24;

    private static readonly int[] s_zeroBranch = [.. Enumerable.Repeat(ZeroLeaf, BranchLeaves)];

    private readonly int[]?[] _branches;
    private readonly EntrySlab _leaves = new(LeafPages);
    private readonly EntrySlab _splits = new(PageBlocks);
    private long _branchBytes;

    public BlockIndex(long diskBlocks)
    {
        DiskBlocks = diskBlocks;
        _branches = new int[]?[((diskBlocks + PageBlocks - 1) / PageBlocks / BranchPages) + 1];
    }

    public long DiskBlocks { get; }

    public long MemoryBytes =>
        ((long)_branches.Length * IntPtr.Size) + _branchBytes + _leaves.MemoryBytes + _splits.MemoryBytes;

    public void Set(long block, long blocks, BlockLocation location)
    {
        while (blocks > 0)
        {
            var page = block / PageBlocks;
            var first = (int)(block % PageBlocks);
            if (
                location.Source == BlockSource.Zeroes
                && first == 0
                && ZeroMany(page, blocks / PageBlocks) is var many and > 0
            )
            {
                block += many * PageBlocks;
                blocks -= many * PageBlocks;
                continue;
            }
            var count = (int)Math.Min(PageBlocks - first, blocks);
            if (count == PageBlocks)
                SetPage(page, location.Packed);
            else
                SetPart(page, first, count, location);
            location = location.Plus(count);
            block += count;
            blocks -= count;
        }
    }

    /// <summary>The longest run of at most <paramref name="blocksMax"/> blocks from here that lie in one piece.</summary>
    public BlockRun Find(long block, long blocksMax)
    {
        var location = At(block, out var blocks);
        while (blocks < blocksMax)
        {
            if (At(block + blocks, out var more) != location.Plus(blocks))
                break;
            blocks += more;
        }
        return new(location, Math.Min(blocks, blocksMax));
    }

    private BlockLocation At(long block, out long blocks)
    {
        var page = block / PageBlocks;
        var first = (int)(block % PageBlocks);
        if (page / BranchPages >= _branches.Length || _branches[page / BranchPages] is not { } branch)
        {
            blocks = (((page / BranchPages) + 1) * BranchPages * PageBlocks) - block;
            return BlockLocation.Below;
        }
        var leaf = branch[page % BranchPages / LeafPages];
        if (leaf < 0)
        {
            blocks = (((page / LeafPages) + 1) * LeafPages * PageBlocks) - block;
            return leaf == ZeroLeaf ? BlockLocation.Zeroes : BlockLocation.Below;
        }
        var entry = _leaves[leaf][(int)(page % LeafPages)];
        if (entry >> BlockLocation.SourceShift == SplitSource)
        {
            blocks = 1;
            return new(_splits[SplitOf(entry)][first]);
        }
        blocks = PageBlocks - first;
        return new BlockLocation(entry).Plus(first);
    }

    private void SetPage(long page, ulong packed)
    {
        ref var entry = ref EntryOf(page);
        if (entry >> BlockLocation.SourceShift == SplitSource)
            _splits.Free(SplitOf(entry));
        entry = packed;
    }

    private void SetPart(long page, int first, int count, BlockLocation location)
    {
        ref var entry = ref EntryOf(page);
        if (entry >> BlockLocation.SourceShift != SplitSource)
        {
            var whole = new BlockLocation(entry);
            var split = _splits.Take();
            var parts = _splits[split];
            for (var i = 0; i < PageBlocks; i++)
                parts[i] = whole.Plus(i).Packed;
            entry = (SplitSource << BlockLocation.SourceShift) | (uint)split;
        }
        var blocks = _splits[SplitOf(entry)];
        for (var i = 0; i < count; i++)
            blocks[first + i] = location.Plus(i).Packed;
    }

    private ref ulong EntryOf(long page)
    {
        ref var leaf = ref OwnBranch(page)[page % BranchPages / LeafPages];
        if (leaf < 0)
        {
            var fill = leaf == ZeroLeaf ? BlockLocation.Zeroes : BlockLocation.Below;
            leaf = _leaves.Take();
            _leaves[leaf].Fill(fill.Packed);
        }
        return ref _leaves[leaf][(int)(page % LeafPages)];
    }

    /// <summary>Zeroes a whole branch or leaf that starts at this page, at the price of one entry; the answer is how many pages.</summary>
    private long ZeroMany(long page, long pagesMax)
    {
        ref var branch = ref _branches[page / BranchPages];
        if (page % BranchPages == 0 && pagesMax >= BranchPages)
        {
            foreach (var leaf in branch ?? s_zeroBranch)
                FreeLeaf(leaf);
            if (branch is not null && !ReferenceEquals(branch, s_zeroBranch))
                _branchBytes -= BranchBytes;
            branch = s_zeroBranch;
            return BranchPages;
        }
        if (page % LeafPages != 0 || pagesMax < LeafPages)
            return 0;
        ref var slot = ref OwnBranch(page)[page % BranchPages / LeafPages];
        FreeLeaf(slot);
        slot = ZeroLeaf;
        return LeafPages;
    }

    private void FreeLeaf(int leaf)
    {
        if (leaf < 0)
            return;
        foreach (var entry in _leaves[leaf])
            if (entry >> BlockLocation.SourceShift == SplitSource)
                _splits.Free(SplitOf(entry));
        _leaves.Free(leaf);
    }

    private int[] OwnBranch(long page)
    {
        ref var branch = ref _branches[page / BranchPages];
        if (branch is null || ReferenceEquals(branch, s_zeroBranch))
        {
            var fresh = new int[BranchLeaves];
            Array.Fill(fresh, branch is null ? NoLeaf : ZeroLeaf);
            branch = fresh;
            _branchBytes += BranchBytes;
        }
        return branch;
    }

    private static int SplitOf(ulong entry) => (int)(uint)entry;
}
