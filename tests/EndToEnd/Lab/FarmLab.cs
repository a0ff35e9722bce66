using System.Globalization;
using System.Text.RegularExpressions;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>
/// Three servers, or two with TLS, on one network, each in a namespace of its own, with hocon/farm.conf and one PostgreSQL database: a
/// farm. What they said becomes the test's output.
/// </summary>
internal sealed partial class FarmLab : IAsyncDisposable
{
    public const string VDisk = "guest";
    private const int ImageBytes = 8 << 20;

    private static readonly string[] s_names = ["alpha", "beta", "gamma"];
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(90);

    private readonly ITestOutputHelper _output;
    private readonly string _more;
    private readonly PostgreSqlServer _database = new();
    private BootLab _network = null!;
    private string _connection = "";
    private FarmCertificates? _certificates;
    private FarmCertificates? _strangers;

    private FarmLab(ITestOutputHelper output, string more = "") => (_output, _more) = (output, more);

    public Dictionary<string, ServerProcess> Servers { get; } = new(StringComparer.Ordinal);

    /// <summary>The namespace of each server, with its interface eth0.</summary>
    public Dictionary<string, NetNamespace> Insides { get; } = new(StringComparer.Ordinal);

    /// <summary>The network between servers and machines.</summary>
    public BootLab Network => _network;

    /// <summary>Three servers, each of them ready.</summary>
    /// <param name="more">What stands in every server's configuration besides.</param>
    public static async Task<FarmLab> StartAsync(ITestOutputHelper output, string more = "")
    {
        var lab = new FarmLab(output, more);
        await lab.BeginAsync(secure: false, s_names);
        return lab;
    }

    /// <summary>Two servers, alpha and beta, each of them ready, as hocon/farm.conf has it for two, with TLS.</summary>
    /// <param name="more">What stands in every server's configuration besides.</param>
    public static async Task<FarmLab> StartTwoAsync(ITestOutputHelper output, string more = "")
    {
        var lab = new FarmLab(output, more);
        await lab.BeginAsync(secure: true, s_names[..2]);
        return lab;
    }

    /// <summary>A server that wants to join this farm, trusts its authority, and has a certificate of another one. Not started.</summary>
    public async Task<ServerProcess> AddStrangerAsync(string name)
    {
        _strangers = new(_network.PathOf("strangers"));
        await AddAsync(name, _strangers.Issue(name));
        return Servers[name];
    }

    public static string AddressOf(string name) =>
        $"10.77.0.1{(Array.IndexOf(s_names, name) + 1).ToString(CultureInfo.InvariantCulture)}";

    public static string NameOf(string address) => s_names.Single(n => AddressOf(n) == address);

    public string NodeOf(string name) =>
        $"akka.{(_certificates is null ? "" : "ssl.")}tcp://hatchery@{AddressOf(name)}:4053";

    /// <summary>A vDisk whose image lies at every server: the others find it by what the first tells of itself.</summary>
    public async Task AddVDiskAsync()
    {
        var image = _network.PathOf("image");
        await File.WriteAllBytesAsync(image, new byte[ImageBytes]);
        await AddVDiskAsync(image, "--kernel", image, "--initrd", image);
    }

    /// <inheritdoc cref="AddVDiskAsync()"/>
    /// <param name="words">Besides, of <c>pbm vdisk import</c>.</param>
    public async Task AddVDiskAsync(string image, params string[] words)
    {
        await Servers["alpha"].PbmAsync(["vdisk", "import", VDisk, image, .. words]);
        foreach (var server in Servers.Values)
            await Eventually.TrueAsync(
                async () =>
                    (await server.PbmJsonAsync("server", "list"))
                        .EnumerateArray()
                        .Count(s => s.GetProperty("images").GetInt32() == 1) == Servers.Count,
                s_limit
            );
    }

    /// <param name="transport">san, iscsi or nbd.</param>
    public async Task AddDeviceAsync(string at, int number, string transport = "nbd")
    {
        await Servers[at].PbmAsync("device", "add", BootLab.MachineName(number), BootLab.Mac(number));
        await Servers[at].PbmAsync("device", "assign", BootLab.MachineName(number), VDisk, "-t", transport);
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
        _certificates?.Dispose();
        _strangers?.Dispose();
        _database.Dispose();
    }

    private string FolderOf(string name) => _network.PathOf(name);

    private async Task BeginAsync(bool secure, IReadOnlyList<string> names)
    {
        try
        {
            _network = await BootLab.WithoutServerAsync(_output);
            _connection = _database.NewDatabase();
            if (secure)
                _certificates = new(_network.PathOf("certificates"));
            foreach (var name in names)
                await AddAsync(name, _certificates?.Issue(name));
            // The first founds the farm; the others may come together.
            await Servers[names[0]].StartAsync();
            await Task.WhenAll(names.Skip(1).Select(name => Servers[name].StartAsync()));
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    private async Task AddAsync(string name, string? certificate)
    {
        var inside = Insides[name] = await _network.PlugInAsync();
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
              database.postgresql = "{{_connection}}"
              boot.interfaces = []
              replication { port = 9120, interval = 1s }
            }
            akka.cluster.seed-nodes = ["{{NodeOf("alpha")}}", "{{NodeOf("beta")}}"]
            {{(certificate is null ? "" : TwoServers(certificate))}}
            {{_more}}
            """
        );
        Servers[name] = new(file, _certificates?.Trust() ?? new(StringComparer.Ordinal), inside);
    }

    /// <summary>What hocon/farm.conf has in comments.</summary>
    private static string TwoServers(string certificate) =>
        $$"""
            akka.remote.dot-netty.tcp {
              enable-ssl = on
              ssl.certificate.path = "{{certificate}}"
            }
            akka.cluster.split-brain-resolver {
              active-strategy = lease-majority
              lease-majority.lease-implementation = "farm-lease"
            }
            """;

    [GeneratedRegex(@"hatchery\.root=nbd:([^/ ]+)/(\S+)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Root();
}
