namespace Hatchery.Disks.Tests;

/// <summary>A write cache on a simulated disk, opened as often as a test likes, on top of an image of zeroes and of the layers that it was closed to.</summary>
internal sealed class SimulatedCache(SimulatedFileSystem files, int sectors, WriteCacheOptions? options = null)
{
    public const string Folder = "/caches/one";

    private readonly ZeroBase _image = new(sectors * 512L);
    private readonly List<string> _closed = [];
    private LayerChain? _chain;
    private int _layer;

    private readonly WriteCacheOptions _options =
        options
        ?? new()
        {
            SegmentSizeBytes = 48 << 10,
            UnsyncedMaxBytes = 96 << 10,
            Salt = () => 0x5eed,
        };

    public SimulatedFileSystem Files => files;

    public Epoch Epoch { get; private set; }

    public int ClosedLayers => _closed.Count;

    private IBlockReader Below => (IBlockReader?)_chain ?? _image;

    private string Current => _layer == 0 ? Folder : $"/caches/{_layer}";

    private CacheIdentity Identity =>
        new(
            new(new Guid("00000000-0000-0000-0000-000000000001")),
            new(new Guid("00000000-0000-0000-0000-000000000002")),
            new(new Guid("00000000-0000-0000-0000-000000000003")),
            new(new Guid($"00000000-0000-0000-0000-{4 + _layer:x12}")),
            Below.Layer,
            _image.LengthBytes
        );

    public StoreOutcome<WriteCache> Create()
    {
        Epoch = new(1);
        return WriteCache.Create(files, Current, Identity, Epoch, _options, Below);
    }

    public StoreOutcome<WriteCache> Reopen()
    {
        Epoch = Epoch.Next();
        return Open(Epoch);
    }

    public StoreOutcome<WriteCache> Open(Epoch epoch) =>
        WriteCache.Open(files, Current, epoch, _options, Identity.Layer, Below);

    /// <summary>What the cache has become: a layer below the next one.</summary>
    public void Closed()
    {
        _closed.Add(Current);
        _layer++;
    }

    /// <summary>The cache is of no use any more; the next one has another folder.</summary>
    public void Abandon()
    {
        foreach (var path in files.Paths.Where(p => Path.GetDirectoryName(p) == Current).ToList())
            files.Delete(path);
        _layer++;
    }

    /// <summary>Null, or why the closed layers cannot be opened.</summary>
    public StoreFault? OpenClosed()
    {
        _chain?.Dispose();
        _chain = null;
        if (_closed.Count == 0)
            return null;
        var opened = LayerChain.Open(files, _options.Files, _closed, _image);
        _chain = opened.Value;
        return opened.Fault;
    }

    public static byte[] ReadAll(WriteCache cache)
    {
        var bytes = new byte[cache.LengthBytes];
        Assert.Equal(DiskStatus.Ok, cache.Read(0, bytes));
        return bytes;
    }
}
