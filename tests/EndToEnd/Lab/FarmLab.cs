using System.Globalization;
using System.Text.RegularExpressions;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>
/// Three servers on one network, each in a namespace of its own, with hocon/farm.conf and one PostgreSQL database: a farm. What they
/// said becomes the test's output.
/// </summary>
internal sealed partial class FarmLab : IAsyncDisposable
{
    public const string VDisk = "guest";
    private const int ImageBytes = 8 << 20;

    private static readonly string[] s_names = ["alpha", "beta", "gamma"];
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(90);

    private readonly ITestOutputHelper _output;
    private readonly PostgreSqlServer _database = new();
    private BootLab _network = null!;

    private FarmLab(ITestOutputHelper output) => _output = output;

    public Dictionary<string, ServerProcess> Servers { get; } = new(StringComparer.Ordinal);

    /// <summary>Every server is Up.</summary>
    public static async Task<FarmLab> StartAsync(ITestOutputHelper output)
    {
        var lab = new FarmLab(output);
        try
        {
            lab._network = await BootLab.WithoutServerAsync(output);
            var connection = lab._database.NewDatabase();
            foreach (var name in s_names)
                await lab.AddAsync(name, connection);
            // The first founds the farm; the others may come together.
            await lab.Servers["alpha"].StartAsync();
            await Task.WhenAll(lab.Servers["beta"].StartAsync(), lab.Servers["gamma"].StartAsync());
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    public static string AddressOf(string name) =>
        $"10.77.0.1{(Array.IndexOf(s_names, name) + 1).ToString(CultureInfo.InvariantCulture)}";

    public static string NameOf(string address) => s_names.Single(n => AddressOf(n) == address);

    public static string NodeOf(string name) => $"akka.tcp://hatchery@{AddressOf(name)}:4053";

    /// <summary>A vDisk whose image lies at every server: the others find it by what the first tells of itself.</summary>
    public async Task AddVDiskAsync()
    {
        var image = _network.PathOf("image");
        await File.WriteAllBytesAsync(image, new byte[ImageBytes]);
        string[] files = ["--kernel", image, "--initrd", image];
        await Servers["alpha"].PbmAsync(["vdisk", "import", VDisk, image, .. files]);
        foreach (var name in s_names)
            await Eventually.TrueAsync(
                async () =>
                    (await Servers[name].PbmJsonAsync("server", "list"))
                        .EnumerateArray()
                        .Count(s => s.GetProperty("images").GetInt32() == 1) == s_names.Length,
                s_limit
            );
    }

    public async Task AddDeviceAsync(string at, int number)
    {
        await Servers[at].PbmAsync("device", "add", BootLab.MachineName(number), BootLab.Mac(number));
        await Servers[at].PbmAsync("device", "assign", BootLab.MachineName(number), VDisk, "-t", "nbd");
    }

    /// <summary>The servers in the boot script that this one gives the machine, in order, and the name of its disk there.</summary>
    public async Task<(string[] Servers, string Export)> ScriptAsync(string at, int number)
    {
        var url = $"http://{AddressOf(at)}:8069/boot/{BootLab.Mac(number).Replace(':', '-')}";
        var root = Match.Empty;
        // This server may hear of the device a moment after the one that was told of it.
        await Eventually.TrueAsync(
            async () =>
            {
                var script = await ClientAsync("curl", "--silent", "--show-error", "--fail", url);
                root = Root().Match(script.Output);
                return root.Success;
            },
            s_limit
        );
        return ([.. root.Groups[1].Value.Split(',').Select(s => NameOf(s.Split(':')[0]))], root.Groups[2].Value);
    }

    /// <summary>Runs a client on the farm's network.</summary>
    public Task<ToolResult> ClientAsync(string tool, params string[] arguments) =>
        _network.Inside.ExecAsync(tool, arguments);

    /// <summary>A client that goes on.</summary>
    public WatchedProcess Start(string name, params string[] command) =>
        WatchedProcess.Start(name, _network.Inside, command);

    /// <summary>Waits until each of these servers sees these members and no others, all of them up and within reach.</summary>
    public async Task UntilMembersAsync(params string[] names)
    {
        foreach (var name in names)
            await Eventually.TrueAsync(
                async () =>
                {
                    var shown = await Servers[name].TryPbmAsync("cluster", "show");
                    return shown.Output.Contains($"Count: {names.Length} nodes", StringComparison.Ordinal)
                        && names.All(n =>
                            shown.Output.Contains($"{NodeOf(n)} | [server] | up |  |", StringComparison.Ordinal)
                        );
                },
                s_limit
            );
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (name, server) in Servers)
        {
            _output.WriteLine($"---- {name}\n{server.Transcript()}");
            await server.DisposeAsync();
        }
        if (_network is not null)
            await _network.DisposeAsync();
        _database.Dispose();
    }

    private string FolderOf(string name) => _network.PathOf(name);

    private async Task AddAsync(string name, string connection)
    {
        var inside = await _network.PlugInAsync();
        await inside.IpAsync("link", "set", "eth0", "up");
        await inside.IpAsync("addr", "add", $"{AddressOf(name)}/24", "dev", "eth0");
        Directory.CreateDirectory(FolderOf(name));
        var file = _network.PathOf(name + ".conf");
        await File.WriteAllTextAsync(
            file,
            $$"""
            include "{{SourceTree.PathOf("hocon", "farm.conf")}}"
            hatchery {
              server-name = {{name}}
              address = "{{AddressOf(name)}}"
              data-folder = "{{FolderOf(name)}}"
              database.postgresql = "{{connection}}"
              boot.interfaces = []
              replication { port = 9120, interval = 1s }
            }
            akka.cluster.seed-nodes = ["{{NodeOf("alpha")}}", "{{NodeOf("beta")}}"]
            """
        );
        Servers[name] = new(file, new Dictionary<string, string>(StringComparer.Ordinal), inside);
    }

    [GeneratedRegex(@"hatchery\.root=nbd:([^/ ]+)/(\S+)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Root();
}
