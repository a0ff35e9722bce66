using System.Globalization;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>Two servers on one farm database, each in a network namespace of its own.</summary>
[Trait("Tier", "vm")]
public sealed class ReplicationTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const string OtherAddress = "10.77.0.2";
    private const int DiskMiB = 192;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private readonly PostgreSqlServer _database = new();
    private readonly List<ServerProcess> _servers = [];
    private BootLab _lab = null!;
    private NetNamespace _other = null!;
    private string _connection = "";

    public async Task InitializeAsync()
    {
        _lab = await BootLab.WithoutServerAsync(output);
        _other = await _lab.PlugInAsync();
        await _other.IpAsync("addr", "add", $"{OtherAddress}/24", "dev", "eth0");
        _connection = PostgreSqlServer.Programs is null ? "Host=/nowhere" : _database.NewDatabase();
    }

    public async Task DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
            output.WriteLine(server.Transcript());
        }
        await _lab.DisposeAsync();
        _database.Dispose();
    }

    [PostgreSqlNamespaceFact]
    public async Task An_image_reaches_the_other_server_through_a_kill_of_either_and_is_not_offered_before()
    {
        var a = await ServerAsync("a", BootLab.ServerAddress, _lab.Inside);
        var b = await ServerAsync("b", OtherAddress, _other);
        await a.StartAsync();
        await b.StartAsync();
        var (disk, boot) = (_lab.PathOf("disk"), _lab.PathOf("boot"));
        var bytes = new byte[DiskMiB << 20];
        Seed.New(output).NextBytes(bytes);
        await File.WriteAllBytesAsync(disk, bytes);
        await File.WriteAllBytesAsync(boot, bytes.AsMemory(0, 1 << 20));
        await a.PbmAsync("vdisk", "import", BootLab.VDisk, disk, "--kernel", boot, "--initrd", boot);
        await a.PbmAsync("device", "add", BootLab.MachineName(1), BootLab.Mac(1));
        await a.PbmAsync("device", "assign", BootLab.MachineName(1), BootLab.VDisk, "-t", "nbd");

        // The other server follows the journal.
        await Eventually.TrueAsync(
            async () => (await b.PbmAsync("vdisk", "list")).Contains(BootLab.VDisk, StringComparison.Ordinal),
            s_limit
        );
        // While it is on its way, b says so to machines, and refuses their logins.
        await Eventually.TrueAsync(
            async () => await HereAsync(b) is { State: "arriving", Percent: > 40 and < 90 },
            s_limit
        );
        Assert.Contains("of its image is here yet", await ScriptAsync(), StringComparison.Ordinal);
        var login = await _lab.Inside.ExecAsync("nbdinfo", $"nbd://{OtherAddress}/{BootLab.MachineName(1)}");
        Assert.NotEqual(0, login.ExitCode);
        await Eventually.TrueAsync(
            async () =>
                (await a.PbmAsync("device", "show", BootLab.MachineName(1))).Contains(
                    "does not hold vDisk guest",
                    StringComparison.Ordinal
                ),
            s_limit
        );
        await b.KillAsync();
        await a.KillAsync();

        // What was durable is there, and nobody to have the rest from.
        await b.StartAsync();
        var (state, percent) = await HereAsync(b);
        Assert.Equal("waiting", state);
        Assert.InRange(percent, 30, 95);
        Assert.Contains("unreachable", await b.PbmAsync("vdisk", "replicas", BootLab.VDisk), StringComparison.Ordinal);

        await a.StartAsync();
        await Eventually.TrueAsync(async () => (await HereAsync(b)).State == "held", s_limit);
        Assert.Contains(
            "is here, all of it",
            await b.PbmAsync("vdisk", "replicate", BootLab.VDisk),
            StringComparison.Ordinal
        );
        Assert.EndsWith("ok", (await b.PbmAsync("vdisk", "verify", BootLab.VDisk)).TrimEnd(), StringComparison.Ordinal);
        Assert.Contains("/kernel", await ScriptAsync(), StringComparison.Ordinal);
        Assert.Contains("replication", await a.PbmAsync("server", "show"), StringComparison.Ordinal);
    }

    private Task<string> ScriptAsync() =>
        Clients.RunAsync(
            _lab,
            "curl",
            "--silent",
            "--show-error",
            "--fail",
            $"http://{OtherAddress}:8069/boot/{BootLab.Mac(1).Replace(':', '-')}"
        );

    private static async Task<(string State, int Percent)> HereAsync(ServerProcess server)
    {
        var here = (await server.PbmJsonAsync("vdisk", "replicas", BootLab.VDisk))[0];
        return (here.GetProperty("state").GetString()!, here.GetProperty("percent").GetInt32());
    }

    private async Task<ServerProcess> ServerAsync(string name, string address, NetNamespace inside)
    {
        var file = _lab.PathOf($"{name}.conf");
        await File.WriteAllTextAsync(
            file,
            string.Create(
                CultureInfo.InvariantCulture,
                $$"""
                hatchery {
                  server-name = {{name}}, address = "{{address}}", data-folder = "{{_lab.PathOf(name)}}"
                  database.postgresql = "{{_connection}}"
                  replication {
                    port = 9120, interval = 1s, rate = 12MiB
                    peers = [
                      { name = a, address = "{{BootLab.ServerAddress}}", port = 9120 }
                      { name = b, address = "{{OtherAddress}}", port = 9120 }
                    ]
                  }
                }
                """
            )
        );
        var server = new ServerProcess(file, new Dictionary<string, string>(StringComparer.Ordinal), inside);
        _servers.Add(server);
        return server;
    }
}
