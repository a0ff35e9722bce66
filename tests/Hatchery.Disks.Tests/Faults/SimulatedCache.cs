namespace Hatchery.Disks.Tests;

/// <summary>A write cache on a simulated disk, opened as often as a test likes.</summary>
internal sealed class SimulatedCache(SimulatedFileSystem files, int sectors, WriteCacheOptions? options = null)
{
    public const string Folder = "/caches/one";

    public static CacheIdentity Identity(ZeroBase image) =>
        new(
            new(new Guid("00000000-0000-0000-0000-000000000001")),
            new(new Guid("00000000-0000-0000-0000-000000000002")),
            new(new Guid("00000000-0000-0000-0000-000000000003")),
            new(new Guid("00000000-0000-0000-0000-000000000004")),
            image.Layer,
            image.LengthBytes
        );

    private readonly ZeroBase _image = new(sectors * 512L);

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

    public StoreOutcome<WriteCache> Create()
    {
        Epoch = new(1);
        return WriteCache.Create(files, Folder, Identity(_image), Epoch, _options, _image);
    }

    public StoreOutcome<WriteCache> Reopen()
    {
        Epoch = Epoch.Next();
        return Open(Epoch);
    }

    public StoreOutcome<WriteCache> Open(Epoch epoch) =>
        WriteCache.Open(files, Folder, epoch, _options, Identity(_image).Layer, _image);

    public static byte[] ReadAll(WriteCache cache)
    {
        var bytes = new byte[cache.LengthBytes];
        Assert.Equal(DiskStatus.Ok, cache.Read(0, bytes));
        return bytes;
    }
}
