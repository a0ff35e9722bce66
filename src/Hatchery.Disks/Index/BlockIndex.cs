namespace Hatchery.Disks;

/// <summary>
/// Where each block of a layer lies, and the checksum of what lies there: a tree of pages of 4 KiB. Rows of cells divide the
/// disk; a cell is unknown, zeroes, or a leaf of up to 64 slots, one for each page or run of zero pages. A page whose blocks of
/// 512 bytes lie apart has eight parts of its own. Not thread-safe.
/// </summary>
/// <remarks>
/// 12 bytes a page and what the leaves have to spare: 3.2 MiB for each GiB written in order, under 4 MiB in any order on disks to a TiB.
/// Zeroes cost next to nothing in one piece; a page written in several parts costs 96 bytes more.
/// </remarks>
internal sealed partial class BlockIndex
{
    public const int PageBlocks = 8;

    private const int SpanPages = 1 << 16;
    private const int LeafSlots = 64;
    private const int SlotStep = 4;
    private const int NoLeaf = -1;

    // Zeroes as long as this are a cell of their own, so that discards of a whole disk stay out of its leaves.
    private const long WideZeroesPages = 4096;

    private readonly SlotSlab[] _leaves =
    [
        .. Enumerable.Range(1, LeafSlots / SlotStep).Select(n => new SlotSlab(n * SlotStep)),
    ];
    private readonly SlotSlab _parts;
    private readonly long _pages;
    private long[] _live = new long[4];

    public BlockIndex(long diskBlocks)
    {
        DiskBlocks = diskBlocks;
        _pages = (diskBlocks + PageBlocks - 1) / PageBlocks;
        _parts = _leaves[(PageBlocks / SlotStep) - 1];
        _rows = [new(new Cell(0, NoLeaf))];
        _rowBytes = CellRow.Bytes;
    }

    public long DiskBlocks { get; }

    public long MemoryBytes
    {
        get
        {
            long bytes = _rowBytes;
            foreach (var slab in _leaves)
                bytes += slab.MemoryBytes;
            return bytes;
        }
    }

    /// <summary>Blocks of which the layer holds data.</summary>
    public long LiveBlocks { get; private set; }

    /// <summary>Blocks whose newest data lie in a segment.</summary>
    public long LiveBlocksOf(int segment) => segment < _live.Length ? _live[segment] : 0;

    /// <summary>Blocks were written; each piece, which is what of them lies in one page of the disk, has its checksum.</summary>
    /// <param name="offset">Of the first block in the segment's file.</param>
    public void Put(int segment, long block, long blocks, long offset, ReadOnlySpan<uint> crcs)
    {
        for (var piece = 0; blocks > 0; piece++)
        {
            var first = (int)(block % PageBlocks);
            var count = (int)Math.Min(PageBlocks - first, blocks);
            PutPiece(block, count, BlockLocation.In(segment, offset), crcs[piece]);
            block += count;
            blocks -= count;
            offset += (long)count * RecordExtent.BlockBytes;
        }
    }

    /// <param name="mask">Bit n: block n of the piece is meant.</param>
    public void PutPiece(long block, int blocks, BlockLocation location, uint crc, byte mask = 0xff)
    {
        var (page, first) = (block / PageBlocks, (int)(block % PageBlocks));
        if (blocks == PageBlocks && mask == 0xff)
        {
            Displace(Exchange(page, new(0, location, crc)));
            Count(location.Segment, PageBlocks);
            return;
        }
        var part = IndexSlot.Part(first, blocks, location, crc);
        var parts = PartsOf(page);
        for (var i = 0; i < blocks; i++)
            if ((mask & (1 << i)) != 0)
                SetPart(ref parts[first + i], part);
    }

    public void PutZeroes(int segment, long block, long blocks)
    {
        if (block % PageBlocks is var first and > 0)
        {
            var count = (int)Math.Min(PageBlocks - first, blocks);
            ZeroParts(segment, block / PageBlocks, (int)first, count);
            block += count;
            blocks -= count;
        }
        if (blocks / PageBlocks is var pages and > 0)
            ZeroPages(segment, block / PageBlocks, pages);
        if (blocks % PageBlocks is var rest and > 0)
            ZeroParts(segment, (block + blocks) / PageBlocks, 0, (int)rest);
    }

    private void ZeroParts(int segment, long page, int first, int count)
    {
        var zero = new IndexSlot(0, BlockLocation.ZeroesBy(segment), 0);
        foreach (ref var part in PartsOf(page).Slice(first, count))
            SetPart(ref part, zero);
    }

    private void SetPart(ref IndexSlot part, IndexSlot fresh)
    {
        if (part.IsData)
            Count(part.Location.Segment, -1);
        part = fresh;
        if (fresh.IsData)
            Count(fresh.Location.Segment, 1);
    }

    /// <summary>The eight parts of a page, made of what it was before if it had none.</summary>
    private Span<IndexSlot> PartsOf(long page)
    {
        if (At(page) is { IsParts: true } split)
            return _parts[split.PartsItem];
        var item = _parts.Take();
        var before = Exchange(page, IndexSlot.Parts(item));
        var parts = _parts[item];
        parts.Fill(before.AsPart());
        return parts;
    }

    /// <summary>What was known of a page is so no more.</summary>
    private void Displace(IndexSlot slot)
    {
        if (slot.IsData)
            Count(slot.Location.Segment, -PageBlocks);
        if (!slot.IsParts)
            return;
        foreach (var part in _parts[slot.PartsItem])
            if (part.IsData)
                Count(part.Location.Segment, -1);
        _parts.Free(slot.PartsItem);
    }

    private void Count(int segment, int blocks)
    {
        if (segment >= _live.Length)
            Array.Resize(ref _live, Math.Max(segment + 1, _live.Length * 2));
        _live[segment] += blocks;
        LiveBlocks += blocks;
    }
}
