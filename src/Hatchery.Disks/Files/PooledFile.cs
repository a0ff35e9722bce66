namespace Hatchery.Disks;

/// <summary>A file of a <see cref="FilePool"/>: open while it is in use, and again when it is used again.</summary>
internal sealed class PooledFile : ISegmentFile
{
    private readonly Lock _gate = new();
    private readonly FilePool _pool;
    private readonly IFileSystem _files;
    private readonly string _path;
    private readonly bool _isWritten;
    private ISegmentFile? _file;
    private volatile bool _isUsed = true;
    private volatile bool _isDisposed;
    private long _writes;
    private long _synced;

    public PooledFile(FilePool pool, IFileSystem files, string path, ISegmentFile file, bool isWritten)
    {
        (_pool, _files, _path, _file, _isWritten) = (pool, files, path, file, isWritten);
        pool.Opened(this);
    }

    /// <summary>The pool's own.</summary>
    public LinkedListNode<PooledFile>? Place { get; set; }

    public long Length => Use(file => file.Length);

    private bool HasUnsynced => Interlocked.Read(ref _writes) != Interlocked.Read(ref _synced);

    public int Read(Span<byte> destination, long offset)
    {
        while (true)
            try
            {
                return Open().Read(destination, offset);
            }
            catch (ObjectDisposedException) when (!_isDisposed)
            {
                // Closed by the pool at this very moment.
            }
    }

    public void Write(IReadOnlyList<ReadOnlyMemory<byte>> buffers, long offset)
    {
        Interlocked.Increment(ref _writes);
        while (true)
            try
            {
                Open().Write(buffers, offset);
                return;
            }
            catch (ObjectDisposedException) when (!_isDisposed)
            {
                // As above.
            }
    }

    public void Truncate(long length)
    {
        Interlocked.Increment(ref _writes);
        Use(file =>
        {
            file.Truncate(length);
            return 0L;
        });
    }

    public void Sync()
    {
        var writes = Interlocked.Read(ref _writes);
        Use(file =>
        {
            file.Sync();
            return 0L;
        });
        // Two may sync at once; the one that saw more counts.
        for (var seen = Interlocked.Read(ref _synced); seen < writes; seen = Interlocked.Read(ref _synced))
            Interlocked.CompareExchange(ref _synced, writes, seen);
    }

    public void Dispose()
    {
        _isDisposed = true;
        lock (_gate)
            Interlocked.Exchange(ref _file, null)?.Dispose();
        _pool.Closed(this);
    }

    /// <summary>False when it was used since it was last asked, or has to stay open.</summary>
    internal bool TryClose()
    {
        if (_isUsed || HasUnsynced)
        {
            _isUsed = false;
            return false;
        }
        if (Interlocked.Exchange(ref _file, null) is not { } file)
            return true;
        if (HasUnsynced && Interlocked.CompareExchange(ref _file, file, null) is null)
            return false;
        // A call that is under way ends first: the handle is counted.
        file.Dispose();
        return true;
    }

    private long Use(Func<ISegmentFile, long> call)
    {
        while (true)
            try
            {
                return call(Open());
            }
            catch (ObjectDisposedException) when (!_isDisposed)
            {
                // As above.
            }
    }

    private ISegmentFile Open()
    {
        if (!_isUsed)
            _isUsed = true;
        return Volatile.Read(ref _file) ?? OpenAgain();
    }

    private ISegmentFile OpenAgain()
    {
        ISegmentFile? opened;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (Volatile.Read(ref _file) is { } other)
                return other;
            opened = _isWritten ? _files.OpenWrite(_path) : _files.OpenRead(_path);
            Volatile.Write(ref _file, opened);
        }
        _pool.Opened(this);
        if (_isDisposed)
            _pool.Closed(this);
        return opened;
    }
}
