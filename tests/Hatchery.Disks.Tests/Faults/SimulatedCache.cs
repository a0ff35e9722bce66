namespace Hatchery.Disks.Tests;

/// <summary>A write cache on a simulated disk, opened as often as a test likes, on top of an image of zeroes and of the layers that it was closed to.</summary>
internal sealed class SimulatedCache(SimulatedFileSystem files, int sectors, WriteCacheOptions? options = null)
{
    public const string Folder = "/caches/one";

    private readonly ZeroBase _image = new(sectors * 512L);
    private readonly List<(LayerId Layer, string Path)> _closed = [];
    private IBlockReader? _chain;
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

    private IBlockReader Below => _chain ?? _image;

    private string Current => _layer == 0 ? Folder : $"/caches/{_layer}";

    private static FarmId Farm { get; } = new(new Guid("00000000-0000-0000-0000-000000000001"));

    private CacheIdentity Identity =>
        new(
            Farm,
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

    /// <summary>Makes a layer of the cache, which is not open, and perhaps of the layers below it, too; the next cache lies on that.</summary>
    /// <param name="merged">How many of the layers go in with it.</param>
    /// <returns>Null, or why it could not be read.</returns>
    /// <exception cref="IOException">It could not be written; then all is as it was.</exception>
    public StoreFault? Close(int merged)
    {
        var kept = _closed.Count - merged;
        using var source = new Layer(_image.LengthBytes / 512, _image);
        var slots = 0;
        for (var i = kept; i < _closed.Count; i++)
            if (FileOf(i).Load(files, _options.Files, source, ref slots) is { } unread)
                return unread;
        var load = new LayerLoad(files, _options.Files, Current);
        if ((load.Open() ?? load.Read(source, verifyMaxBytes: 0, slots)) is { } fault)
        {
            load.Dispose();
            return fault;
        }
        // Its id is its own: another attempt may come after this one.
        var layer = Identity.Layer;
        var identity = Identity with { Parent = kept == 0 ? _image.Layer : _closed[kept - 1].Layer };
        // Without a pace it does not wait for anything.
        if (
            LayerWriter.WriteAsync(files, "/tmp/layer", source, identity, _options).GetAwaiter().GetResult() is
            { } rotten
        )
            return rotten;
        files.Rename("/tmp/layer", $"/images/{_layer}");
        files.SyncFolder("/images");
        _closed.RemoveRange(kept, merged);
        _closed.Add((layer, $"/images/{_layer}"));
        _layer++;
        return null;
    }

    private LayerFile FileOf(int at) =>
        new(
            _closed[at].Path,
            Farm,
            _closed[at].Layer,
            at == 0 ? _image.Layer : _closed[at - 1].Layer,
            _image.LengthBytes
        );

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
        var opened = LayerChain.Open(
            files,
            _options.Files,
            Farm,
            [.. _closed.Select(c => (c.Layer, c.Path, _image.LengthBytes))],
            _image
        );
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
