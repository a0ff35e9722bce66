using System.Runtime.InteropServices;
using Hatchery.Testing;
using Microsoft.Win32.SafeHandles;

namespace Hatchery.Disks.Tests;

/// <summary>A store on an ext4 of its own, from which the disk is taken: every read and write of it fails from then on.</summary>
public sealed partial class LostStoreTests : IAsyncLifetime
{
    private const int ImageBytes = 4 << 20;

    private readonly TempFolder _folder = new();
    private readonly List<StoreFault> _said = [];
    private readonly LayerId _layer = new(Guid.NewGuid());

    private string Mounted => _folder["mounted"];

    public async Task InitializeAsync()
    {
        if (LoopFactAttribute.Reason is not null)
            return;
        Directory.CreateDirectory(Mounted);
        await File.WriteAllBytesAsync(_folder["disk"], new byte[ImageBytes]);
        await using (var device = File.Create(_folder["device"]))
            device.SetLength(64 << 20);
        await RunAsync("mkfs.ext4", "-q", _folder["device"]);
        await RunAsync("mount", "-o", "loop", _folder["device"], Mounted);
    }

    public async Task DisposeAsync()
    {
        if (LoopFactAttribute.Reason is null)
            await Tool.RunAsync("umount", [Mounted]);
        _folder.Dispose();
    }

    [LoopFact]
    public async Task Lost_store_ends_every_write_cache_says_so_once_and_has_after_a_restart_what_was_flushed()
    {
        var faults = new List<StoreFault>();
        using var image = BaseImage.Open(_folder["disk"], default).Value!;
        using (var store = Open())
        {
            var written = Create(store, image, _layer, faults);
            var idle = Create(store, image, new(Guid.NewGuid()), faults);
            using var copy = store.OpenCopy(new(Guid.NewGuid()))!;
            await WriteAsync(written, 1);
            Assert.Equal(DiskStatus.Ok, await written.FlushAsync());

            TakeDisk();
            Assert.Equal(DiskStatus.IoError, await written.WriteAsync(0, new byte[512], CancellationToken.None));
            // Whoever met it has it looked at, beside its own work.
            await Eventually.TrueAsync(() => idle.State == DiskStatus.IoError);
            Assert.Equal(StoreFaultKind.StoreLost, idle.Fault!.Kind);
            Assert.Contains("its disk fails: ", store.Loss!.Detail, StringComparison.Ordinal);
            Assert.Equal(store.Loss, Assert.Single(_said));
            Assert.Equal([StoreFaultKind.IoError, StoreFaultKind.StoreLost], faults.Select(f => f.Kind));

            Assert.Equal((0, 0, 0), (store.ListImages().Count, store.ListCaches().Count, store.ListReplicas().Count));
            Assert.Equal(0, store.Usage.FreeBytes);
            Assert.Equal(
                StoreFaultKind.StoreLost,
                store.CreateCache(image, default, default, default, new(1), new(Guid.NewGuid())).Fault!.Kind
            );
            Assert.Equal(StoreFaultKind.StoreLost, store.OpenChain(default, [_layer]).Fault!.Kind);
            Assert.True(copy.IsOutOfReach);
            Assert.Null(await copy.PromiseAsync(new(1)));
            store.LookAtDisk();
            Assert.Single(_said);
            await written.DisposeAsync();
            await idle.DisposeAsync();
        }

        await RunAsync("umount", Mounted);
        await RunAsync("mount", "-o", "loop", _folder["device"], Mounted);
        using var again = Open();
        Assert.Null(again.LookAtDisk());
        await using var found = again.OpenCache(image, _layer, new(2)).Value!;
        Assert.Equal(1, SimulatedCache.ReadAll(found)[0]);
    }

    [LoopFact]
    public async Task Failing_sync_shows_that_the_store_is_lost()
    {
        using var image = BaseImage.Open(_folder["disk"], default).Value!;
        using var store = Open();
        await using var cache = Create(store, image, _layer, []);
        await WriteAsync(cache, 1);
        TakeDisk();
        Assert.Equal(DiskStatus.IoError, await cache.FlushAsync());
        await Eventually.TrueAsync(() => store.Loss is not null);
    }

    [LoopFact]
    public async Task Failing_read_of_an_image_shows_that_the_store_is_lost_and_calls_no_image_damaged()
    {
        using var store = Open();
        var imported = await store.ImportImageAsync(new(_layer, "disk", _folder["disk"], "raw"), TimeProvider.System);
        using var image = store.OpenImage(_layer).Value!;
        TakeDisk();
        Assert.Equal(DiskStatus.IoError, image.Read(0, new byte[4096], out var fault));
        store.Note(fault!);
        await Eventually.TrueAsync(() => store.Loss is not null);
        Assert.Empty(store.Damaged);
        Assert.False(store.Holds(_layer));
        Assert.False(store.HoldsChain(_layer));
        var checkedAs = await store.CheckImageAsync(_layer, imported.Value!.Sha256, TimeProvider.System);
        Assert.Equal(StoreFaultKind.StoreLost, checkedAs.Fault!.Kind);
    }

    [LoopFact]
    public async Task Store_whose_folder_is_gone_is_lost_though_its_open_files_are_there_and_is_back_when_it_is_there_again()
    {
        using var image = BaseImage.Open(_folder["disk"], default).Value!;
        using var store = Open();
        await using var cache = Create(store, image, _layer, []);
        await WriteAsync(cache, 1);
        Directory.Move(Mounted + "/store", Mounted + "/away");
        Assert.Contains("its folder is not there any more", store.LookAtDisk()!.Detail, StringComparison.Ordinal);
        Directory.CreateDirectory(Mounted + "/store");
        await File.WriteAllTextAsync(Mounted + "/store/lock", "");
        Assert.NotNull(store.LookAtDisk());
        Assert.Equal(DiskStatus.IoError, cache.State);
        Directory.Delete(Mounted + "/store", recursive: true);
        Directory.Move(Mounted + "/away", Mounted + "/store");
        Assert.Null(store.LookAtDisk());
        await using var other = Create(store, image, new(Guid.NewGuid()), []);
        await WriteAsync(other, 1);
    }

    [LoopFact]
    public async Task Full_disk_is_not_a_lost_one()
    {
        using var store = Open();
        await File.WriteAllBytesAsync(Mounted + "/ballast", new byte[1]);
        await RunAsync("fallocate", "-l", $"{store.FreeBytes}", Mounted + "/ballast");
        Assert.Null(store.LookAtDisk());
    }

    private Store Open() => Store.Open(Mounted + "/store", onTrouble: _said.Add).Value!;

    private static WriteCache Create(Store store, BaseImage image, LayerId layer, List<StoreFault> faults) =>
        store
            .CreateCache(
                image,
                default,
                default,
                default,
                new(1),
                layer,
                new()
                {
                    OnFault = fault =>
                    {
                        lock (faults)
                            faults.Add(fault);
                    },
                }
            )
            .Value!;

    private static async Task WriteAsync(WriteCache cache, byte value)
    {
        var data = new byte[4096];
        data.AsSpan().Fill(value);
        Assert.Equal(DiskStatus.Ok, await cache.WriteAsync(0, data, CancellationToken.None));
    }

    /// <summary>What ext4 has for tests: from now on it answers everything with an error of the disk.</summary>
    private void TakeDisk()
    {
        const int ReadOnlyCloseOnExec = 0x80000;
        const nuint Shutdown = 0x8004587d; // EXT4_IOC_SHUTDOWN
        var withoutLog = 2;
        using var folder = new SafeFileHandle(OpenFolder(Mounted, ReadOnlyCloseOnExec), ownsHandle: true);
        Assert.Equal(0, Ioctl(folder, Shutdown, ref withoutLog));
    }

    private static async Task RunAsync(string tool, params string[] arguments)
    {
        var result = await Tool.RunAsync(tool, arguments);
        Assert.True(result.ExitCode == 0, result.Errors);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFolder(string path, int flags);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Ioctl(SafeFileHandle file, nuint request, ref int argument);
}

/// <summary>A test that mounts a file system from a file; it is skipped where the process may not.</summary>
internal sealed class LoopFactAttribute : FactAttribute
{
    public LoopFactAttribute() => Skip = Reason;

    public static string? Reason { get; } =
        MountFactAttribute.Reason
        ?? (File.Exists("/dev/loop-control") ? null : "needs loop devices")
        ?? (ToolFactAttribute.Find("mkfs.ext4") is null ? "needs mkfs.ext4" : null);
}
