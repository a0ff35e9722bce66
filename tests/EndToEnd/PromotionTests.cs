using System.Text.RegularExpressions;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>A version comes into production, or is taken back, exactly between a machine's script and its login.</summary>
[Trait("Tier", "vm")]
public sealed partial class PromotionTests(ITestOutputHelper output)
{
    private const int DiskBytes = 8 << 20;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(90);
    private static readonly string[] s_servers = ["alpha", "beta"];

    [PostgreSqlNamespaceFact("qemu-io", "curl")]
    public async Task Machine_has_the_disk_of_the_kernel_that_its_script_names_at_whichever_server_it_logs_in()
    {
        await using var farm = await FarmLab.StartTwoAsync(output);
        await farm.UntilMembersAsync(s_servers);
        var (alpha, old) = (farm.Servers["alpha"], await FilesAsync(farm, 0x11));
        await farm.AddVDiskAsync(old[0], [.. old[1..]]);
        for (var machine = 0; machine < s_servers.Length; machine++)
            await farm.AddDeviceAsync("alpha", machine);
        var updated = await FilesAsync(farm, 0x22);
        await alpha.PbmAsync(["vdisk", "version", "create", FarmLab.VDisk, "--file", .. updated]);

        var scripts = await Task.WhenAll(s_servers.Select((_, machine) => ScriptAsync(farm, machine)));
        await PromoteAsync(farm);
        foreach (var (server, script) in s_servers.Zip(scripts))
        {
            Assert.Equal("11", await KernelAsync(farm, server, script));
            await ReadsAsync(farm, server, script, "11");
        }

        // The boots after these have the new one; and a script of it is good for nothing when it was taken back.
        for (var machine = 0; machine < s_servers.Length; machine++)
        {
            var script = await ScriptOfAsync(farm, machine, "22");
            await ReadsAsync(farm, s_servers[machine], script, "22");
        }
        scripts = await Task.WhenAll(s_servers.Select((_, machine) => ScriptAsync(farm, machine)));
        await alpha.PbmAsync("vdisk", "version", "revert", FarmLab.VDisk);
        for (var machine = 0; machine < s_servers.Length; machine++)
        {
            await RefusedAsync(farm, machine, scripts[machine]);
            await ReadsAsync(farm, s_servers[machine], await ScriptOfAsync(farm, machine, "11"), "11");
        }
    }

    /// <summary>An image full of that byte, and a kernel and an initrd that are, with the words by which <c>pbm</c> takes them.</summary>
    private static async Task<string[]> FilesAsync(FarmLab farm, byte content)
    {
        var (image, kernel) = (farm.Network.PathOf($"{content:x}.raw"), farm.Network.PathOf($"{content:x}.kernel"));
        var bytes = new byte[DiskBytes];
        Array.Fill(bytes, content);
        await File.WriteAllBytesAsync(image, bytes);
        await File.WriteAllTextAsync(kernel, $"{content:x}");
        return [image, "--kernel", kernel, "--initrd", kernel];
    }

    /// <summary>To test when each server has shown that it has the version whole, and then to production.</summary>
    private static async Task PromoteAsync(FarmLab farm)
    {
        string[] promote = ["vdisk", "version", "promote", FarmLab.VDisk];
        await Eventually.TrueAsync(
            async () => (await farm.Servers["alpha"].TryPbmAsync(promote)).ExitCode == 0,
            s_limit
        );
        await farm.Servers["alpha"].PbmAsync(promote);
    }

    private static async Task<string> ScriptAsync(FarmLab farm, int machine)
    {
        var url = $"http://{FarmLab.AddressOf("alpha")}:8069/boot/{BootLab.Mac(machine).Replace(':', '-')}";
        var script = await farm.ClientAsync("curl", "--silent", "--show-error", "--fail", url);
        Assert.Matches(Kernel(), script.Output);
        return script.Output;
    }

    /// <summary>A script of that version, which the server may hear of a moment later.</summary>
    private static async Task<string> ScriptOfAsync(FarmLab farm, int machine, string content)
    {
        var script = "";
        await Eventually.TrueAsync(
            async () => await KernelAsync(farm, "alpha", script = await ScriptAsync(farm, machine)) == content,
            s_limit
        );
        return script;
    }

    private static async Task<string> KernelAsync(FarmLab farm, string server, string script)
    {
        var path = Kernel().Match(script).Groups[1].Value;
        var fetched = await farm.ClientAsync(
            "curl",
            "--silent",
            "--fail",
            $"http://{FarmLab.AddressOf(server)}:8069{path}"
        );
        return fetched.Output;
    }

    private static Task<ToolResult> LogInAsync(FarmLab farm, string server, string script, string command) =>
        farm.ClientAsync(
            "qemu-io",
            "-r",
            "-f",
            "raw",
            "-c",
            command,
            $"nbd://{FarmLab.AddressOf(server)}/{Export().Match(script).Groups[1].Value}"
        );

    /// <summary>The disk that the login gets is full of that byte; a boot may have to wait for its keeper.</summary>
    private static async Task ReadsAsync(FarmLab farm, string server, string script, string content)
    {
        ToolResult? read = null;
        await Eventually.TrueAsync(
            async () => (read = await LogInAsync(farm, server, script, $"read -P 0x{content} 1M 1M")).ExitCode == 0,
            s_limit
        );
        Assert.DoesNotContain("verification failed", read!.Output, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Everywhere, and its timeline says why.</summary>
    private static async Task RefusedAsync(FarmLab farm, int machine, string script)
    {
        foreach (var server in s_servers)
            Assert.NotEqual(0, (await LogInAsync(farm, server, script, "read 1M 1M")).ExitCode);
        await Eventually.TrueAsync(
            async () =>
                (await farm.Servers["alpha"].PbmAsync("device", "show", BootLab.MachineName(machine))).Contains(
                    "has a boot script of something that it may not boot any more",
                    StringComparison.Ordinal
                ),
            s_limit
        );
    }

    [GeneratedRegex(@"kernel --name kernel http://[^/]+(/\S+)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Kernel();

    [GeneratedRegex(@"hatchery\.root=nbd:[^/ ]+/(\S+)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Export();
}
