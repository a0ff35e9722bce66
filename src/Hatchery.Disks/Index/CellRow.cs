namespace Hatchery.Disks;

/// <summary>A part of the disk, up to the next cell: unknown, zeroes, or a leaf's.</summary>
/// <param name="First">Its first page.</param>
/// <param name="Leaf">A leaf's item in the slab of its size; -1: unknown; below: zeroes.</param>
internal record struct Cell(long First, int Leaf)
{
    private const int FirstZeroes = -2;

    /// <summary>Of a leaf: its slots.</summary>
    public int Count { get; set; }

    public readonly bool IsLeaf => Leaf >= 0;

    public readonly bool IsZeroes => Leaf <= FirstZeroes;

    public readonly int ZeroSegment => FirstZeroes - Leaf;

    public static Cell Zeroes(long first, int segment) => new(first, FirstZeroes - segment);
}

/// <summary>Up to 128 cells, in the order of the disk.</summary>
internal sealed class CellRow(Cell first)
{
    public const int Bytes = (CellsMax * 16) + 64;

    private const int CellsMax = 128;

    private Cell[] _cells = [first];

    public int Count { get; private set; } = 1;

    public bool IsFull => Count == CellsMax;

    public long First { get; } = first.First;

    public ref Cell this[int at] => ref _cells[at];

    public int LastAtMost(long page)
    {
        var (low, high) = (0, Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_cells[middle].First <= page)
                low = middle;
            else
                high = middle - 1;
        }
        return low;
    }

    public void Insert(int at, Cell cell)
    {
        if (Count == _cells.Length)
            Array.Resize(ref _cells, Math.Min(Count * 2, CellsMax));
        Array.Copy(_cells, at, _cells, at + 1, Count - at);
        _cells[at] = cell;
        Count++;
    }

    public void RemoveAt(int at) => Array.Copy(_cells, at + 1, _cells, at, --Count - at);

    /// <summary>Gives the upper half away.</summary>
    public CellRow Split()
    {
        var half = Count / 2;
        var upper = new CellRow(_cells[half]) { _cells = new Cell[CellsMax], Count = Count - half };
        Array.Copy(_cells, half, upper._cells, 0, upper.Count);
        Count = half;
        return upper;
    }
}
