using Hatchery.Devices;
using Hatchery.Testing;

namespace Hatchery.Operations.Tests;

public sealed class DeviceCommandsTests : IAsyncLifetime
{
    private OperationsRig _rig = null!;

    public async Task InitializeAsync() => _rig = await OperationsRig.StartAsync();

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    [Fact]
    public async Task Device_is_moved_while_it_runs_where_that_can_be_and_else_at_its_next_boot()
    {
        var (device, vDisk) = await _rig.Farm.AddDeviceWithVDiskAsync();
        var image = _rig.Farm.Farm.View.Current.VDisk(vDisk)!.Production!.Image;
        var there = OperationsRig.Status("there") with { MirrorPort = 9121, Images = [image] };
        _rig.Servers.Hear(new("akka.tcp", "hatchery", "10.77.0.2", 4053), there);
        Assert.Equal(
            "the next boot of pc07 goes to there",
            await _rig.RunAsync("device", "move", "pc07", "there", "--dry-run")
        );
        await _rig.Farm.AskAsync(new OpenSession(device, _rig.Farm.Nonce(device), "here"));
        Assert.Equal(
            "the next boot of pc07 goes to here",
            await _rig.RunAsync("device", "move", "pc07", "here", "--dry-run")
        );
        Assert.Null(_rig.Farm.Farm.View.Current.Device(device)!.Placement);
        Assert.Equal(
            "pc07 goes to there as soon as that has a copy of its write cache",
            await _rig.RunAsync("device", "move", "pc07", "there")
        );
        Assert.Equal("there", _rig.Farm.Farm.View.Current.Device(device)!.Placement);
        Assert.Contains(
            "there, while it runs or at its next boot",
            await _rig.RunAsync("device", "show", "pc07"),
            StringComparison.Ordinal
        );
        await _rig.RunAsync("server", "drain", "there", "--no-wait");
        Assert.Equal(
            "server there takes no devices now: see pbm server list",
            await _rig.FailAsync("device", "move", "pc07", "there")
        );
        Assert.Equal("no server nobody: see pbm server list", await _rig.FailAsync("device", "move", "pc07", "nobody"));
    }

    [Fact]
    public async Task Devices_are_listed_in_columns_by_name()
    {
        await _rig.RunAsync("device", "add", "pc08", "52:54:00:77:00:11", "52:54:00:77:00:12");
        await _rig.RunAsync("device", "add", "pc07", OperationsRig.Mac);
        Assert.Equal(
            [
                "NAME  STATE  SINCE (UTC)              VDISK  TRANSPORT  SERVER  BOOTS  MAC                                  COLLECTION",
                "pc07  off    2026-01-01 00:00:00.000  -      -          -       0      52:54:00:77:00:10                    default",
                "pc08  off    2026-01-01 00:00:00.000  -      -          -       0      52:54:00:77:00:11 52:54:00:77:00:12  default",
            ],
            (await _rig.RunAsync("device", "list")).Split('\n')
        );
    }

    [Fact]
    public async Task Device_in_json_has_the_fields_that_scripts_read()
    {
        var (device, _) = await _rig.Farm.AddDeviceWithVDiskAsync();
        await _rig.Farm.AskAsync(new OpenSession(device, _rig.Farm.Nonce(device), "one"));
        var listed = (await _rig.JsonAsync("device", "list"))[0];
        Assert.Equal(
            [
                "name",
                "id",
                "macs",
                "uuid",
                "phase",
                "phaseSince",
                "vDisk",
                "transport",
                "bootCount",
                "boot",
                "timeline",
                "stall",
                "collection",
                "site",
                "vDiskFrom",
                "kernelArguments",
                "kernelArgumentsFrom",
                "dhcpOptions",
                "rule",
                "writeCache",
                "writeCacheLimitBytes",
                "writeCacheLimitFrom",
                "members",
                "copiesWanted",
                "placement",
                "access",
                "nextVersion",
                "mode",
                "keepFor",
                "oldVersionUntil",
                "kept",
                "cache",
                "cacheRamBytes",
                "ownCache",
                "needsUefi",
                "captureInto",
            ],
            listed.EnumerateObject().Select(p => p.Name)
        );
        Assert.Equal(
            ("pc07", device.ToString(), "session-open", "debian", 1),
            (
                listed.GetProperty("name").GetString(),
                listed.GetProperty("id").GetString(),
                listed.GetProperty("phase").GetString(),
                listed.GetProperty("vDisk").GetString(),
                listed.GetProperty("bootCount").GetInt32()
            )
        );
        var boot = listed.GetProperty("boot");
        Assert.Equal(
            ["id", "vDisk", "version", "epoch", "server", "writeCache", "startedAt"],
            boot.EnumerateObject().Select(p => p.Name)
        );
        Assert.Equal((1u, "one"), (boot.GetProperty("epoch").GetUInt32(), boot.GetProperty("server").GetString()));
    }

    [Fact]
    public async Task Device_is_shown_by_name_or_id_with_its_timeline()
    {
        var (device, _) = await _rig.Farm.AddDeviceWithVDiskAsync();
        _rig.Timeline.Add(new(device, _rig.Farm.Time.GetUtcNow(), "discovered", "one", "iPXE"));
        _rig.Farm.Time.Advance(TimeSpan.FromSeconds(2.5));
        _rig.Timeline.Add(new(device, _rig.Farm.Time.GetUtcNow(), "offered", "one", "ipxe.efi"));
        await _rig.Timeline.DisposeAsync();
        var shown = await _rig.RunAsync("device", "show", device.ToString());
        Assert.Equal(shown, await _rig.RunAsync("device", "show", "pc07"));
        Assert.Contains("vdisk       debian by san, its own\n", shown, StringComparison.Ordinal);
        Assert.EndsWith("00:00:02.500  2.50 s  offered     one     ipxe.efi", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("stalled", shown, StringComparison.Ordinal);
        _rig.Farm.Time.Advance(TimeSpan.FromMinutes(1));
        var json = await _rig.JsonAsync("device", "show", "pc07");
        var step = json.GetProperty("timeline")[1];
        Assert.Equal(["at", "step", "server", "detail", "afterSeconds"], step.EnumerateObject().Select(p => p.Name));
        Assert.Equal(60, json.GetProperty("stall").GetProperty("seconds").GetDouble());
        Assert.Contains(
            "stalled     for 60 s: it was told of ipxe.efi and fetched nothing",
            await _rig.RunAsync("device", "show", "pc07"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Adding_it_again_with_the_same_words_works_and_with_others_does_not()
    {
        string[] add = ["device", "add", "pc07", OperationsRig.Mac];
        Assert.Equal("device pc07 added", await _rig.RunAsync(add));
        await _rig.RunAsync([.. add, OperationsRig.Mac.Replace(':', '-')]);
        Assert.Contains(
            "with other attributes",
            await _rig.FailAsync([.. add, "--uuid", Guid.NewGuid().ToString()]),
            StringComparison.Ordinal
        );
        Assert.Equal(
            $"{OperationsRig.Mac} belongs to device pc07",
            await _rig.FailAsync("device", "add", "pc08", OperationsRig.Mac)
        );
    }

    [Theory]
    [InlineData("'x' is no UUID", "device add pc07 52:54:00:77:00:10 --uuid x")]
    [InlineData("no device pc99: see pbm device list", "device show pc99")]
    [InlineData("no device pc99: see pbm device list", "device assign pc99 debian")]
    [InlineData("no device pc99: see pbm device list", "device unassign pc99")]
    [InlineData("no device pc99: see pbm device list", "device remove pc99")]
    [InlineData("-o takes table or json, not 'xml'", "device list -o xml")]
    public async Task Wrong_words_change_nothing_and_are_explained(string explanation, string words)
    {
        Assert.Equal(explanation, await _rig.FailAsync(words.Split(' ')));
        Assert.Empty(_rig.Farm.Farm.View.Current.Devices);
    }

    [Fact]
    public async Task Assignment_is_shown_and_taken_away()
    {
        await _rig.Farm.AddDeviceWithVDiskAsync();
        await _rig.RunAsync("device", "unassign", "pc07");
        Assert.Null((await _rig.JsonAsync("device", "show", "pc07")).GetProperty("vDisk").GetString());
        Assert.Equal(
            "pc07 boots from debian from its next boot on",
            await _rig.RunAsync("device", "assign", "pc07", "debian", "--transport", "SAN")
        );
    }

    [Theory]
    [InlineData("nbd", "debian has no kernel of its own")]
    [InlineData("iscsi", "debian has no kernel of its own")]
    [InlineData("7", "transport is san, iscsi or nbd")]
    [InlineData("1,2", "transport is san, iscsi or nbd")]
    [InlineData("smoke", "transport is san, iscsi or nbd")]
    public async Task Transport_that_cannot_be_is_refused(string transport, string begins)
    {
        await _rig.Farm.AddDeviceWithVDiskAsync();
        Assert.StartsWith(
            begins,
            await _rig.FailAsync("device", "assign", "pc07", "debian", "-t", transport),
            StringComparison.Ordinal
        );
        Assert.Equal("san", (await _rig.JsonAsync("device", "show", "pc07")).GetProperty("transport").GetString());
    }

    [Fact]
    public async Task Machine_that_has_its_disk_is_removed_by_force_only()
    {
        var (device, vDisk) = await _rig.Farm.AddDeviceWithVDiskAsync();
        await _rig.Farm.AskAsync(new OpenSession(device, _rig.Farm.Nonce(device), "one"));
        Assert.Contains("--force", await _rig.FailAsync("device", "remove", "pc07"), StringComparison.Ordinal);
        Assert.Equal("device pc07 removed", await _rig.RunAsync("device", "remove", "pc07", "--force"));
        Assert.Equal(0, (await _rig.JsonAsync("device", "list")).GetArrayLength());
        await Eventually.TrueAsync(() => _rig.Farm.Farm.View.Current.VDisk(vDisk)!.Users.IsEmpty);
    }
}
