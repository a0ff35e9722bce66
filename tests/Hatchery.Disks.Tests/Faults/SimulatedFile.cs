namespace Hatchery.Disks.Tests;

/// <summary>One file: what the page cache has, what the disk has, and which sectors differ.</summary>
internal sealed class SimulatedFile(SimulatedFileSystem files)
{
    private const int SectorBytes = 512;

    private readonly SortedSet<int> _dirty = [];
    private byte[] _cached = new byte[SectorBytes];
    private byte[] _disk = [];
    private int _diskLength;

    public int CachedLength { get; private set; }

    public ISegmentFile Open() => new Handle(files, this);

    public byte[] Cached() => _cached[..CachedLength];

    public void Reset(byte[] bytes)
    {
        (_cached, CachedLength) = (bytes.ToArray(), bytes.Length);
        Sync();
    }

    public int Read(Span<byte> destination, long offset)
    {
        var count = (int)Math.Clamp(CachedLength - offset, 0, destination.Length);
        _cached.AsSpan((int)Math.Min(offset, CachedLength), count).CopyTo(destination);
        return count;
    }

    public void Put(ReadOnlySpan<byte> bytes, long offset)
    {
        var end = (int)offset + bytes.Length;
        if (end > _cached.Length)
            Array.Resize(ref _cached, Math.Max(end, _cached.Length * 2));
        bytes.CopyTo(_cached.AsSpan((int)offset));
        CachedLength = Math.Max(CachedLength, end);
        for (var sector = (int)offset / SectorBytes; sector * SectorBytes < end; sector++)
            _dirty.Add(sector);
    }

    public void Cut(long length)
    {
        _cached.AsSpan((int)length).Clear();
        CachedLength = (int)length;
    }

    public void Sync()
    {
        _disk = Cached();
        _diskLength = CachedLength;
        _dirty.Clear();
    }

    /// <summary>The kernel writes back when it likes, whole pages or not, in any order.</summary>
    public void WriteBackSome(Random random)
    {
        foreach (var sector in _dirty.Where(_ => random.Next(2) == 0).ToList())
            WriteBack(sector);
    }

    /// <summary>After a failed sync pages count as clean, whether the disk has them or not.</summary>
    public void DropUnsynced(Random random)
    {
        WriteBackSome(random);
        _dirty.Clear();
    }

    public void LosePower(Random random)
    {
        WriteBackSome(random);
        // The length is a piece of metadata of its own: it may be older than the data, or newer.
        var shortest = Math.Min(_diskLength, CachedLength);
        var longest = Math.Max(_diskLength, CachedLength);
        var length = random.Next(3) switch
        {
            0 => _diskLength,
            1 => CachedLength,
            _ => random.Next(shortest, longest + 1),
        };
        Array.Resize(ref _disk, length);
        Reset(_disk);
    }

    private void WriteBack(int sector)
    {
        _dirty.Remove(sector);
        var at = sector * SectorBytes;
        var count = Math.Min(SectorBytes, CachedLength - at);
        if (count <= 0)
            return;
        if (_disk.Length < at + count)
            Array.Resize(ref _disk, at + count);
        _cached.AsSpan(at, count).CopyTo(_disk.AsSpan(at));
        _diskLength = Math.Max(_diskLength, at + count);
    }

    private sealed class Handle(SimulatedFileSystem files, SimulatedFile file) : ISegmentFile
    {
        private bool _isClosed;

        public long Length => files.Locked(() => Opened().CachedLength);

        public int Read(Span<byte> destination, long offset)
        {
            var copy = new byte[destination.Length];
            var count = files.Locked(() => Opened().Read(copy, offset));
            copy.AsSpan(0, count).CopyTo(destination);
            return count;
        }

        public void Write(IReadOnlyList<ReadOnlyMemory<byte>> buffers, long offset) =>
            files.Write(Opened(), buffers, offset);

        public void Truncate(long length) => files.Truncate(Opened(), length);

        public void Sync() => files.Sync(Opened());

        public void Dispose()
        {
            if (!_isClosed)
                files.Handles--;
            _isClosed = true;
        }

        private SimulatedFile Opened()
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            return file;
        }
    }
}
