using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>deploy/hatchery.service, and a server with no more rights than it gives.</summary>
public sealed class ServiceTests(ITestOutputHelper output)
{
    private const string User = "64000";
    private const int NetBindService = 10;
    private const int NetRaw = 13;
    private static readonly TimeSpan s_notifyLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_restartLimit = TimeSpan.FromMinutes(4);
    private static readonly string s_unit = SourceTree.PathOf("deploy", "hatchery.service");

    [ToolFact("systemd-analyze")]
    public async Task Systemd_finds_nothing_wrong_with_the_unit()
    {
        using var folder = new TempFolder();
        var here = SourceTree.Executable("Hatchery.Server", "hatchery");
        var unit = (await File.ReadAllTextAsync(s_unit)).Replace(
            "/opt/hatchery/hatchery",
            here,
            StringComparison.Ordinal
        );
        await File.WriteAllTextAsync(folder["hatchery.service"], unit);

        var result = await Tool.RunAsync("systemd-analyze", ["verify", folder["hatchery.service"]]);
        Assert.Equal("", result.Output + result.Errors);
        Assert.Equal(0, result.ExitCode);
    }

    [NamespaceFact("setpriv", "busybox", "tftp", "iscsi-inq", "qemu-img")]
    public async Task A_server_with_the_units_user_and_capabilities_serves_every_protocol()
    {
        await using var lab = await BootLab.WithoutServerAsync(output);
        var (program, configuration) = await InstallAsync(lab);
        using var notified = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        notified.Bind(new UnixDomainSocketEndPoint(lab.PathOf("notify")));
        await MustAsync("chmod", "666", lab.PathOf("notify"));
        var environment = BootLab.EnvironmentOf(lab.ServerFolder);
        environment["NOTIFY_SOCKET"] = lab.PathOf("notify");

        await using var server = new ServerProcess(configuration, environment, lab.Inside, program);
        try
        {
            await server.StartAsync();
            Assert.Equal("READY=1", await ReceiveAsync(notified));
            var status = $"/proc/{server.Process.Id.ToString(CultureInfo.InvariantCulture)}/status";
            HasOnlyTheUnitsRights(await File.ReadAllTextAsync(status), User);
            await ServesEverythingAsync(lab, lab.PathOf("image"));
            Assert.Equal(0, await server.StopAsync());
            Assert.Equal("STOPPING=1", await ReceiveAsync(notified));
        }
        finally
        {
            output.WriteLine(server.Transcript());
        }
    }

    [Trait("Tier", "vm")]
    [NamespaceFact("systemd", "setpriv", "nsenter", "busybox", "tftp", "iscsi-inq", "qemu-img")]
    public async Task Installed_as_the_README_says_systemd_starts_it_brings_it_back_and_stops_it()
    {
        await using var lab = await BootLab.WithoutServerAsync(output);
        await using var host = await SystemdHost.StartAsync(lab);
        try
        {
            await InstallAsync(host);
            Assert.Equal("active", await host.ShowAsync("ActiveState"));
            var status = $"/proc/{await host.ShowAsync("MainPID")}/status";
            HasOnlyTheUnitsRights(await host.RunAsync("cat", status), await host.RunAsync("id", "-u", "hatchery"));
            Assert.Contains("OK", await host.RunAsync("systemd-analyze", "security", "--threshold=20", "hatchery"));
            Assert.Equal(0, await WatchedPathsAsync(host));
            var image = host.PathOf("/srv/image");
            await ServesEverythingAsync(lab, image, "/srv/image");

            await host.RunAsync("systemctl", "kill", "--signal=KILL", "hatchery");
            await Eventually.TrueAsync(
                async () => await host.ShowAsync("NRestarts") == "1" && await host.ShowAsync("ActiveState") == "active",
                s_restartLimit
            );
            await Clients.LeaseAsync(await lab.PlugInAsync());
            await lab.Server.PbmAsync("device", "show", BootLab.MachineName(1));

            await host.RunAsync("systemctl", "stop", "hatchery");
            Assert.Equal("inactive", await host.ShowAsync("ActiveState"));
            Assert.Equal("success", await host.ShowAsync("Result"));
            Assert.Equal("0", await host.ShowAsync("ExecMainStatus"));

            await File.WriteAllTextAsync(host.PathOf("/etc/hatchery/site.conf"), "hatchery { address = [ }");
            Assert.NotEqual(0, (await host.TryAsync("systemctl", "start", "hatchery")).ExitCode);
            // Not "activating": it is not tried again.
            Assert.Equal("failed", await host.ShowAsync("ActiveState"));
            Assert.Equal("2", await host.ShowAsync("ExecMainStatus"));
        }
        finally
        {
            var journal = (await host.TryAsync("journalctl", "--no-pager", "--unit", "hatchery")).Output;
            output.WriteLine(journal);
            // What it needs its capabilities for, and says when it lacks them.
            Assert.DoesNotContain("NET_RAW", journal, StringComparison.Ordinal);
            Assert.DoesNotContain("are not answered", journal, StringComparison.Ordinal);
        }
    }

    /// <summary>Files and folders that the kernel tells the server of. Its working directory is /, of which it has to know nothing.</summary>
    private static async Task<int> WatchedPathsAsync(SystemdHost host)
    {
        var files = await host.RunAsync("bash", "-c", $"cat /proc/{await host.ShowAsync("MainPID")}/fdinfo/*");
        return files.Split('\n').Count(line => line.StartsWith("inotify ", StringComparison.Ordinal));
    }

    /// <summary>This build, and then what README.md tells operators to type.</summary>
    private static async Task InstallAsync(SystemdHost host)
    {
        var built = Path.GetDirectoryName(SourceTree.Executable("Hatchery.Server", "hatchery"))!;
        await MustAsync("cp", "-r", built, host.PathOf("/opt/hatchery"));
        await MustAsync("chmod", "-R", "a+rX", host.PathOf("/opt/hatchery"));
        var tree = Directory.CreateDirectory(host.PathOf("/root/hatchery")).FullName;
        await MustAsync("cp", "-r", SourceTree.PathOf("deploy"), tree);
        File.Copy(SourceTree.PathOf("hocon", "single.conf"), Path.Combine(tree, "site.conf"));

        var commands = (await File.ReadAllLinesAsync(SourceTree.PathOf("README.md")))
            .SkipWhile(line => line != "### As a service")
            .SkipWhile(line => line != "```")
            .Skip(1)
            .TakeWhile(line => line != "```");
        await host.RunAsync("bash", "-ec", string.Join('\n', commands.Prepend("cd /root/hatchery")));
    }

    /// <summary>The build and its configuration where another user can read them, as the unit would run it.</summary>
    private static async Task<(IReadOnlyList<string> Program, string Configuration)> InstallAsync(BootLab lab)
    {
        var built = Path.GetDirectoryName(SourceTree.Executable("Hatchery.Server", "hatchery"))!;
        await MustAsync("cp", "-r", built, lab.PathOf("opt"));
        File.Copy(BootLab.Configuration, lab.PathOf("site.conf"));
        await MustAsync("chmod", "-R", "a+rX", lab.PathOf("."));
        await MustAsync("chown", $"{User}:{User}", lab.ServerFolder);

        var unit = await File.ReadAllLinesAsync(s_unit);
        string Capabilities(string key)
        {
            var line = Assert.Single(unit, l => l.StartsWith($"{key}=", StringComparison.Ordinal));
            var names = line.Split('=')[1].Split(' ').Select(name => name["CAP_".Length..].ToLowerInvariant());
            return $"-all,+{string.Join(",+", names)}";
        }
        var ambient = Capabilities("AmbientCapabilities");
        return (
            [
                "setpriv",
                $"--reuid={User}",
                $"--regid={User}",
                "--clear-groups",
                "--no-new-privs",
                $"--bounding-set={Capabilities("CapabilityBoundingSet")}",
                $"--inh-caps={ambient}",
                $"--ambient-caps={ambient}",
                Path.Combine(lab.PathOf("opt"), "hatchery"),
            ],
            lab.PathOf("site.conf")
        );
    }

    /// <param name="text">The process's /proc/PID/status.</param>
    private static void HasOnlyTheUnitsRights(string text, string user)
    {
        var status = text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(":\t"))
            .ToDictionary(pair => pair[0], pair => pair[^1], StringComparer.Ordinal);
        Assert.Equal($"{user}\t{user}\t{user}\t{user}", status["Uid"]);
        Assert.Equal("1", status["NoNewPrivs"]);
        Assert.All(
            (string[])["CapEff", "CapPrm", "CapBnd"],
            set => Assert.Equal((1UL << NetBindService) | (1UL << NetRaw), Convert.ToUInt64(status[set], 16))
        );
    }

    /// <param name="image">A file that is not there yet, where the server may read it.</param>
    /// <param name="asSeen">Its name to the server, where that is another.</param>
    private static async Task ServesEverythingAsync(BootLab lab, string image, string? asSeen = null)
    {
        // The pool of hocon/single.conf.
        Assert.InRange(
            IPAddress.Parse(await Clients.LeaseAsync(await lab.PlugInAsync())).GetAddressBytes()[3],
            100,
            200
        );

        var program = lab.PathOf("fetched");
        string[] get = ["-m", "binary", BootLab.ServerAddress, "-c", "get", "undionly.kpxe", program];
        await Clients.RunAsync(lab, "tftp", get);
        Assert.Equal(
            await File.ReadAllBytesAsync("/usr/lib/ipxe/undionly.kpxe"),
            await File.ReadAllBytesAsync(program)
        );

        await MustAsync("qemu-img", "create", "-q", "-f", "qcow2", image, "1M");
        await MustAsync("chmod", "644", image);
        await lab.Server.PbmAsync("vdisk", "import", BootLab.VDisk, asSeen ?? image);
        await lab.AddDeviceAsync(1, "san");
        var target = $"iqn.2026-01.net.hatchery:{BootLab.MachineName(1)}";
        var found = await Clients.RunAsync(lab, "iscsi-inq", $"iscsi://{BootLab.ServerAddress}/{target}/0");
        Assert.Contains("Hatchery", found, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task<string> ReceiveAsync(Socket socket)
    {
        var buffer = new byte[64];
        using var enough = new CancellationTokenSource(s_notifyLimit);
        return Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer, enough.Token));
    }

    private static async Task MustAsync(string tool, params string[] arguments)
    {
        var result = await Tool.RunAsync(tool, arguments);
        Assert.True(result.ExitCode == 0, $"{tool}: {result.Errors}");
    }
}
