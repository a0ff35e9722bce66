using Microsoft.Win32.SafeHandles;

namespace Hatchery.Disks;

/// <summary>A folder of images and write caches, locked for one server as long as it is open. Thread-safe.</summary>
public sealed partial class Store : IDisposable
{
    private const int WouldBlock = 11; // EWOULDBLOCK

    private readonly IFileSystem _files;
    private readonly SafeFileHandle _lock;

    private readonly StoreSpace _space;
    private readonly FilePool _pool;
    private readonly IndexBudget _indexes;
    private readonly StoreHealth _disk;
    private readonly Action<StoreFault>? _onTrouble;

    private Store(
        string path,
        IFileSystem files,
        SafeFileHandle @lock,
        StoreLimits limits,
        Action<StoreFault>? onTrouble
    )
    {
        (RootPath, _files, _lock, Limits, _onTrouble) = (path, files, @lock, limits, onTrouble);
        _disk = new(path, LockIn(path), files, Lost);
        _space = new(path, limits, RoomBytes, SegmentBytesIn(CachesPath), onTrouble);
        LoadDamage();
        (_pool, _indexes) = (new(limits.OpenFilesMax), new(limits.IndexMemoryMaxBytes));
    }

    public string RootPath { get; }

    public StoreLimits Limits { get; }

    public StoreUsage Usage =>
        new(
            _space.UsedBytes,
            Loss is null ? RoomBytes() : 0,
            _space.Level,
            OpenCaches.Count,
            _pool.Open,
            _indexes.UsedBytes,
            Limits
        );

    /// <summary>Bytes that a new file could still get.</summary>
    public long FreeBytes => new DriveInfo(RootPath).AvailableFreeSpace;

    /// <summary>One folder an image, named by its layer.</summary>
    public string ImagesPath => Path.Combine(RootPath, "images");

    private string CachesPath => Path.Combine(RootPath, "caches");

    private string TemporaryPath => Path.Combine(RootPath, "tmp");

    /// <summary>Opens a store, or makes an empty folder one; of what an earlier server left, only interrupted transfers stay for a while.</summary>
    /// <param name="onTrouble">
    /// Told, on any thread and as often as it happens, that devices' writes are refused for want of space, or soon will be, or that
    /// a cache, or all of the store, is lost.
    /// </param>
    /// <param name="keepInterrupted">How long since their last progress interrupted imports and exports wait to be continued; null: <see cref="KeepInterrupted"/>.</param>
    public static StoreOutcome<Store> Open(
        string path,
        StoreLimits? limits = null,
        Action<StoreFault>? onTrouble = null,
        TimeSpan? keepInterrupted = null,
        TimeProvider? time = null
    )
    {
        try
        {
            path = Path.GetFullPath(path);
            foreach (var folder in (string[])["images", "caches", "tmp"])
                Directory.CreateDirectory(Path.Combine(path, folder));
            SafeFileHandle handle;
            try
            {
                handle = File.OpenHandle(LockIn(path), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException taken) when (taken.HResult == WouldBlock)
            {
                return new StoreFault(StoreFaultKind.InUse, path, "another server uses this store");
            }
            Sweep(
                Path.Combine(path, "tmp"),
                (time ?? TimeProvider.System).GetUtcNow() - (keepInterrupted ?? KeepInterrupted)
            );
            HostFileSystem.Instance.SyncFolder(path);
            return new Store(path, HostFileSystem.Instance, handle, limits ?? new(), onTrouble);
        }
        catch (IOException error)
        {
            return StoreFault.From(error, path);
        }
        catch (UnauthorizedAccessException error)
        {
            return new StoreFault(StoreFaultKind.IoError, path, error.Message);
        }
    }

    private static string LockIn(string path) => Path.Combine(path, "lock");

    private static long SegmentBytesIn(string folder) =>
        new DirectoryInfo(folder).EnumerateFiles("*.seg", SearchOption.AllDirectories).Sum(f => f.Length);

    public void Dispose() => _lock.Dispose();
}
