using System.Globalization;
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

    [NamespaceFact("setpriv", "busybox", "tftp", "iscsi-inq")]
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
            await HasOnlyTheUnitsRightsAsync(server.Process.Id);
            await ServesEverythingAsync(lab);
            Assert.Equal(0, await server.StopAsync());
            Assert.Equal("STOPPING=1", await ReceiveAsync(notified));
        }
        finally
        {
            output.WriteLine(server.Transcript());
        }
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

    private static async Task HasOnlyTheUnitsRightsAsync(int process)
    {
        var status = (await File.ReadAllLinesAsync($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/status"))
            .Select(line => line.Split(":\t"))
            .ToDictionary(pair => pair[0], pair => pair[^1], StringComparer.Ordinal);
        Assert.Equal($"{User}\t{User}\t{User}\t{User}", status["Uid"]);
        Assert.Equal("1", status["NoNewPrivs"]);
        Assert.All(
            (string[])["CapEff", "CapPrm", "CapBnd"],
            set => Assert.Equal((1UL << NetBindService) | (1UL << NetRaw), Convert.ToUInt64(status[set], 16))
        );
    }

    private static async Task ServesEverythingAsync(BootLab lab)
    {
        Assert.StartsWith("10.77.0.1", await Clients.LeaseAsync(await lab.PlugInAsync()), StringComparison.Ordinal);

        var program = lab.PathOf("fetched");
        string[] get = ["-m", "binary", BootLab.ServerAddress, "-c", "get", "undionly.kpxe", program];
        await Clients.RunAsync(lab, "tftp", get);
        Assert.Equal(
            await File.ReadAllBytesAsync("/usr/lib/ipxe/undionly.kpxe"),
            await File.ReadAllBytesAsync(program)
        );

        var image = lab.PathOf("image");
        await File.WriteAllBytesAsync(image, new byte[1 << 20]);
        await MustAsync("chmod", "644", image);
        await lab.Server.PbmAsync("vdisk", "import", BootLab.VDisk, image);
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
