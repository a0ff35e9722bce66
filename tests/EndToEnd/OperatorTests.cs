using System.Text.Json;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>What an operator does with pbm at a real server.</summary>
public sealed class OperatorTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const string Mac = "52:54:00:77:00:10";

    private BootLab _lab = null!;
    private ServerProcess _server = null!;

    public async Task InitializeAsync()
    {
        _lab = await BootLab.StartAsync(output);
        _server = _lab.Server;
    }

    public async Task DisposeAsync() => await _lab.DisposeAsync();

    [NamespaceFact("qemu-img")]
    public async Task Image_becomes_a_vdisk_that_devices_boot_from()
    {
        var image = await ImageAsync("qcow2");
        Assert.Contains("hash", await _server.PbmAsync("vdisk", "import", "debian", image), StringComparison.Ordinal);
        var shown = await _server.PbmJsonAsync("vdisk", "show", "debian", "--verify");
        Assert.Equal("ok", shown.GetProperty("versions")[0].GetProperty("verified").GetString());

        Assert.Contains("version 1: ok", await _server.PbmAsync("vdisk", "verify", "debian"), StringComparison.Ordinal);

        await _server.PbmAsync("device", "add", "pc07", Mac);
        await _server.PbmAsync("device", "assign", "pc07", "debian");
        var device = await _server.PbmJsonAsync("device", "show", "pc07");
        Assert.Equal("debian", device.GetProperty("vDisk").GetString());
        Assert.Equal("san", device.GetProperty("transport").GetString());
        Assert.Contains("pc07", await _server.PbmAsync("device", "list"), StringComparison.Ordinal);

        Assert.Contains(
            "pc07",
            (await _server.TryPbmAsync("vdisk", "remove", "debian")).Errors,
            StringComparison.Ordinal
        );
        await _server.PbmAsync("device", "remove", "pc07");
        await _server.PbmAsync("vdisk", "remove", "debian");
        Assert.Equal(0, (await _server.PbmJsonAsync("vdisk", "list")).GetArrayLength());
    }

    [NamespaceFact("qemu-img")]
    public async Task VDisk_is_exported_to_what_other_programs_read()
    {
        var source = await ImageAsync("raw");
        await using (var file = File.OpenWrite(source))
            await file.WriteAsync("a boot sector"u8.ToArray());
        await _server.PbmAsync("vdisk", "import", "debian", source);
        foreach (var format in (string[])["raw", "qcow2", "vhd", "vhd-dynamic", "vhdx", "vmdk"])
        {
            var path = _lab.PathOf("out." + format);
            var said = await _server.PbmAsync("vdisk", "export", "debian", path, "--format", format);
            Assert.Contains("exporting debian: 100 %", said, StringComparison.Ordinal);
            Assert.Contains(
                "there already",
                await SaidAsync("vdisk", "export", "debian", path),
                StringComparison.Ordinal
            );
            var driver = format.StartsWith("vhd", StringComparison.Ordinal) && format != "vhdx" ? "vpc" : format;
            var compared = await Tool.RunAsync("qemu-img", ["compare", "-f", "raw", "-F", driver, source, path]);
            Assert.Equal("Images are identical.", compared.Output.Trim());
        }
        await _server.PbmAsync("vdisk", "export", "debian", _lab.PathOf("out.vhd"), "--force");
        Assert.Contains("not absolute", await SaidAsync("vdisk", "export", "debian", "x"), StringComparison.Ordinal);
        var vhd = await _server.PbmAsync("vdisk", "import", "again", _lab.PathOf("out.vhd"), "--format", "vhd");
        Assert.Contains("8.0 MiB", vhd, StringComparison.Ordinal);
    }

    [NamespaceFact("qemu-img")]
    public async Task Everything_is_there_after_the_server_was_killed()
    {
        await _server.PbmAsync("vdisk", "import", "debian", await ImageAsync("raw"));
        await _server.PbmAsync("device", "add", "pc07", Mac);
        await _server.PbmAsync("device", "assign", "pc07", "debian");
        var before = await _server.PbmAsync("device", "list", "-o", "json");
        await _server.KillAsync();
        await _server.StartAsync();
        // The view of a server that has just started is fed from the journal: its own words come first.
        Assert.Equal(before, await _server.PbmAsync("device", "list", "-o", "json"));
        Assert.Contains(
            "there already",
            (await _server.TryPbmAsync("vdisk", "import", "debian", await ImageAsync("raw"))).Errors,
            StringComparison.Ordinal
        );
    }

    [NamespaceFact("qemu-img")]
    public async Task Import_and_export_go_on_after_the_server_was_killed()
    {
        var source = _lab.PathOf("large.raw");
        await using (var file = File.Create(source))
        {
            var piece = new byte[1 << 20];
            for (var slice = 0; slice < 60; slice++)
            {
                new Random(slice).NextBytes(piece);
                file.Position = (long)slice << 28;
                file.Write(piece);
            }
        }
        await KillWithinAsync("vdisk", "import", "large", source);
        Assert.Equal("interrupted", (await TransferAsync()).GetProperty("state").GetString());
        Assert.Contains(
            "has not changed since",
            await _server.PbmAsync("vdisk", "import", "large", source),
            StringComparison.Ordinal
        );

        var target = _lab.PathOf("large.qcow2");
        await KillWithinAsync("vdisk", "export", "large", target);
        Assert.Equal("export", (await TransferAsync()).GetProperty("kind").GetString());
        Assert.Contains(
            "the image is the same",
            await _server.PbmAsync("vdisk", "export", "large", target),
            StringComparison.Ordinal
        );
        var compared = await Tool.RunAsync("qemu-img", ["compare", "-f", "raw", "-F", "qcow2", source, target]);
        Assert.Equal("Images are identical.", compared.Output.Trim());

        await KillWithinAsync("vdisk", "export", "large", target, "--force");
        Assert.Contains("1 cancelled", await _server.PbmAsync("vdisk", "cancel", "large"), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateDirectories(_lab.PathOf("."), ".hatchery-export-*"));
        Assert.Equal(0, (await _server.PbmJsonAsync("vdisk", "transfers")).GetArrayLength());
    }

    /// <summary>Kills the server when a command has done a part of its work, and starts it again.</summary>
    private async Task KillWithinAsync(params string[] command)
    {
        var running = _server.TryPbmAsync(command);
        await Eventually.TrueAsync(async () =>
            running.IsCompleted || await TransferAsync() is var t && t.GetProperty("percent").GetInt32() >= 20
        );
        Assert.False(running.IsCompleted, "it was done before it was killed");
        await _server.KillAsync();
        Assert.Equal(3, (await running).ExitCode);
        await _server.StartAsync();
    }

    private async Task<JsonElement> TransferAsync()
    {
        var transfers = await _server.PbmJsonAsync("vdisk", "transfers");
        return transfers.GetArrayLength() > 0 ? transfers[0] : s_none;
    }

    private static readonly JsonElement s_none = JsonDocument.Parse("""{"percent":0}""").RootElement;

    [NamespaceFact]
    public async Task Exit_codes_tell_failure_usage_and_no_connection_apart()
    {
        Assert.Equal(0, (await _server.TryPbmAsync("device", "list")).ExitCode);
        Assert.Equal(1, (await _server.TryPbmAsync("device", "show", "nobody")).ExitCode);
        Assert.Equal(2, (await _server.TryPbmAsync("device", "add", "pc07")).ExitCode);
        Assert.Equal(2, (await _server.TryPbmAsync("device", "dance")).ExitCode);
        Assert.Equal(2, (await _server.TryPbmAsync("nosuch")).ExitCode);
        await _server.StopAsync();
        Assert.Equal(3, (await _server.TryPbmAsync("device", "list")).ExitCode);
    }

    [NamespaceFact]
    public async Task Wrong_words_are_explained()
    {
        Assert.Contains(
            "iPXE",
            await SaidAsync("vdisk", "import", "x", "/nowhere", "--arguments", "a || reboot"),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "52:54:00",
            (await _server.TryPbmAsync("device", "add", "pc07", "nomac")).Errors,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "device name",
            (await _server.TryPbmAsync("device", "add", "PC_07", Mac)).Errors,
            StringComparison.Ordinal
        );
        Assert.Contains("see pbm vdisk list", (await AssignToNothingAsync()).Errors, StringComparison.Ordinal);
        Assert.Contains(
            "no switch",
            (await _server.TryPbmAsync("device", "list", "--wat")).Errors,
            StringComparison.Ordinal
        );
    }

    [NamespaceFact]
    public async Task Actors_of_devices_are_in_the_hierarchy()
    {
        await _server.PbmAsync("device", "add", "pc07", Mac);
        var id = (await _server.PbmJsonAsync("device", "show", "pc07")).GetProperty("id").GetString()!;
        Assert.Contains(
            $"/{id}",
            await _server.PbmAsync("actor", "hierarchy", "-s", "/system/sharding/device"),
            StringComparison.Ordinal
        );
        // Alone, and so within reach of nobody else.
        Assert.StartsWith(
            "akka.tcp://hatchery@127.0.0.1:",
            await _server.PbmAsync("actor", "system"),
            StringComparison.Ordinal
        );
    }

    [NamespaceFact("curl")]
    public async Task Boots_are_watched_until_Ctrl_C()
    {
        await _server.PbmAsync("device", "add", "pc07", Mac);
        string[] command = [SourceTree.Executable("Pbm", "pbm"), "boot", "watch"];
        await using var watch = WatchedProcess.Start("pbm", _lab.Inside, command);
        await watch.Output.WaitForAsync("TIME (UTC)", Limits.Work);
        await Clients.RunAsync(_lab, "curl", "-sf", $"http://{BootLab.ServerAddress}:8069/boot/{Mac}");
        await watch.Output.WaitForAsync("nothing-to-boot", Limits.Work);
        var stalled = await watch.Output.WaitForAsync("stalled", Limits.Work);
        Assert.EndsWith("pc07 has no vDisk: pbm device assign pc07 VDISK", stalled, StringComparison.Ordinal);
        Assert.Equal(0, await watch.InterruptAsync());
        Assert.False(_server.Process.HasExited);
    }

    [NamespaceFact]
    public async Task Help_lists_what_the_server_offers()
    {
        var help = await _server.PbmAsync("help");
        Assert.Contains("vdisk import NAME FILE", help, StringComparison.Ordinal);
        Assert.Contains("--transport", await _server.PbmAsync("device", "assign", "help"), StringComparison.Ordinal);
    }

    private async Task<string> SaidAsync(params string[] command) => (await _server.TryPbmAsync(command)).Errors;

    private async Task<ToolResult> AssignToNothingAsync()
    {
        await _server.PbmAsync("device", "add", "pc07", Mac);
        return await _server.TryPbmAsync("device", "assign", "pc07", "nothing");
    }

    private async Task<string> ImageAsync(string format)
    {
        var path = _lab.PathOf($"disk-{Guid.NewGuid():N}.{format}");
        var made = await Tool.RunAsync("qemu-img", ["create", "-q", "-f", format, path, "8M"]);
        Assert.Equal(0, made.ExitCode);
        return path;
    }
}
