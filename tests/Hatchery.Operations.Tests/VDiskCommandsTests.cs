using Hatchery.Devices;
using Hatchery.Testing;

namespace Hatchery.Operations.Tests;

public sealed class VDiskCommandsTests : IAsyncLifetime
{
    private OperationsRig _rig = null!;

    public async Task InitializeAsync()
    {
        _rig = await OperationsRig.StartAsync();
        await File.WriteAllBytesAsync(_rig.Folder["disk"], new byte[1 << 20]);
        await File.WriteAllTextAsync(_rig.Folder["kernel"], "kernel");
        await File.WriteAllTextAsync(_rig.Folder["initrd"], "initrd");
    }

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    [ToolFact("qemu-img")]
    public async Task Import_tells_how_far_it_is_and_what_it_made()
    {
        var lines = (await _rig.RunAsync("vdisk", "import", "debian", _rig.Folder["disk"])).Split('\n');
        Assert.Contains("importing debian: 100 %", lines);
        Assert.Equal(lines.Distinct(), lines);
        Assert.StartsWith("vDisk debian version 1: 1.0 MiB, hash ", lines[^1], StringComparison.Ordinal);
    }

    [ToolFact("qemu-img")]
    public async Task Replicas_say_what_this_server_holds_and_why_it_does_not()
    {
        await ImportWithKernelAsync();
        var held = (await _rig.JsonAsync("vdisk", "replicas", "debian"))[0];
        Assert.Equal(["server", "version", "state", "percent", "detail"], held.EnumerateObject().Select(p => p.Name));
        Assert.Equal(
            ("here", "held", 100),
            (
                held.GetProperty("server").GetString(),
                held.GetProperty("state").GetString(),
                held.GetProperty("percent").GetInt32()
            )
        );
        Assert.Equal("vDisk debian is here, all of it verified", await _rig.RunAsync("vdisk", "replicate", "debian"));

        var image = _rig.Farm.Farm.View.Current.VDisk("debian")!.Versions[0].Image;
        Assert.Null(_rig.Store.DeleteImage(image));
        _rig.Replicator.Start();
        Assert.Contains(
            "this server knows no other (hatchery.replication.peers)",
            await _rig.FailAsync("vdisk", "replicate", "debian"),
            StringComparison.Ordinal
        );
        Assert.Contains("waiting", await _rig.RunAsync("vdisk", "replicas", "debian"), StringComparison.Ordinal);
        Assert.Contains(
            "no vDisk nowhere",
            await _rig.FailAsync("vdisk", "replicas", "nowhere"),
            StringComparison.Ordinal
        );
    }

    [ToolFact("qemu-img")]
    public async Task VDisk_in_json_has_the_fields_that_scripts_read()
    {
        await ImportWithKernelAsync();
        var listed = (await _rig.JsonAsync("vdisk", "list"))[0];
        Assert.Equal(
            ["name", "id", "versions", "users", "lock", "sectorBytes"],
            listed.EnumerateObject().Select(p => p.Name)
        );
        var version = listed.GetProperty("versions")[0];
        Assert.Equal(
            [
                "number",
                "image",
                "sizeBytes",
                "sha256",
                "kernel",
                "kernelArguments",
                "addedAt",
                "verified",
                "access",
                "parent",
                "inProductionFrom",
                "scheduledFrom",
                "usedBy",
                "pinnedBy",
                "addedBy",
                "note",
                "writtenBy",
                "becomesNext",
                "canary",
            ],
            version.EnumerateObject().Select(p => p.Name)
        );
        Assert.Equal(
            (1, 1 << 20, true, "quiet splash"),
            (
                version.GetProperty("number").GetInt32(),
                version.GetProperty("sizeBytes").GetInt32(),
                version.GetProperty("kernel").GetBoolean(),
                version.GetProperty("kernelArguments").GetString()
            )
        );
    }

    [ToolFact("qemu-img")]
    public async Task VDisk_is_listed_and_shown_with_who_runs_from_it()
    {
        await ImportWithKernelAsync();
        await _rig.RunAsync("device", "add", "pc07", OperationsRig.Mac);
        await _rig.RunAsync("device", "assign", "pc07", "debian", "-t", "nbd");
        var device = _rig.Farm.Farm.View.Current.Device("pc07")!.Id;
        await _rig.Farm.AskAsync(new OpenSession(device, _rig.Farm.Nonce(device), "one"));
        Assert.Equal(
            [
                "NAME    VERSION  SIZE     KERNEL  IN USE BY  ADDED (UTC)",
                "debian  1        1.0 MiB  yes     1          2026-01-01 00:00:00.000",
            ],
            (await _rig.RunAsync("vdisk", "list")).Split('\n')
        );
        Assert.Contains("in use by  pc07", await _rig.RunAsync("vdisk", "show", "debian"), StringComparison.Ordinal);
        Assert.Contains(
            "of its write cache at one",
            await _rig.RunAsync("device", "show", "pc07"),
            StringComparison.Ordinal
        );
    }

    [ToolFact("qemu-img")]
    public async Task Damaged_image_is_found_by_verifying()
    {
        await _rig.RunAsync("vdisk", "import", "debian", _rig.Folder["disk"]);
        var disk = Directory.EnumerateFiles(_rig.Store.ImagesPath, "*.raw", SearchOption.AllDirectories).Single();
        File.Delete(disk);
        await File.WriteAllBytesAsync(disk, [1, .. new byte[(1 << 20) - 1]]);
        var version = (await _rig.JsonAsync("vdisk", "show", "debian", "--verify")).GetProperty("versions")[0];
        Assert.Contains(
            "not those that were imported",
            version.GetProperty("verified").GetString()!,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "debian version 1: " + disk,
            await _rig.FailAsync("vdisk", "verify", "debian"),
            StringComparison.Ordinal
        );
    }

    [ToolFact("qemu-img")]
    public async Task Verifying_tells_how_far_it_is_and_what_is_whole()
    {
        await _rig.RunAsync("vdisk", "import", "debian", _rig.Folder["disk"]);
        var lines = (await _rig.RunAsync("vdisk", "verify", "debian")).Split('\n');
        Assert.Contains("verifying debian version 1: 100 %", lines);
        Assert.Equal("vDisk debian version 1: ok", lines[^1]);
        Assert.Contains("see pbm vdisk list", await _rig.FailAsync("vdisk", "verify", "x"), StringComparison.Ordinal);
    }

    [ToolFact("qemu-img")]
    public async Task Removed_vdisk_takes_its_image_along_and_leaves_its_name()
    {
        await _rig.RunAsync("vdisk", "import", "debian", _rig.Folder["disk"]);
        Assert.Equal("vDisk debian removed", await _rig.RunAsync("vdisk", "remove", "debian"));
        Assert.Empty(_rig.Store.ListImages());
        await _rig.RunAsync("vdisk", "import", "debian", _rig.Folder["disk"]);
    }

    [ToolFact("qemu-img")]
    public async Task Failed_import_leaves_nothing_and_can_be_repeated()
    {
        Assert.Contains(
            _rig.Folder["nothing"],
            await _rig.FailAsync("vdisk", "import", "debian", _rig.Folder["nothing"]),
            StringComparison.Ordinal
        );
        Assert.Empty(_rig.Store.ListImages());
        await _rig.RunAsync("vdisk", "import", "debian", _rig.Folder["disk"]);
        Assert.Equal(
            "vDisk debian is there already",
            await _rig.FailAsync("vdisk", "import", "debian", _rig.Folder["disk"])
        );
        Assert.Single(_rig.Store.ListImages());
    }

    [ToolFact("qemu-img")]
    public async Task Interrupted_import_waits_until_it_is_cancelled()
    {
        await using (var sparse = File.Create(_rig.Folder["large"]))
        {
            // Each part that has data is copied by a qemu-img of its own, which takes minutes in all: it is not done before it is interrupted.
            sparse.SetLength(1L << 40);
            for (var at = 0L; at < sparse.Length; at += 256 << 20)
            {
                sparse.Position = at;
                sparse.Write("data"u8);
            }
        }
        var id = await _rig.Client.StartAsync("vdisk", "import", "large", _rig.Folder["large"]);
        Assert.Equal((id, "importing large: 0 %"), await _rig.Client.AnswerAsync() is var a ? (a.Id, a.Text) : default);
        await _rig.Client.SendAsync(new(Cancel: id));
        await Eventually.TrueAsync(() => _rig.Store.ListTransfers() is [{ IsRunning: false }]);
        Assert.Contains("import  interrupted", await _rig.RunAsync("vdisk", "transfers"), StringComparison.Ordinal);
        Assert.Empty(_rig.Store.ListImages());
        Assert.StartsWith(
            "vDisk large: 1 cancelled",
            await _rig.RunAsync("vdisk", "cancel", "large"),
            StringComparison.Ordinal
        );
        Assert.Empty(Directory.EnumerateFileSystemEntries(_rig.Folder["store/tmp"]));
        Assert.Contains(
            "see pbm vdisk transfers",
            await _rig.FailAsync("vdisk", "cancel", "large"),
            StringComparison.Ordinal
        );
        Assert.Equal(0, (await _rig.JsonAsync("vdisk", "list")).GetArrayLength());
    }

    [Theory]
    [InlineData("'disk.raw' is not absolute", "vdisk import debian disk.raw")]
    [InlineData("'vmlinuz' is not absolute", "vdisk import debian /disk --kernel vmlinuz --initrd /initrd")]
    [InlineData("a kernel and an initrd come together", "vdisk import debian /disk --kernel /vmlinuz")]
    [InlineData("'De_bian' is no vDisk name", "vdisk import De_bian /disk")]
    [InlineData("no vDisk debian: see pbm vdisk list", "vdisk show debian")]
    [InlineData("no vDisk debian: see pbm vdisk list", "vdisk remove debian")]
    [InlineData("-o takes table or json, not 'xml'", "vdisk list -o xml")]
    public async Task Wrong_words_change_nothing_and_are_explained(string begins, string words)
    {
        Assert.StartsWith(begins, await _rig.FailAsync(words.Split(' ')), StringComparison.Ordinal);
        Assert.Empty(_rig.Farm.Farm.View.Current.VDisks);
    }

    private Task<string> ImportWithKernelAsync() =>
        _rig.RunAsync(
            "vdisk",
            "import",
            "debian",
            _rig.Folder["disk"],
            "--kernel",
            _rig.Folder["kernel"],
            "--initrd",
            _rig.Folder["initrd"],
            "--arguments",
            "quiet splash"
        );
}
