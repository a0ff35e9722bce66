using Hatchery.Disks;

namespace Hatchery.Benchmarks;

/// <summary>What a device gets in standard mode: an image and a fresh write cache on top, gone when disposed.</summary>
internal sealed class DeviceDisk : IAsyncDisposable
{
    private readonly string _folder;
    private readonly Store _store;
    private readonly BaseImage _image;

    public DeviceDisk(string imagePath, string folder)
    {
        _folder = folder;
        Directory.CreateDirectory(folder);
        _image = BaseImage.Open(imagePath, default).Value!;
        _store = Store.Open(folder).Value!;
        Disk = new(_store.CreateCache(_image, default, default, default, new(1), new(Guid.NewGuid())).Value!);
    }

    public OverlayDisk Disk { get; }

    public async ValueTask DisposeAsync()
    {
        await Disk.DisposeAsync();
        _store.Dispose();
        _image.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
