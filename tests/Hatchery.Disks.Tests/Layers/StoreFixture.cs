using Hatchery.Testing;

namespace Hatchery.Disks.Tests;

/// <summary>A store on real files with one image of zeroes.</summary>
internal sealed class StoreFixture : IAsyncDisposable
{
    public const int DiskBytes = 64 << 20;

    private readonly TempFolder _folder = new();
    private readonly List<WriteCache> _caches = [];

    public StoreFixture(StoreLimits? limits = null)
    {
        using (var file = File.Create(_folder["disk"]))
            file.SetLength(DiskBytes);
        Image = BaseImage.Open(_folder["disk"], new(Guid.NewGuid())).Value!;
        Store = Store.Open(_folder["store"], limits, Said.Add).Value!;
    }

    public List<StoreFault> Said { get; } = [];

    public BaseImage Image { get; }

    public Store Store { get; }

    public WriteCache Create(WriteCacheOptions? options = null, IBlockReader? below = null)
    {
        var created = TryCreate(options, below);
        Assert.True(created.Fault is null, created.Fault?.ToString());
        return created.Value!;
    }

    public StoreOutcome<WriteCache> TryCreate(WriteCacheOptions? options = null, IBlockReader? below = null)
    {
        var created = Store.CreateCache(
            below ?? Image,
            default,
            new(Guid.NewGuid()),
            default,
            new(1),
            new(Guid.NewGuid()),
            options
        );
        if (created.Value is { } cache)
            _caches.Add(cache);
        return created;
    }

    public StoreOutcome<WriteCache> Reopen(
        WriteCache cache,
        WriteCacheOptions? options = null,
        IBlockReader? below = null
    )
    {
        var opened = Store.OpenCache(below ?? Image, cache.Layer, cache.Epoch.Next(), options);
        if (opened.Value is { } again)
            _caches.Add(again);
        return opened;
    }

    public string[] Segments(LayerId layer) =>
        [
            .. Directory
                .EnumerateFiles(Store.RootPath, "*.seg", SearchOption.AllDirectories)
                .Where(f => f.Contains(layer.ToString(), StringComparison.Ordinal))
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>Flips a bit of a file, as a disk does.</summary>
    public static void Flip(string path, long at)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        file.Position = at;
        var value = file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(value ^ 0x10));
    }

    /// <summary>Where in a file a text of 8 bytes lies.</summary>
    public static long Find(string path, ReadOnlySpan<byte> text) => File.ReadAllBytes(path).AsSpan().IndexOf(text);

    public async ValueTask DisposeAsync()
    {
        foreach (var cache in _caches)
            await cache.DisposeAsync();
        Store.Dispose();
        Image.Dispose();
        _folder.Dispose();
    }
}
