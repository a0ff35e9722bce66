using Hatchery.Devices;
using Hatchery.Disks;
using Hatchery.Mirroring;
using Hatchery.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hatchery.Streaming.Tests;

public sealed class StoreSessionDisksTests : IAsyncLifetime
{
    private const int ImageBytes = 1 << 20;
    private readonly TempFolder _folder = new();
    private readonly LayerId _image = new(Guid.NewGuid());
    private readonly FarmId _farm = new(Guid.NewGuid());
    private readonly byte[] _content = new byte[ImageBytes];
    private Store _store = null!;
    private LoneMirrors _mirrors = null!;
    private StoreSessionDisks _disks = null!;

    public async Task InitializeAsync()
    {
        new Random(7).NextBytes(_content);
        await File.WriteAllBytesAsync(_folder["disk"], _content);
        _store = Store.Open(_folder["store"]).Value!;
        if (ToolFactAttribute.Find("qemu-img") is not null)
            Assert.NotNull(
                (await _store.ImportImageAsync(new(_image, "debian", _folder["disk"], "raw"), new ManualTime())).Value
            );
        _mirrors = new(_store);
        _disks = Disks(WriteCacheOptions.Default);
    }

    public async Task DisposeAsync()
    {
        await _mirrors.DisposeAsync();
        _store.Dispose();
        _folder.Dispose();
    }

    [ToolFact("qemu-img")]
    public async Task Devices_share_an_image_and_write_to_caches_of_their_own()
    {
        await using var one = await _disks.OpenAsync(NewBoot(), CancellationToken.None);
        await using var two = await _disks.OpenAsync(NewBoot(), CancellationToken.None);
        Assert.Equal(DiskStatus.Ok, await one.Disk.WriteAsync(4096, Block(0xA5)));
        Assert.Equal(Block(0xA5), await ReadAsync(one.Disk, 4096));
        Assert.Equal(_content[4096..8192], await ReadAsync(two.Disk, 4096));
    }

    [ToolFact("qemu-img")]
    public async Task Device_that_has_its_write_cache_itself_reads_the_image_and_makes_nothing_here()
    {
        var boot = NewBoot() with { Cache = LayerId.None };
        var disk = await _disks.OpenAsync(boot, CancellationToken.None);
        Assert.True(disk.Disk.IsReadOnly);
        Assert.Equal(_content[..4096], await ReadAsync(disk.Disk, 0));
        Assert.Equal(DiskStatus.ReadOnly, await disk.Disk.WriteAsync(0, Block(0xA5)));
        Assert.Equal(DiskStatus.ReadOnly, await disk.Disk.ZeroAsync(0, 4096));
        Assert.Equal((0, 1), (_disks.Rows.Count(), _disks.Copies.Count()));
        Assert.True(await disk.ConfirmAsync(CancellationToken.None));
        // Where it goes on nothing is counted or copied.
        await using var second = await _disks.OpenAsync(
            boot with
            {
                IsNewBoot = false,
                Epoch = boot.Epoch.Next(),
            },
            CancellationToken.None
        );
        await disk.DisposeAsync();
        await disk.DisposeAsync();
        Assert.Equal(_content[..4096], await ReadAsync(second.Disk, 0));
        Assert.Empty(_store.ListCaches());
    }

    [ToolFact("qemu-img")]
    public async Task Image_is_closed_with_its_last_user_and_not_before()
    {
        var one = await _disks.OpenAsync(NewBoot(), CancellationToken.None);
        var two = await _disks.OpenAsync(NewBoot(), CancellationToken.None);
        await one.DisposeAsync();
        await one.DisposeAsync();
        Assert.Equal(_content[..4096], await ReadAsync(two.Disk, 0));
        await two.DisposeAsync();
        await using var three = await _disks.OpenAsync(NewBoot(), CancellationToken.None);
        Assert.Equal(_content[..4096], await ReadAsync(three.Disk, 0));
    }

    [ToolFact("qemu-img")]
    public async Task Boot_that_goes_on_has_its_data_and_a_new_boot_is_clean()
    {
        var boot = NewBoot();
        await using (var first = await _disks.OpenAsync(boot, CancellationToken.None))
        {
            await first.Disk.WriteAsync(0, Block(1));
            await first.Disk.FlushAsync();
        }
        var later = boot with { Epoch = boot.Epoch.Next(), IsNewBoot = false };
        await using (var again = await _disks.OpenAsync(later, CancellationToken.None))
            Assert.Equal(Block(1), await ReadAsync(again.Disk, 0));
        var next = NewBoot() with { Device = boot.Device, Epoch = later.Epoch.Next(), Retired = boot.Cache };
        await using var clean = await _disks.OpenAsync(next, CancellationToken.None);
        Assert.Equal(_content[..4096], await ReadAsync(clean.Disk, 0));
    }

    [ToolFact("qemu-img")]
    public async Task New_boot_on_a_write_cache_that_was_kept_has_its_data()
    {
        var boot = NewBoot();
        await using (var first = await _disks.OpenAsync(boot, CancellationToken.None))
        {
            await first.Disk.WriteAsync(0, Block(1));
            await first.Disk.FlushAsync();
        }
        for (var time = 0; time < 2; time++)
        {
            boot = boot with { Boot = NewBoot().Boot, Epoch = boot.Epoch.Next(), IsCacheKept = true };
            await using var again = await _disks.OpenAsync(boot, CancellationToken.None);
            Assert.Equal(Block(1), await ReadAsync(again.Disk, 0));
            await again.Disk.WriteAsync(8192, Block(2));
            await again.Disk.FlushAsync();
        }
    }

    [ToolFact("qemu-img")]
    public async Task Cache_that_is_set_aside_is_gone_for_its_boot()
    {
        var boot = NewBoot();
        await (await _disks.OpenAsync(boot, CancellationToken.None)).DisposeAsync();
        _disks.SetAside(boot.Cache);
        _disks.SetAside(boot.Cache);
        Assert.True(Assert.Single(_store.ListCaches()).IsSetAside);
        var lost = await Assert.ThrowsAsync<SessionDiskException>(() =>
            _disks.OpenAsync(boot with { IsNewBoot = false }, CancellationToken.None)
        );
        Assert.Equal(OpeningFailure.MustBoot, lost.Failure);
    }

    [ToolFact("qemu-img")]
    public async Task Boot_that_keeps_its_cache_finds_what_the_one_before_wrote()
    {
        var first = NewBoot() with { Plan = new([_image], DiskMode.Private) };
        await using (var disk = await _disks.OpenAsync(first, CancellationToken.None))
            await disk.Disk.WriteAsync(0, Block(1));
        var again = first with { Boot = new(Guid.NewGuid()), Epoch = first.Epoch.Next(), IsCacheKept = true };
        await using (var disk = await _disks.OpenAsync(again, CancellationToken.None))
            Assert.Equal(Block(1), await ReadAsync(disk.Disk, 0));
        // One that it cannot have is never begun anew.
        var lost = await Assert.ThrowsAsync<SessionDiskException>(() =>
            _disks.OpenAsync(again with { Cache = new(Guid.NewGuid()) }, CancellationToken.None)
        );
        Assert.Equal(OpeningFailure.MustBoot, lost.Failure);
        Assert.Equal(first.Cache, Assert.Single(_store.ListCaches(), c => c.Identity is not null).Layer);
    }

    [ToolFact("qemu-img")]
    public async Task A_version_made_in_maintenance_is_read_through_its_layers_by_all_who_boot_it()
    {
        var maintenance = NewBoot() with { Plan = new([_image], DiskMode.Maintenance) };
        await using (var disk = await _disks.OpenAsync(maintenance, CancellationToken.None))
            await disk.Disk.WriteAsync(4096, Block(2));
        var layer = new LayerId(Guid.NewGuid());
        var merge = new LayerMerge(_farm, layer, "debian", [_image], Below: 1, maintenance.Cache);
        Assert.NotNull((await _store.MergeAsync(merge, new ManualTime())).Value);

        var boot = NewBoot() with { Image = layer, Plan = new([_image, layer]) };
        await using (var one = await _disks.OpenAsync(boot, CancellationToken.None))
        await using (
            var two = await _disks.OpenAsync(boot with { Cache = new(Guid.NewGuid()) }, CancellationToken.None)
        )
        {
            var indexes = _store.Usage.IndexMemoryBytes;
            await using (
                var three = await _disks.OpenAsync(boot with { Cache = new(Guid.NewGuid()) }, CancellationToken.None)
            )
                Assert.Equal(Block(2), await ReadAsync(three.Disk, 4096));
            Assert.Equal(indexes, _store.Usage.IndexMemoryBytes);
            Assert.Equal(DiskStatus.Ok, await one.Disk.WriteAsync(4096, Block(3)));
            Assert.Equal(Block(2), await ReadAsync(two.Disk, 4096));
            Assert.Equal(_content[..4096], await ReadAsync(two.Disk, 0));
        }
        Assert.Equal((0, 0), (_store.Usage.IndexMemoryBytes, _store.Usage.OpenFiles));
        var wrong = boot with { Cache = new(Guid.NewGuid()), Plan = new([layer]) };
        var refused = await Assert.ThrowsAsync<SessionDiskException>(() =>
            _disks.OpenAsync(wrong, CancellationToken.None)
        );
        Assert.Contains($"lies on layer {_image}", refused.Message, StringComparison.Ordinal);
    }

    [ToolFact("qemu-img")]
    public async Task A_devices_limit_holds_from_its_boot_and_another_one_at_once()
    {
        var limits = new Dictionary<DeviceId, long?>();
        var disks = Disks(
            WriteCacheOptions.Default with
            {
                LimitBytes = 12288,
            },
            device => limits.GetValueOrDefault(device)
        );
        var (small, other) = (NewBoot(), NewBoot());
        limits[small.Device] = 4096;
        await using var one = await disks.OpenAsync(small, CancellationToken.None);
        await using var two = await disks.OpenAsync(other, CancellationToken.None);
        Assert.Equal((1, 3), (await WritesAsync(one.Disk), await WritesAsync(two.Disk)));

        limits[small.Device] = 8192;
        disks.LimitsChanged(small.Device);
        Assert.Equal((2, 3), (await WritesAsync(one.Disk), await WritesAsync(two.Disk)));

        limits.Remove(small.Device);
        limits[other.Device] = 0;
        disks.LimitsChanged(null);
        Assert.Equal((3, 16), (await WritesAsync(one.Disk), await WritesAsync(two.Disk)));

        static async Task<int> WritesAsync(IDisk disk)
        {
            var blocks = 0;
            while (blocks < 16 && await disk.WriteAsync(blocks * 4096, Block(1)) == DiskStatus.Ok)
                blocks++;
            return blocks;
        }
    }

    [ToolFact("qemu-img")]
    public async Task Limit_that_changes_while_a_cache_is_being_opened_is_not_missed()
    {
        var asked = 0;
        // As it was when the opening began; and what it became before the cache was among the open ones.
        var disks = Disks(WriteCacheOptions.Default, _ => asked++ == 0 ? 0 : 4096);
        await using var disk = await disks.OpenAsync(NewBoot(), CancellationToken.None);
        Assert.Equal(4096, Assert.Single(_store.OpenCaches).LimitBytes);
    }

    [ToolFact("qemu-img")]
    public async Task Cache_that_is_open_is_not_lost()
    {
        var boot = NewBoot();
        await using var open = await _disks.OpenAsync(boot, CancellationToken.None);
        var inUse = await Assert.ThrowsAsync<SessionDiskException>(() =>
            _disks.OpenAsync(boot with { IsNewBoot = false }, CancellationToken.None)
        );
        Assert.Equal(OpeningFailure.TryAgain, inUse.Failure);
        Assert.Equal(_content[..4096], await ReadAsync(open.Disk, 0));
    }

    [ToolFact("qemu-img")]
    public async Task Bit_that_flips_under_a_device_is_told_and_its_boot_is_over()
    {
        var notices = new List<IDiskNotice>();
        _disks.Noticed += notices.Add;
        var boot = NewBoot();
        await using (var disk = await _disks.OpenAsync(boot, CancellationToken.None))
        {
            await disk.Disk.WriteAsync(0, Block(1));
            var path = Directory.EnumerateFiles(_folder["store/caches"], "*.seg", SearchOption.AllDirectories).Single();
            await using (var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            {
                file.Position = 5000;
                file.WriteByte(2);
            }
            Assert.Equal(DiskStatus.IoError, await disk.Disk.ReadAsync(0, new byte[512]));
            var notice = Assert.IsType<DiskNotice>(Assert.Single(notices));
            Assert.Equal((boot.Device, boot.Epoch, path), (notice.Device, notice.Epoch, notice.Fault?.Path));
        }
        var over = await Assert.ThrowsAsync<SessionDiskException>(() =>
            _disks.OpenAsync(boot with { IsNewBoot = false }, CancellationToken.None)
        );
        Assert.Equal(OpeningFailure.MustBoot, over.Failure);
    }

    [Fact]
    public async Task Image_that_is_not_there_is_no_reason_to_boot_again()
    {
        var missing = await Assert.ThrowsAsync<SessionDiskException>(() =>
            _disks.OpenAsync(NewBoot() with { Image = new(Guid.NewGuid()) }, CancellationToken.None)
        );
        Assert.Equal(OpeningFailure.TryAgain, missing.Failure);
    }

    private StoreSessionDisks Disks(WriteCacheOptions options, Func<DeviceId, long?>? limitOf = null) =>
        new(
            LoneMirrors.Server,
            _store,
            _farm,
            options,
            _mirrors.Sessions,
            _mirrors,
            NullLogger<StoreSessionDisks>.Instance,
            limitOf
        );

    private SessionGrant NewBoot() =>
        new(
            new(Guid.NewGuid()),
            new(Guid.NewGuid()),
            new(1),
            _image,
            new(Guid.NewGuid()),
            IsNewBoot: true,
            BootTransport.San,
            Retired: null
        );

    private static byte[] Block(byte value) => [.. Enumerable.Repeat(value, 4096)];

    private static async Task<byte[]> ReadAsync(IDisk disk, long offset)
    {
        var read = new byte[4096];
        Assert.Equal(DiskStatus.Ok, await disk.ReadAsync(offset, read));
        return read;
    }
}
