namespace Hatchery.Disks;

/// <summary>Asking the index.</summary>
internal sealed partial class BlockIndex
{
    /// <summary>What blocks consist of, in order, as far as the span has room; the answer is how many pieces.</summary>
    public int Find(long block, long blocks, Span<BlockPiece> pieces)
    {
        var count = 0;
        while (blocks > 0 && count < pieces.Length)
        {
            var (row, at) = Locate(block / PageBlocks);
            ref var cell = ref row[at];
            var end = Math.Min(block + blocks, EndOf(row, at) * PageBlocks);
            var from = block;
            if (cell.IsLeaf)
                block = FindInLeaf(cell, block, end, pieces, ref count);
            else
            {
                Add(pieces, ref count, cell.IsZeroes ? BlockLocation.ZeroesBy(cell.ZeroSegment) : default, end - block);
                block = end;
            }
            blocks -= block - from;
        }
        return count;
    }

    /// <summary>Collects what the layer still needs of some segments, in the order of the disk.</summary>
    /// <param name="page">Where to begin.</param>
    /// <param name="slotsMax">Looks at no more than this many slots, so that nobody waits long.</param>
    /// <returns>The page to go on from; -1 at the end.</returns>
    public long Collect(long page, Predicate<int> wanted, List<LivePiece> found, int slotsMax)
    {
        while (slotsMax > 0 && page < _pages)
        {
            var (row, at) = Locate(page);
            ref var cell = ref row[at];
            var end = EndOf(row, at);
            slotsMax -= Math.Max(1, cell.Count);
            if (cell.IsLeaf)
                CollectLeaf(cell, page, wanted, found);
            else if (cell.IsZeroes && wanted(cell.ZeroSegment))
                AddZeroes(found, page, end - page, cell.ZeroSegment);
            page = end;
        }
        return page < _pages ? page : -1;
    }

    private long FindInLeaf(Cell cell, long block, long end, Span<BlockPiece> pieces, ref int count)
    {
        var slots = Slots(cell);
        var i = LastAtMost(slots, (int)((block / PageBlocks) - cell.First));
        while (block < end && count < pieces.Length)
        {
            var relative = (int)((block / PageBlocks) - cell.First);
            while (i + 1 < slots.Length && slots[i + 1].At <= relative)
                i++;
            var first = (int)(block % PageBlocks);
            if (i < 0 || !Covers(slots[i], relative))
            {
                var next = i + 1 < slots.Length ? (cell.First + slots[i + 1].At) * PageBlocks : end;
                block = Add(pieces, ref count, default, Math.Min(next, end) - block, block);
                continue;
            }
            ref var slot = ref slots[i];
            if (slot.IsZeroes)
            {
                var runEnd = (cell.First + slot.At + slot.RunPages) * PageBlocks;
                block = Add(pieces, ref count, slot.Location, Math.Min(runEnd, end) - block, block);
            }
            else if (slot.IsParts)
                block = FindInParts(_parts[slot.PartsItem], block, end, pieces, ref count);
            else
            {
                var take = Math.Min(PageBlocks - first, end - block);
                pieces[count++] = new(slot.Location, PageBlocks, first, take, slot.Crc);
                block += take;
            }
        }
        return block;
    }

    private static long FindInParts(
        ReadOnlySpan<IndexSlot> parts,
        long block,
        long end,
        Span<BlockPiece> pieces,
        ref int count
    )
    {
        var first = (int)(block % PageBlocks);
        var last = (int)Math.Min(PageBlocks, first + (end - block));
        while (first < last && count < pieces.Length)
        {
            var part = parts[first];
            var take = 1;
            while (first + take < last && parts[first + take].Location == part.Location)
                take++;
            if (part.IsData)
                pieces[count++] = new(part.Location, part.PieceBlocks, first - part.PieceFirst, take, part.Crc);
            else
                Add(pieces, ref count, part.Location, take);
            first += take;
            block += take;
        }
        return block;
    }

    private static long Add(Span<BlockPiece> pieces, ref int count, BlockLocation location, long blocks, long block = 0)
    {
        if (count > 0 && pieces[count - 1].Source == location.Source)
            pieces[count - 1] = pieces[count - 1] with { Take = pieces[count - 1].Take + blocks };
        else
            pieces[count++] = new(location, 0, 0, blocks, 0);
        return block + blocks;
    }

    private void CollectLeaf(Cell cell, long page, Predicate<int> wanted, List<LivePiece> found)
    {
        var slots = Slots(cell);
        foreach (var slot in slots[Math.Max(0, LastAtMost(slots, (int)(page - cell.First)))..])
        {
            var block = (cell.First + slot.At) * PageBlocks;
            if (slot.IsParts)
                CollectParts(_parts[slot.PartsItem], block, wanted, found);
            else if (!wanted(slot.Location.Segment))
                continue;
            else if (slot.IsZeroes)
                AddZeroes(found, cell.First + slot.At, slot.RunPages, slot.Location.Segment);
            else
                found.Add(new(block, PageBlocks, slot.Location, slot.Crc, 0xff));
        }
    }

    private static void CollectParts(
        ReadOnlySpan<IndexSlot> parts,
        long block,
        Predicate<int> wanted,
        List<LivePiece> found
    )
    {
        for (var i = 0; i < parts.Length; i++)
        {
            var part = parts[i];
            if (part.Location.Source == BlockSource.Below || !wanted(part.Location.Segment))
                continue;
            if (part.IsZeroes)
            {
                found.Add(new(block + i, 1, part.Location));
                continue;
            }
            byte mask = 0;
            var isFirst = true;
            for (var n = part.PieceFirst; n < part.PieceFirst + part.PieceBlocks; n++)
            {
                if (parts[n].Location != part.Location)
                    continue;
                isFirst &= n >= i;
                mask |= (byte)(1 << (n - part.PieceFirst));
            }
            if (isFirst)
                found.Add(new(block + part.PieceFirst, part.PieceBlocks, part.Location, part.Crc, mask));
        }
    }

    private void AddZeroes(List<LivePiece> found, long page, long pages, int segment)
    {
        var blocks = Math.Min(pages * PageBlocks, DiskBlocks - (page * PageBlocks));
        found.Add(new(page * PageBlocks, blocks, BlockLocation.ZeroesBy(segment)));
    }
}
