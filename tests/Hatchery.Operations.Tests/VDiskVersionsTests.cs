using Hatchery.Devices;
using Hatchery.Disks;
using Hatchery.Testing;

namespace Hatchery.Operations.Tests;

public sealed class VDiskVersionsTests : IAsyncLifetime
{
    private OperationsRig _rig = null!;
    private DeviceId _device;

    public async Task InitializeAsync()
    {
        _rig = await OperationsRig.StartAsync();
        await File.WriteAllBytesAsync(_rig.Folder["disk"], new byte[1 << 20]);
        await File.WriteAllBytesAsync(_rig.Folder["newer"], new byte[2 << 20]);
        (_device, _) = await _rig.Farm.AddDeviceWithVDiskAsync();
    }

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    [ToolFact("qemu-img")]
    public async Task Version_goes_from_an_image_to_maintenance_to_test_to_production_and_back()
    {
        Assert.StartsWith(
            "debian version 2: in maintenance, 2.0 MiB, hash ",
            (await CreateAsync("--note", "patches", "--by", "ann")).Split('\n')[^1],
            StringComparison.Ordinal
        );
        Assert.Equal(1, (await BootAsync()).Version);
        Assert.Equal(
            "debian: version 1 is in production, version 2 in test; machines that run go on, and see it at their next boot",
            await VersionAsync("promote")
        );
        await _rig.RunAsync("device", "set", "pc07", "--access", "test");
        Assert.Equal(2, (await BootAsync()).Version);
        await _rig.RunAsync("device", "set", "pc07", "--no-access");
        Assert.Equal(1, (await BootAsync()).Version);
        await VersionAsync("promote", "--to", "production");
        var boot = await BootAsync();
        Assert.Equal((2, 2 << 20), (boot.Version, Disk().Version(2)!.SizeBytes));
        Assert.Equal(Disk().Version(2)!.Image, boot.Image);
        await VersionAsync("revert");
        Assert.Equal(1, (await BootAsync()).Version);
        Assert.Equal(
            [
                "VERSION  ACCESS      SIZE     ON  KERNEL  ADDED (UTC)              IN USE BY  PINNED BY  BY   NOTE",
                "1        production  1.0 MiB  -   no      2026-01-01 00:00:00.000  1          -          -    -",
            ],
            (await VersionAsync("list")).Split('\n')[..2]
        );
        Assert.Contains("ann  patches", await VersionAsync("list"), StringComparison.Ordinal);
    }

    [ToolFact("qemu-img")]
    public async Task Version_is_promoted_only_when_every_server_holds_it()
    {
        await CreateAsync();
        _rig.Farm.Farm.Services.Lacking = layers => layers.Contains(Disk().Version(2)!.Image) ? ["two"] : [];
        Assert.Equal(
            "debian version 2 is not whole at two yet: see pbm vdisk replicas debian",
            await _rig.FailAsync("vdisk", "version", "promote", "debian")
        );
        _rig.Farm.Farm.Services.Lacking = _ => [];
        await VersionAsync("promote");
    }

    [ToolFact("qemu-img")]
    public async Task Promotion_at_a_time_survives_a_restart_and_comes_when_it_is_due()
    {
        await CreateAsync();
        Assert.Contains(
            "version 2 comes into production at 2026-01-01 03:00:00.000 UTC",
            await VersionAsync("promote", "--at", "2026-01-01T03:00"),
            StringComparison.Ordinal
        );
        await _rig.Farm.StartAgainAsync();
        await using var scheduled = new ScheduledPromotions(
            _rig.Farm.Farm,
            Microsoft.Extensions.Logging.Abstractions.NullLogger<ScheduledPromotions>.Instance
        );
        await Eventually.TrueAsync(() =>
        {
            // The clock stands still between looks, so the promotion is asked for before its time as well.
            if (_rig.Farm.Time.GetUtcNow().Hour < 3)
                Assert.Equal(1, Disk().Production!.Number);
            _rig.Farm.Time.Advance(TimeSpan.FromMinutes(1));
            return Disk().Production!.Number == 2;
        });
        Assert.Null(Disk().Scheduled);
    }

    [ToolFact("qemu-img")]
    public async Task Collection_is_pinned_to_a_version_and_let_go()
    {
        await CreateAsync();
        await VersionAsync("promote", "--to", "production");
        Assert.Equal(
            "devices of default boot debian version 1, from their next boot on",
            await VersionAsync("override", "--collection", "default", "--version", "1")
        );
        Assert.Equal(1, (await BootAsync()).Version);
        Assert.Contains(
            "next boot   version 1",
            await _rig.RunAsync("device", "show", "pc07"),
            StringComparison.Ordinal
        );
        await VersionAsync("override", "--collection", "default", "--none");
        Assert.Equal(2, (await BootAsync()).Version);
    }

    [ToolFact("qemu-img")]
    public async Task Version_that_a_running_device_uses_is_kept_and_one_of_a_device_that_is_off_goes()
    {
        await CreateAsync();
        var boot = await BootAsync();
        await VersionAsync("promote", "--to", "production");
        Assert.Equal(
            "debian version 1 is in use by pc07",
            await _rig.FailAsync("vdisk", "version", "delete", "debian", "--version", "1")
        );
        await _rig.Farm.AskAsync(new ReportPhase(_device, boot.Epoch, DevicePhase.Off));
        Assert.Equal("debian version 1 deleted", await VersionAsync("delete", "--version", "1"));
        Assert.Equal([2], Disk().Versions.Select(v => v.Number));
    }

    [ToolFact("qemu-img")]
    public async Task Version_is_tried_by_a_share_of_the_machines_and_how_these_fare_is_shown()
    {
        await CreateAsync();
        Assert.Equal(
            "debian version 2, canary running since 2026-01-01 00:00:00.000: 1 machines are to boot it (25 % of default), 0 have, 0 run, 0 failed, 5 % may; see pbm vdisk version canary debian",
            await VersionAsync(
                "promote",
                "--canary",
                "25%",
                "--collection",
                "default",
                "--settle",
                "45s",
                "--by",
                "ann"
            )
        );
        Assert.Equal(2, (await BootAsync()).Version);
        Assert.Contains("2        test, canary running", await VersionAsync("list"), StringComparison.Ordinal);
        Assert.Equal(
            [
                "MACHINE  STATE  SINCE (UTC)              BOOTS  WHY",
                "pc07     boots  2026-01-01 00:00:01.000  1      -",
            ],
            (await VersionAsync("canary")).Split('\n')[2..4]
        );
        _rig.Farm.Time.Advance(TimeSpan.FromMinutes(10));
        await _rig.Farm.Farm.AskAsync(_rig.Farm.Farm.VDisks, new JudgeCanary(Disk().Id));
        Assert.Contains("2        test, returned from", await VersionAsync("list"), StringComparison.Ordinal);
        Assert.Equal(
            "debian version 2, canary returned since 2026-01-01 00:10:01.000: 1 of 1 machines that booted it did not run, and 5 % may fail; pc07 did not run within 10 min",
            await VersionAsync("canary")
        );
        Assert.Equal(1, (await BootAsync()).Version);
    }

    [Theory]
    [InlineData("--canary takes a share like 10%, not 'x'", "promote debian --canary x")]
    [InlineData("--limit takes a share like 10%, not 'x%'", "promote debian --canary 5% --limit x%")]
    [InlineData("--wait takes a duration like 45s, 10m or 2h, not '1'", "promote debian --canary 5% --wait 1")]
    [InlineData("--then takes promote or ask, not 'x'", "promote debian --canary 5% --then x")]
    [InlineData("--failures takes a number, not 'x'", "promote debian --canary 5% --failures x")]
    [InlineData("no collection x: see pbm collection list", "promote debian --canary 5% --collection x")]
    [InlineData("--canary is for production and begins now", "promote debian --canary 5% --to test")]
    [InlineData("a canary is tried on more than 0 %", "promote debian --canary 101%")]
    [InlineData("debian has no version to promote", "promote debian --canary 5%")]
    [InlineData("no version of debian was ever tried", "canary debian")]
    [InlineData(
        "version takes list, create, close, promote, canary, revert, override, merge, delete, not 'split'",
        "split debian"
    )]
    [InlineData("no vDisk nowhere: see pbm vdisk list", "list nowhere")]
    [InlineData("debian has no version 7", "create debian --version 7")]
    [InlineData("pc07 has written no private image of debian", "create debian --from-private pc07")]
    [InlineData("no device pc99", "create debian --from-private pc99")]
    [InlineData("no version of debian is open that a machine writes", "close debian")]
    [InlineData("merge takes --base, --update or --above", "merge debian")]
    [InlineData("merge takes --base, --update or --above", "merge debian --base --update")]
    [InlineData("debian version 1 is a whole image already", "merge debian --base")]
    [InlineData("debian version 1 has no layers that could be one", "merge debian --update")]
    [InlineData("--above takes a number of layers or default, not 'x'", "merge debian --above x")]
    [InlineData("a number of layers is 0 to 100", "merge debian --above 101")]
    [InlineData("--to takes maintenance, test or production, not 'x'", "merge debian --base --to x")]
    [InlineData("debian has no version to promote", "promote debian")]
    [InlineData("debian has no version 7", "promote debian --version 7")]
    [InlineData("'x' is no number of a version", "delete debian --version x")]
    [InlineData("delete takes --version", "delete debian")]
    [InlineData("debian version 1 is in production", "delete debian --version 1")]
    [InlineData("debian has no version that was in production before", "revert debian")]
    [InlineData("override takes --collection with --version or --none", "override debian --version 1")]
    [InlineData("'tomorrow' is no time", "promote debian --at tomorrow")]
    [InlineData("2025-01-01 00:00:00.000 UTC is over", "promote debian --at 2025-01-01T00:00")]
    [InlineData("--to takes test or production, not 'x'", "promote debian --to x")]
    public async Task Wrong_words_change_nothing_and_are_explained(string begins, string words)
    {
        Assert.StartsWith(
            begins,
            await _rig.FailAsync(["vdisk", "version", .. words.Split(' ')]),
            StringComparison.Ordinal
        );
        Assert.Single(Disk().Versions);
    }

    [Fact]
    public async Task Collection_boots_no_version_in_maintenance() =>
        Assert.Equal(
            "a version in maintenance is for single devices, not for a collection",
            await _rig.FailAsync("collection", "set", "default", "--access", "maintenance")
        );

    private VDiskState Disk() => _rig.Farm.Farm.View.Current.VDisk("debian")!;

    private Task<string> VersionAsync(string action, params string[] words) =>
        _rig.RunAsync(["vdisk", "version", action, "debian", .. words]);

    private Task<string> CreateAsync(params string[] words) =>
        VersionAsync("create", ["--file", _rig.Folder["newer"], .. words]);

    private async Task<BootRecord> BootAsync()
    {
        _rig.Farm.Time.Advance(TimeSpan.FromSeconds(1));
        var nonce = _rig.Farm.Nonce(_device);
        Assert.IsType<SessionGrant>(await _rig.Farm.AskAsync(new OpenSession(_device, nonce, "here")));
        return _rig.Farm.Farm.View.Current.Device(_device)!.Boot!;
    }
}
