using System.Numerics;

namespace Hatchery.Disks;

/// <summary>Small arrays of equal length, many to one allocation of a few KiB; an allocation with none in use is given back.</summary>
internal sealed class SlotSlab(int slots)
{
    private const int ChunkBytesMax = 4 << 10;
    private const int SlotBytes = 12;
    private const int NoItem = -1;

    private readonly int _shift = BitOperations.Log2((uint)(ChunkBytesMax / (slots * SlotBytes)));
    private readonly Stack<int> _withRoom = [];
    private readonly Stack<int> _unused = [];
    private Chunk[] _chunks = [];
    private int _count;
    private int _allocated;

    public long MemoryBytes => (long)_allocated * slots * SlotBytes << _shift;

    public Span<IndexSlot> this[int item] =>
        _chunks[item >> _shift].Slots.AsSpan((item & ((1 << _shift) - 1)) * slots, slots);

    public int Take()
    {
        var at = ChunkWithRoom();
        ref var chunk = ref _chunks[at];
        var place = chunk.Free;
        if (place == NoItem)
            place = chunk.Reached++;
        else
            chunk.Free = chunk.Slots![place * slots].PartsItem - 1;
        chunk.Used++;
        return (at << _shift) | place;
    }

    public void Free(int item)
    {
        var (at, place) = (item >> _shift, item & ((1 << _shift) - 1));
        ref var chunk = ref _chunks[at];
        // A free item's first slot holds the number of the next free one, plus one.
        chunk.Slots![place * slots] = IndexSlot.Parts(chunk.Free + 1);
        chunk.Free = place;
        chunk.Used--;
        if (!chunk.IsListed)
        {
            _withRoom.Push(at);
            chunk.IsListed = true;
        }
        else if (chunk.Used == 0 && _withRoom.Peek() != at)
        {
            chunk.Slots = null;
            _allocated--;
            _unused.Push(at);
        }
    }

    // Chunks that were given back, or have become full, are taken off the list when it comes to them.
    private int ChunkWithRoom()
    {
        while (_withRoom.TryPeek(out var at))
        {
            ref var chunk = ref _chunks[at];
            if (chunk.Slots is not null && chunk.Used < 1 << _shift)
                return at;
            chunk.IsListed = false;
            _withRoom.Pop();
        }
        var fresh = Allocate();
        _withRoom.Push(fresh);
        return fresh;
    }

    private int Allocate()
    {
        if (!_unused.TryPop(out var at))
        {
            at = _count++;
            if (_count > _chunks.Length)
                Array.Resize(ref _chunks, Math.Max(4, _chunks.Length * 2));
        }
        _chunks[at] = new()
        {
            Slots = new IndexSlot[slots << _shift],
            Free = NoItem,
            IsListed = true,
        };
        _allocated++;
        return at;
    }

    private struct Chunk
    {
        public IndexSlot[]? Slots;
        public int Free;
        public int Reached;
        public int Used;
        public bool IsListed;
    }
}
