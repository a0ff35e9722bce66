using Hatchery.Boot;
using Hatchery.Devices;
using Hatchery.Disks;
using Hatchery.Wire;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hatchery.Operations.Tests;

public sealed class VDiskImagesTests : IAsyncLifetime
{
    private OperationsRig _rig = null!;

    public async Task InitializeAsync() => _rig = await OperationsRig.StartAsync();

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    [Fact]
    public async Task Created_vdisk_is_empty_takes_no_room_and_is_whole()
    {
        Assert.Equal(
            "vDisk data version 1: 40.0 GiB, empty, sectors of 4096 bytes",
            await _rig.RunAsync("vdisk", "create", "data", "--size", "40G", "--sector", "4096")
        );
        var image = Version("data").Image;
        var folder = new DirectoryInfo(Path.Combine(_rig.Store.ImagesPath, image.ToString()));
        Assert.Equal(40L << 30, folder.GetFiles("disk.raw").Single().Length);
        Assert.True(folder.GetFiles().Where(f => f.Name != "disk.raw").Sum(f => f.Length) < 1 << 20);
        using var chain = _rig.Store.OpenChain(_rig.Farm.Farm.Identity.Farm, [image]).Value!;
        Assert.Equal((40L << 30, 4096), (chain.LengthBytes, chain.SectorBytes));
        Assert.Null(await _rig.Store.VerifyImageAsync(image));
        Assert.Equal(4096, (await _rig.JsonAsync("vdisk", "show", "data")).GetProperty("sectorBytes").GetInt32());
    }

    [Fact]
    public async Task Sectors_that_BIOS_does_not_boot_are_told_of_when_they_are_assigned_and_to_a_BIOS_machine()
    {
        await _rig.RunAsync("vdisk", "create", "data", "--size", "8M", "--sector", "4096");
        await _rig.RunAsync("device", "add", "pc07", OperationsRig.Mac);
        const string Note = "; by UEFI only, as data has sectors of 4096 bytes: BIOS needs -t iscsi or -t nbd";
        Assert.Equal(
            "pc07 boots from data from its next boot on" + Note,
            await _rig.RunAsync("device", "assign", "pc07", "data")
        );
        Assert.Equal(
            "collection lab created" + Note,
            await _rig.RunAsync("collection", "create", "lab", "--vdisk", "data")
        );
        Assert.Contains(
            "data by san (UEFI only: sectors of 4096 bytes), its own",
            await _rig.RunAsync("device", "show", "pc07"),
            StringComparison.Ordinal
        );
        Assert.True((await _rig.JsonAsync("device", "show", "pc07")).GetProperty("needsUefi").GetBoolean());

        var bios = Assert.IsType<BootPlan.Nothing>(Plan(0));
        Assert.Equal(
            "data has sectors of 4096 bytes, which BIOS does not boot: start pc07 by UEFI, or assign it with -t iscsi or -t nbd",
            bios.Reason
        );
        Assert.IsType<BootPlan.San>(Plan(7));
        Assert.IsType<BootPlan.San>(Plan(null));
    }

    [Fact]
    public async Task Version_that_a_machine_wrote_boots_the_kernel_of_the_image_that_it_lies_on()
    {
        var (device, vDisk) = await _rig.Farm.AddDeviceWithVDiskAsync();
        var vDisks = new VDiskAdministration(_rig.Farm.Farm);
        LayerId layer = new(Guid.NewGuid());
        Assert.IsType<Reply.Done>(
            await vDisks.AskAsync(new AddVersion(vDisk, layer, 8 << 20, new('0', 64), true, null, Parent: 1))
        );
        await _rig.Farm.Devices.AssignAsync(device, new(vDisk, BootTransport.Nbd));
        await _rig.RunAsync("device", "set", "pc07", "--access", "maintenance");
        Assert.Equal(2, (await _rig.JsonAsync("device", "show", "pc07")).GetProperty("nextVersion").GetInt32());
        var image = _rig.Farm.Farm.View.Current.VDisk(vDisk)!.Version(1)!.Image;
        var plan = Assert.IsType<BootPlan.Kernel>(Plan(0));
        Assert.Equal(($"/vdisk/{image}/kernel", $"/vdisk/{image}/initrd"), (plan.KernelPath, plan.InitrdPath));
    }

    [Fact]
    public async Task Clone_shares_bytes_that_stay_until_both_are_removed()
    {
        await _rig.RunAsync("vdisk", "create", "data", "--size", "8M", "--sector", "4096");
        Assert.Equal(
            "vDisk copy: 8.0 MiB, of data version 1, whose bytes it shares",
            await _rig.RunAsync("vdisk", "clone", "data", "copy")
        );
        Assert.Equal(Version("data").Image, Version("copy").Image);
        Assert.Equal(4096, _rig.Farm.Farm.View.Current.VDisk("copy")!.SectorBytes);
        Assert.Equal("vDisk data removed", await _rig.RunAsync("vdisk", "remove", "data"));
        Assert.Null(await _rig.Store.VerifyImageAsync(Version("copy").Image));
        await _rig.RunAsync("vdisk", "remove", "copy");
        Assert.Empty(_rig.Store.ListImages());
    }

    [Fact]
    public async Task Clone_of_layers_has_all_of_them_and_the_one_on_top_in_production()
    {
        await _rig.RunAsync("vdisk", "create", "data", "--size", "8M");
        var data = _rig.Farm.Farm.View.Current.VDisk("data")!;
        LayerId layer = new(Guid.NewGuid());
        var vDisks = new VDiskAdministration(_rig.Farm.Farm);
        Assert.IsType<Reply.Done>(
            await vDisks.AskAsync(new AddVersion(data.Id, layer, 8 << 20, new('0', 64), false, null, Parent: 1))
        );
        await _rig.RunAsync("vdisk", "clone", "data", "copy", "--version", "2");
        var copy = _rig.Farm.Farm.View.Current.VDisk("copy")!;
        Assert.Equal([data.Versions[0].Image, layer], [.. copy.LayersOf(copy.Production!)]);
        Assert.Contains(
            "no version 9",
            await _rig.FailAsync("vdisk", "clone", "data", "other", "--version", "9"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Version_that_is_gone_when_its_clone_is_made_leaves_no_clone()
    {
        await _rig.RunAsync("vdisk", "create", "data", "--size", "8M");
        var seen = _rig.Farm.Farm.View.Current.VDisk("data")!;
        await _rig.RunAsync("vdisk", "remove", "data");
        var vDisks = new VDiskAdministration(_rig.Farm.Farm);
        Assert.IsType<Reply.Refused>(await vDisks.CloneAsync(seen, seen.Versions[0], "copy", by: null));
        Assert.Empty(_rig.Farm.Farm.View.Current.VDisks);
        await _rig.RunAsync("vdisk", "create", "copy", "--size", "8M");
    }

    [Fact]
    public async Task Renamed_vdisk_gives_its_old_name_away_and_no_other_name_is_taken()
    {
        await _rig.RunAsync("vdisk", "create", "data", "--size", "8M");
        await _rig.RunAsync("vdisk", "create", "other", "--size", "8M");
        Assert.Equal("vDisk data is store from now on", await _rig.RunAsync("vdisk", "rename", "data", "store"));
        Assert.Equal("vDisk other is there already", await _rig.FailAsync("vdisk", "rename", "store", "other"));
        await _rig.RunAsync("vdisk", "create", "data", "--size", "8M");
        await _rig.Farm.StartAgainAsync();
        Assert.Equal(
            ["data", "other", "store"],
            _rig.Farm.Farm.View.Current.VDisks.Select(v => v.Name).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task Removing_is_refused_with_everybody_who_uses_the_vdisk()
    {
        var (device, _) = await _rig.Farm.AddDeviceWithVDiskAsync();
        await _rig.RunAsync("collection", "create", "lab", "--vdisk", "debian");
        Assert.Equal(
            "debian is assigned to pc07; what collection lab boots",
            await _rig.FailAsync("vdisk", "remove", "debian")
        );
        Assert.NotNull(_rig.Farm.Farm.View.Current.Device(device));
    }

    [Fact]
    public async Task Resized_vdisk_is_longer_in_a_version_of_its_own_and_never_shorter()
    {
        await _rig.RunAsync("vdisk", "create", "data", "--size", "8M", "--sector", "4096");
        Assert.StartsWith(
            "data version 2: 64.0 MiB, in maintenance",
            await _rig.RunAsync("vdisk", "resize", "data", "--size", "64M", "--by", "ann"),
            StringComparison.Ordinal
        );
        var data = _rig.Farm.Farm.View.Current.VDisk("data")!;
        Assert.Equal((64 << 20, 1), (data.Version(2)!.SizeBytes, data.Version(2)!.Parent));
        using (var chain = _rig.Store.OpenChain(_rig.Farm.Farm.Identity.Farm, data.LayersOf(data.Version(2)!)).Value!)
            Assert.Equal((64 << 20, 4096), (chain.LengthBytes, chain.SectorBytes));
        await _rig.RunAsync("vdisk", "version", "promote", "data", "--to", "production");
        Assert.Equal(2, Version("data").Number);
        Assert.Contains(
            "only ever made longer",
            await _rig.FailAsync("vdisk", "resize", "data", "--size", "32M"),
            StringComparison.Ordinal
        );
        await _rig.RunAsync("vdisk", "clone", "data", "copy");
        await _rig.RunAsync("vdisk", "remove", "data");
        var copy = _rig.Farm.Farm.View.Current.VDisk("copy")!;
        using var cloned = _rig.Store.OpenChain(_rig.Farm.Farm.Identity.Farm, copy.LayersOf(Version("copy"))).Value!;
        Assert.Equal(64 << 20, cloned.LengthBytes);
    }

    [Fact]
    public async Task Check_says_what_is_damaged_where_and_what_cannot_be_mended()
    {
        await _rig.RunAsync("vdisk", "create", "data", "--size", "8M");
        var sound = await _rig.RunAsync("vdisk", "check", "data", "--server", "here");
        Assert.Contains("here    1        image  sound", sound, StringComparison.Ordinal);
        var disk = Path.Combine(_rig.Store.ImagesPath, Version("data").Image.ToString(), "disk.raw");
        await File.WriteAllBytesAsync(disk, [.. new byte[(8 << 20) - 1], 1]);
        var found = await _rig.FailAsync("vdisk", "check", "data", "--version", "1");
        Assert.Contains("damaged  1 chunk(s) of 4 MiB, at byte 4194304", found, StringComparison.Ordinal);
        Assert.Contains("away    1        image  unknown", found, StringComparison.Ordinal);
        _rig.Replicator.Start();
        Assert.Contains(
            "this server knows no other",
            await _rig.FailAsync("vdisk", "check", "data", "--server", "here", "--repair"),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "no server there that can be asked: here, away",
            await _rig.FailAsync("vdisk", "check", "data", "--server", "there"),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("'much' is no size", "vdisk create data --size much")]
    [InlineData("a disk has up to", "vdisk create data --size 0")]
    [InlineData("a disk has up to", "vdisk create data --size 900T")]
    [InlineData("1000 bytes are no whole number of sectors of 512 bytes", "vdisk create data --size 1000")]
    [InlineData("1536 bytes are no whole number of sectors of 4096", "vdisk create data --size 1536 --sector 4096")]
    [InlineData("a sector has 512 or 4096 bytes, not '520'", "vdisk create data --size 1M --sector 520")]
    [InlineData("'Da_ta' is no vDisk name", "vdisk create Da_ta --size 1M")]
    [InlineData("no vDisk data", "vdisk clone data copy")]
    [InlineData("no vDisk data", "vdisk rename data copy")]
    public async Task Wrong_words_change_nothing_and_are_explained(string begins, string words)
    {
        Assert.StartsWith(begins, await _rig.FailAsync(words.Split(' ')), StringComparison.Ordinal);
        Assert.Empty(_rig.Farm.Farm.View.Current.VDisks);
        Assert.Empty(_rig.Store.ListImages());
    }

    private VDiskVersion Version(string vDisk) => _rig.Farm.Farm.View.Current.VDisk(vDisk)!.Production!;

    /// <summary>What pc07 is told to boot.</summary>
    private BootPlan Plan(ushort? architecture) =>
        new FarmBootDirectory(
            _rig.Farm.Farm.View,
            new(new byte[32]),
            "here",
            new(() => OperationsRig.Status("here"), _ => true, _rig.Farm.Farm.View, _rig.Farm.Time),
            _rig.Timeline.Add,
            _rig.Farm.Time,
            NullLogger<FarmBootDirectory>.Instance,
            _rig.Unknown
        ).Plan(new(MacAddress.Parse(OperationsRig.Mac), Architecture: architecture));
}
