namespace Hatchery.Disks;

/// <summary>The tree: rows, cells and leaves.</summary>
internal sealed partial class BlockIndex
{
    private readonly List<CellRow> _rows;
    private long _rowBytes;
    private int _lastRow;

    /// <summary>What is known of one page; a run of zeroes in answer to a page inside it.</summary>
    private IndexSlot At(long page)
    {
        var (row, at) = Locate(page);
        ref var cell = ref row[at];
        if (!cell.IsLeaf)
            return cell.IsZeroes ? IndexSlot.ZeroRun(0, cell.ZeroSegment, 1) : default;
        var slots = Slots(cell);
        var slot = LastAtMost(slots, (int)(page - cell.First));
        return slot >= 0 && Covers(slots[slot], (int)(page - cell.First)) ? slots[slot] : default;
    }

    /// <summary>Gives a page a slot; the answer is what was known of it before.</summary>
    private IndexSlot Exchange(long page, IndexSlot slot)
    {
        var (row, at) = Locate(page);
        if (!row[at].IsLeaf)
            (row, at) = MakeLeaf(page);
        ref var cell = ref row[at];
        var slots = Slots(cell);
        var relative = (int)(page - cell.First);
        var i = LastAtMost(slots, relative);
        slot.At = relative;
        if (i < 0 || !Covers(slots[i], relative))
        {
            Insert(page, slot);
            return default;
        }
        var old = slots[i];
        if (!old.IsZeroes)
        {
            slots[i] = slot;
            return old;
        }
        CutRun(page);
        CutRun(page + 1);
        (row, at) = Locate(page);
        slots = Slots(row[at]);
        slot.At = (int)(page - row[at].First);
        slots[LastAtMost(slots, slot.At)] = slot;
        return old;
    }

    private void ZeroPages(int segment, long page, long pages)
    {
        var end = page + pages;
        CutRun(page);
        CutRun(end);
        while (page < end)
        {
            var (row, at) = Locate(page);
            ref var cell = ref row[at];
            var cellEnd = EndOf(row, at);
            var to = Math.Min(end, cellEnd);
            if (cell.IsLeaf && page == cell.First && to == cellEnd)
            {
                RemoveSlots(ref cell, 0, cell.Count);
                _leaves[0].Free(cell.Leaf);
                BecomeZeroes(row, at, segment);
            }
            else if (cell.IsLeaf)
            {
                var slots = Slots(cell);
                var from = LastAtMost(slots, (int)(page - cell.First) - 1) + 1;
                RemoveSlots(ref cell, from, LastAtMost(slots, (int)(to - cell.First) - 1) + 1);
                Insert(page, IndexSlot.ZeroRun((int)(page - cell.First), segment, (int)(to - page)));
            }
            else if (!cell.IsZeroes && to - page >= WideZeroesPages)
            {
                CutCell(to);
                CutCell(page);
                (row, at) = Locate(page);
                BecomeZeroes(row, at, segment);
            }
            else if (!cell.IsZeroes)
            {
                MakeLeaf(page);
                continue;
            }
            page = to;
        }
    }

    private void BecomeZeroes(CellRow row, int at, int segment)
    {
        row[at] = Cell.Zeroes(row[at].First, segment);
        if (at > 0 && row[at - 1].IsZeroes && row[at - 1].ZeroSegment == segment)
            row.RemoveAt(at);
    }

    private (CellRow Row, int Cell) Locate(long page)
    {
        if (
            _lastRow >= _rows.Count
            || page < _rows[_lastRow].First
            || (_lastRow + 1 < _rows.Count && page >= _rows[_lastRow + 1].First)
        )
        {
            var (low, high) = (0, _rows.Count - 1);
            while (low < high)
            {
                var middle = (low + high + 1) / 2;
                if (_rows[middle].First <= page)
                    low = middle;
                else
                    high = middle - 1;
            }
            _lastRow = low;
        }
        var row = _rows[_lastRow];
        return (row, row.LastAtMost(page));
    }

    /// <summary>Where the cell that <see cref="Locate"/> has just found ends.</summary>
    private long EndOf(CellRow row, int at) =>
        at + 1 < row.Count ? row[at + 1].First
        : _lastRow + 1 < _rows.Count ? _rows[_lastRow + 1].First
        : _pages;

    private Span<IndexSlot> Slots(Cell cell) => _leaves[ClassOf(cell.Count)][cell.Leaf][..cell.Count];

    private static int ClassOf(int count) => Math.Max(0, count - 1) / SlotStep;

    private static bool Covers(IndexSlot slot, int relative) =>
        slot.At == relative || (slot.IsZeroes && relative < slot.At + slot.RunPages);

    private static int LastAtMost(ReadOnlySpan<IndexSlot> slots, int relative)
    {
        // Where pages were written one after the other, each is where one would look first.
        if (slots.Length > 0 && relative - slots[0].At is var guess && (uint)guess < (uint)slots.Length)
            if (slots[guess].At == relative)
                return guess;
        var (low, high) = (-1, slots.Length - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (slots[middle].At <= relative)
                low = middle;
            else
                high = middle - 1;
        }
        return low;
    }

    /// <summary>Turns what is unknown or zeroes around a page into a leaf.</summary>
    private (CellRow Row, int Cell) MakeLeaf(long page)
    {
        var start = page & ~(long)(SpanPages - 1);
        var (row, at) = Locate(page);
        if (EndOf(row, at) > start + SpanPages)
            CutCell(start + SpanPages);
        if (row[at].First < start)
            CutCell(start);
        (row, at) = Locate(page);
        ref var cell = ref row[at];
        var item = _leaves[0].Take();
        if (cell.IsZeroes)
        {
            _leaves[0][item][0] = IndexSlot.ZeroRun(0, cell.ZeroSegment, (int)(EndOf(row, at) - cell.First));
            cell = new(cell.First, item) { Count = 1 };
        }
        else
            cell = new(cell.First, item);
        return (row, at);
    }

    /// <summary>Lets a cell that is no leaf end, and another like it begin, at a page.</summary>
    private void CutCell(long page)
    {
        if (page >= _pages)
            return;
        var (row, at) = Locate(page);
        if (!row[at].IsLeaf && row[at].First < page)
            InsertCell(row, at + 1, row[at] with { First = page });
    }

    /// <summary>Lets a run of zeroes in a leaf end, and another begin, at a page.</summary>
    private void CutRun(long page)
    {
        if (page >= _pages)
            return;
        var (row, at) = Locate(page);
        ref var cell = ref row[at];
        if (!cell.IsLeaf)
            return;
        var slots = Slots(cell);
        var relative = (int)(page - cell.First);
        var i = LastAtMost(slots, relative);
        if (i < 0 || slots[i].At == relative || !Covers(slots[i], relative))
            return;
        var (run, before) = (slots[i], relative - slots[i].At);
        slots[i] = IndexSlot.ZeroRun(run.At, run.Location.Segment, before);
        Insert(page, IndexSlot.ZeroRun(relative, run.Location.Segment, run.RunPages - before));
    }

    /// <summary>Adds a slot for a page of a leaf that has none for it.</summary>
    private void Insert(long page, IndexSlot slot)
    {
        var (row, at) = Locate(page);
        if (row[at].Count == LeafSlots)
        {
            SplitLeaf(row, at, page);
            (row, at) = Locate(page);
        }
        ref var cell = ref row[at];
        slot.At = (int)(page - cell.First);
        var position = LastAtMost(Slots(cell), slot.At) + 1;
        Resize(ref cell, cell.Count + 1);
        var slots = Slots(cell);
        slots[position..^1].CopyTo(slots[(position + 1)..]);
        slots[position] = slot;
    }

    // A leaf that is filled in order stays full; any other is halved.
    private void SplitLeaf(CellRow row, int at, long page)
    {
        ref var cell = ref row[at];
        var slots = Slots(cell);
        var isBehind = page - cell.First > slots[^1].At;
        var from = isBehind ? LeafSlots : LeafSlots / 2;
        var first = isBehind ? page : cell.First + slots[from].At;
        var fresh = new Cell(first, _leaves[ClassOf(LeafSlots - from)].Take()) { Count = LeafSlots - from };
        var moved = Slots(fresh);
        slots[from..].CopyTo(moved);
        foreach (ref var slot in moved)
            slot.At -= (int)(first - cell.First);
        Resize(ref cell, from);
        InsertCell(row, at + 1, fresh);
    }

    private void RemoveSlots(ref Cell cell, int from, int to)
    {
        if (from >= to)
            return;
        var slots = Slots(cell);
        foreach (var slot in slots[from..to])
            Displace(slot);
        slots[to..].CopyTo(slots[from..]);
        Resize(ref cell, cell.Count - (to - from));
    }

    private void Resize(ref Cell cell, int count)
    {
        var (before, after) = (ClassOf(cell.Count), ClassOf(count));
        if (before != after)
        {
            var item = _leaves[after].Take();
            _leaves[before][cell.Leaf][..Math.Min(cell.Count, count)].CopyTo(_leaves[after][item]);
            _leaves[before].Free(cell.Leaf);
            cell.Leaf = item;
        }
        cell.Count = count;
    }

    /// <param name="row">The one that <see cref="Locate"/> has just found.</param>
    private void InsertCell(CellRow row, int at, Cell cell)
    {
        if (row.IsFull)
        {
            var second = row.Split();
            _rows.Insert(_lastRow + 1, second);
            if (at > row.Count)
                (row, at) = (second, at - row.Count);
        }
        row.Insert(at, cell);
        _rowBytes = (long)_rows.Count * CellRow.Bytes;
    }
}
