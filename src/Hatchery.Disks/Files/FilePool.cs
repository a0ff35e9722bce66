namespace Hatchery.Disks;

/// <summary>
/// Keeps the number of open files bounded: the one that was not used for longest is closed, and opened again when it is needed.
/// A file with unsynced writes stays open, for closing it could hide that they failed. Thread-safe.
/// </summary>
internal sealed class FilePool(int openMax)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<PooledFile> _open = [];

    public static FilePool Unbounded { get; } = new(int.MaxValue);

    public int OpenMax => openMax;

    public int Open
    {
        get
        {
            lock (_gate)
                return _open.Count;
        }
    }

    public PooledFile Create(IFileSystem files, string path) =>
        new(this, files, path, files.Create(path), isWritten: true);

    public PooledFile OpenRead(IFileSystem files, string path) =>
        new(this, files, path, files.OpenRead(path), isWritten: false);

    internal void Opened(PooledFile file)
    {
        lock (_gate)
        {
            file.Place = _open.AddLast(file);
            // A second chance for those that were used since they were last looked at; two rounds find whatever can be closed.
            for (var looks = 2 * _open.Count; _open.Count > openMax && looks > 0; looks--)
            {
                var oldest = _open.First!;
                _open.Remove(oldest);
                if (oldest.Value != file && oldest.Value.TryClose())
                    oldest.Value.Place = null;
                else
                    _open.AddLast(oldest);
            }
        }
    }

    internal void Closed(PooledFile file)
    {
        lock (_gate)
            if (file.Place is { } place)
            {
                _open.Remove(place);
                file.Place = null;
            }
    }
}
