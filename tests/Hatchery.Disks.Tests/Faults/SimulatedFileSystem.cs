namespace Hatchery.Disks.Tests;

/// <summary>
/// Files in memory with a page cache before a disk. A kill keeps the cache; a loss of power keeps what was synced, and of
/// the rest any sectors in any order. Deterministic by its seed, as long as one thread uses it at a time.
/// </summary>
internal sealed class SimulatedFileSystem(Random random) : IFileSystem
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SimulatedFile> _names = new();
    private readonly List<(string Folder, string Name, SimulatedFile? File)> _unsyncedNames = [];
    private Dictionary<string, SimulatedFile> _durableNames = new();
    private int _operations;

    public Guid HostRun { get; private set; } = NewRun(random);

    /// <summary>The operation, counted from now, in the middle of which the process dies; later ones fail.</summary>
    public int? DiesAt { get; set; }

    /// <summary>All files together hold no more than this.</summary>
    public long SpaceBytes { get; set; } = long.MaxValue;

    /// <summary>The next sync fails, and what it should have written is dropped from the cache, as Linux does.</summary>
    public bool NextSyncFails { get; set; }

    public bool EveryTruncateFails { get; set; }

    /// <summary>Called before each write, outside all locks of the file system.</summary>
    public Action? BeforeWrite { get; set; }

    /// <summary>Called before each sync of a file, outside all locks of the file system.</summary>
    public Action? BeforeSync { get; set; }

    public bool IsDead { get; private set; }

    public int Syncs { get; private set; }

    public int FailedSyncs { get; set; }

    /// <summary>Files that are open.</summary>
    public int Handles { get; set; }

    public long UsedBytes => Locked(() => _names.Values.Sum(f => (long)f.CachedLength));

    /// <summary>A new process on the same host.</summary>
    public void Restart() => (IsDead, DiesAt, _operations, SpaceBytes) = (false, null, 0, long.MaxValue);

    /// <summary>A new run of the host, on what the disk kept.</summary>
    public void LosePower()
    {
        var kept = random.Next(_unsyncedNames.Count + 1);
        foreach (var (_, name, file) in _unsyncedNames[..kept])
            Apply(_durableNames, name, file);
        _unsyncedNames.Clear();
        _names.Clear();
        foreach (var (name, file) in _durableNames)
            _names[name] = file;
        foreach (var file in _names.Values.Distinct())
            file.LosePower(random);
        HostRun = NewRun(random);
        Restart();
    }

    /// <summary>A file's bytes as the page cache has them.</summary>
    public byte[] Bytes(string path) => Locked(() => _names[path].Cached());

    public void SetBytes(string path, byte[] bytes) => _names[path].Reset(bytes);

    public IEnumerable<string> Paths => _names.Keys.Order(StringComparer.Ordinal);

    public ISegmentFile Create(string path)
    {
        lock (_gate)
        {
            Step();
            var file = new SimulatedFile(this);
            Name(path, file);
            return Opened(file);
        }
    }

    public ISegmentFile OpenRead(string path) => Opened(Find(path));

    public ISegmentFile OpenWrite(string path) => Opened(Find(path));

    public bool Exists(string path) => _names.ContainsKey(path);

    public void CreateFolder(string path) { }

    public IReadOnlyList<string> List(string folder) =>
        [.. _names.Keys.Where(n => Path.GetDirectoryName(n) == folder).Select(n => Path.GetFileName(n))];

    public void Rename(string from, string to)
    {
        lock (_gate)
        {
            Step();
            var file = Find(from);
            // One operation of the disk: never a moment with neither name.
            Name(to, file);
            Name(from, null);
        }
    }

    public void Delete(string path)
    {
        lock (_gate)
        {
            Step();
            Name(path, null);
        }
    }

    public void SyncFolder(string path)
    {
        lock (_gate)
        {
            Step();
            foreach (var (_, name, file) in _unsyncedNames.Where(u => u.Folder == path))
                Apply(_durableNames, name, file);
            _unsyncedNames.RemoveAll(u => u.Folder == path);
        }
    }

    internal void Write(SimulatedFile file, IReadOnlyList<ReadOnlyMemory<byte>> buffers, long offset)
    {
        if (!IsDead)
            BeforeWrite?.Invoke();
        lock (_gate)
        {
            var bytes = Joined(buffers);
            var dies = CountsDown();
            var room = SpaceBytes - UsedBytes + Math.Max(0, file.CachedLength - offset);
            var length = dies ? random.Next(bytes.Length + 1) : bytes.Length;
            file.Put(bytes.AsSpan(0, (int)Math.Clamp(room, 0, length)), offset);
            WriteBackSome(file);
            if (dies)
                throw Dead();
            if (room < bytes.Length)
                throw FileErrors.NoSpace("simulated disk");
        }
    }

    internal void Sync(SimulatedFile file)
    {
        if (!IsDead)
            BeforeSync?.Invoke();
        lock (_gate)
        {
            Syncs++;
            if (CountsDown())
            {
                WriteBackSome(file);
                throw Dead();
            }
            if (NextSyncFails)
            {
                NextSyncFails = false;
                FailedSyncs++;
                file.DropUnsynced(random);
                throw new IOException("simulated disk: input/output error");
            }
            file.Sync();
        }
    }

    internal void Truncate(SimulatedFile file, long length)
    {
        lock (_gate)
        {
            Step();
            if (EveryTruncateFails)
                throw new IOException("simulated disk: input/output error");
            file.Cut(length);
        }
    }

    internal T Locked<T>(Func<T> read)
    {
        lock (_gate)
            return read();
    }

    private void WriteBackSome(SimulatedFile file)
    {
        if (random.Next(4) == 0)
            file.WriteBackSome(random);
    }

    private ISegmentFile Opened(SimulatedFile file)
    {
        Handles++;
        return file.Open();
    }

    private void Step()
    {
        if (CountsDown())
            throw Dead();
    }

    private bool CountsDown()
    {
        if (IsDead)
            throw Dead();
        IsDead = ++_operations == DiesAt;
        return IsDead;
    }

    private void Name(string path, SimulatedFile? file)
    {
        Apply(_names, path, file);
        _unsyncedNames.Add((Path.GetDirectoryName(path)!, path, file));
    }

    private SimulatedFile Find(string path) =>
        _names.TryGetValue(path, out var file) ? file : throw new FileNotFoundException(path);

    private static void Apply(Dictionary<string, SimulatedFile> names, string name, SimulatedFile? file)
    {
        if (file is null)
            names.Remove(name);
        else
            names[name] = file;
    }

    internal static byte[] Joined(IReadOnlyList<ReadOnlyMemory<byte>> buffers)
    {
        var bytes = new byte[buffers.Sum(b => b.Length)];
        var at = 0;
        foreach (var buffer in buffers)
        {
            buffer.CopyTo(bytes.AsMemory(at));
            at += buffer.Length;
        }
        return bytes;
    }

    private static Guid NewRun(Random random)
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        return new(bytes);
    }

    private static IOException Dead() => new("the process is dead");
}
