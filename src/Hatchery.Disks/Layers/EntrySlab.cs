namespace Hatchery.Disks;

/// <summary>Small arrays of equal length, many to one allocation.</summary>
internal sealed class EntrySlab(int entries)
{
    private const int ChunkItems = 512;

    private readonly List<ulong[]> _chunks = [];
    private int _free = -1;
    private int _used;

    public long MemoryBytes => (long)_chunks.Count * ChunkItems * entries * sizeof(ulong);

    public Span<ulong> this[int item] => _chunks[item / ChunkItems].AsSpan(item % ChunkItems * entries, entries);

    public int Take()
    {
        if (_free >= 0)
        {
            var item = _free;
            _free = (int)this[item][0] - 1;
            return item;
        }
        if (_used == _chunks.Count * ChunkItems)
            _chunks.Add(new ulong[ChunkItems * entries]);
        return _used++;
    }

    // A free item's first entry holds the number of the next free one, plus one.
    public void Free(int item)
    {
        this[item][0] = (ulong)(_free + 1);
        _free = item;
    }
}
