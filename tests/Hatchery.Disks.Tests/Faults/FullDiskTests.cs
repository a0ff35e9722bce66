using Hatchery.Testing;

namespace Hatchery.Disks.Tests;

/// <summary>A file system of 8 MiB, really full.</summary>
public sealed class FullDiskTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();

    public async Task InitializeAsync()
    {
        if (MountFactAttribute.Reason is null)
            Assert.Equal(
                0,
                (await Tool.RunAsync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", _folder.Path])).ExitCode
            );
    }

    public async Task DisposeAsync()
    {
        if (MountFactAttribute.Reason is null)
            await Tool.RunAsync("umount", [_folder.Path]);
        _folder.Dispose();
    }

    [MountFact]
    public async Task A_full_file_system_refuses_writes_until_there_is_room_and_loses_none_that_it_took()
    {
        using var images = new TempFolder();
        await File.WriteAllBytesAsync(images["disk"], new byte[32 << 20]);
        using var image = BaseImage.Open(images["disk"], default).Value!;
        await File.WriteAllBytesAsync(_folder["ballast"], new byte[2 << 20]);
        using var store = Store.Open(_folder.Path).Value!;
        var layer = new LayerId(Guid.NewGuid());
        var cache = store.CreateCache(image, default, default, default, new(1), layer).Value!;
        var expected = new byte[32 << 20];
        var taken = await FillAsync(cache, expected, 0);
        Assert.InRange(taken, 60, 100);
        Assert.Equal(DiskStatus.Ok, await cache.FlushAsync());
        Assert.Equal(DiskStatus.NoSpace, await cache.WriteAsync(0, new byte[64 << 10], CancellationToken.None));
        Assert.False(store.HasRoom());
        Assert.True(SimulatedCache.ReadAll(cache).AsSpan().SequenceEqual(expected));

        File.Delete(_folder["ballast"]);
        Assert.True(store.HasRoom());
        Assert.InRange(await FillAsync(cache, expected, taken), 25, 40);
        await cache.DisposeAsync();
        await using var again = store.OpenCache(image, layer, new(1)).Value!;
        Assert.True(SimulatedCache.ReadAll(again).AsSpan().SequenceEqual(expected));
    }

    [MountFact]
    public async Task Devices_leave_the_reserve_free_and_go_on_when_there_is_room_again()
    {
        const long ReserveBytes = 2 << 20;
        using var images = new TempFolder();
        await File.WriteAllBytesAsync(images["disk"], new byte[32 << 20]);
        using var image = BaseImage.Open(images["disk"], default).Value!;
        await File.WriteAllBytesAsync(_folder["ballast"], new byte[2 << 20]);
        var said = new List<StoreFault>();
        using var store = Store.Open(_folder.Path, new() { ReserveBytes = ReserveBytes }, said.Add).Value!;
        await using var one = store.CreateCache(image, default, default, default, new(1), new(Guid.NewGuid())).Value!;
        await using var two = store.CreateCache(image, default, default, default, new(1), new(Guid.NewGuid())).Value!;
        var expected = new byte[32 << 20];
        var taken = await FillAsync(one, expected, 0);
        Assert.InRange(store.FreeBytes, ReserveBytes - (256 << 10), ReserveBytes + (256 << 10));
        Assert.Equal(DiskStatus.NoSpace, await two.WriteAsync(0, new byte[256 << 10], CancellationToken.None));
        Assert.Equal(DiskStatus.Ok, await one.FlushAsync());
        Assert.All(said, fault => Assert.Equal(StoreFaultKind.NoSpace, fault.Kind));
        Assert.NotEmpty(said);

        File.Delete(_folder["ballast"]);
        Assert.InRange(await FillAsync(one, expected, taken), 20, 40);
        Assert.InRange(store.FreeBytes, ReserveBytes - (256 << 10), ReserveBytes + (256 << 10));
    }

    [MountFact]
    public async Task An_import_that_does_not_fit_is_refused_before_it_begins()
    {
        using var images = new TempFolder();
        await File.WriteAllBytesAsync(images["disk"], [.. Enumerable.Repeat((byte)1, 9 << 20)]);
        using var store = Store.Open(_folder.Path).Value!;
        var outcome = await store.ImportImageAsync(new(default, "big", images["disk"], "raw"), TimeProvider.System);
        Assert.Equal(StoreFaultKind.NoSpace, outcome.Fault!.Kind);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["images"]));
    }

    private static async Task<int> FillAsync(WriteCache cache, byte[] expected, int from)
    {
        for (var piece = from; ; piece++)
        {
            var data = new byte[64 << 10];
            data.AsSpan().Fill((byte)(piece + 1));
            var status = await cache.WriteAsync(piece * 65536L, data, CancellationToken.None);
            if (status != DiskStatus.Ok)
            {
                Assert.Equal(DiskStatus.NoSpace, status);
                return piece - from;
            }
            data.CopyTo(expected, piece * 65536);
        }
    }
}

/// <summary>A test that mounts a file system; it is skipped where the process may not.</summary>
internal sealed class MountFactAttribute : FactAttribute
{
    public MountFactAttribute() => Skip = Reason;

    public static string? Reason { get; } =
        OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess
            ? null
            : "needs root, to mount a small file system";
}
