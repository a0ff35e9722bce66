using System.Globalization;
using System.Text.RegularExpressions;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>
/// Three servers or more, or two with TLS, on one network, each in a namespace of its own, with hocon/farm.conf and one PostgreSQL database: a
/// farm. What they said becomes the test's output.
/// </summary>
internal sealed partial class FarmLab : IAsyncDisposable
{
    public const string VDisk = "guest";

    /// <summary>For farms whose servers are not to be taken for dead because the machine is busy; a fault is noticed some 6 s later.</summary>
    public const string Patient = """
        akka.cluster {
          failure-detector.acceptable-heartbeat-pause = 6s
          split-brain-resolver { stable-after = 3s, down-all-when-unstable = off }
        }
        """;

    /// <summary>What hocon/farm.conf has in comments for two servers.</summary>
    private const string LeaseMajority = """
        akka.cluster.split-brain-resolver {
          active-strategy = lease-majority
          lease-majority.lease-implementation = "farm-lease"
        }
        """;

    /// <summary>For farms whose servers keep copies of each other's write caches; they need TLS.</summary>
    public const string Mirroring = "hatchery.mirroring.port = 9121";

    private const int ImageBytes = 8 << 20;

    private static readonly string[] s_names = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta"];
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(90);

    private readonly ITestOutputHelper _output;
    private readonly string _more;
    private readonly IReadOnlyDictionary<string, string> _environment;
    private PostgreSqlServer _database = null!;
    private BootLab _network = null!;
    private string _connection = "";
    private FarmCertificates? _certificates;
    private FarmCertificates? _strangers;

    private FarmLab(ITestOutputHelper output, string more, IReadOnlyDictionary<string, string>? environment = null) =>
        (_output, _more, _environment) = (
            output,
            more,
            environment ?? new Dictionary<string, string>(StringComparer.Ordinal)
        );

    public Dictionary<string, ServerProcess> Servers { get; } = new(StringComparer.Ordinal);

    /// <summary>The namespace of each server, with its interface eth0.</summary>
    public Dictionary<string, NetNamespace> Insides { get; } = new(StringComparer.Ordinal);

    public NetNamespace InsideOf(ServerProcess server) => Insides[Servers.Single(s => s.Value == server).Key];

    /// <summary>The network between servers and machines.</summary>
    public BootLab Network => _network;

    /// <summary>The farm's database server.</summary>
    public PostgreSqlServer Database => _database;

    /// <summary>Three servers, each of them ready.</summary>
    /// <param name="more">What stands in every server's configuration besides.</param>
    /// <param name="servers">So many instead, up to seven.</param>
    public static async Task<FarmLab> StartAsync(ITestOutputHelper output, string more = "", int servers = 3)
    {
        var lab = new FarmLab(output, more);
        await lab.BeginAsync(secure: false, s_names[..servers]);
        return lab;
    }

    /// <summary>Three servers with TLS, each of them ready, that keep copies of each other's write caches.</summary>
    /// <param name="more">What stands in every server's configuration besides.</param>
    /// <param name="environment">What every server is started with besides.</param>
    public static async Task<FarmLab> StartMirroredAsync(
        ITestOutputHelper output,
        string more = "",
        IReadOnlyDictionary<string, string>? environment = null
    )
    {
        var lab = new FarmLab(output, $"{Mirroring}\n{more}", environment);
        await lab.BeginAsync(secure: true, s_names[..3]);
        return lab;
    }

    /// <summary>Two servers, alpha and beta, each of them ready, as hocon/farm.conf has it for two, with TLS.</summary>
    /// <param name="more">What stands in every server's configuration besides.</param>
    /// <param name="environment">What every server is started with besides.</param>
    public static async Task<FarmLab> StartTwoAsync(
        ITestOutputHelper output,
        string more = "",
        IReadOnlyDictionary<string, string>? environment = null
    )
    {
        var lab = new FarmLab(output, $"{LeaseMajority}\n{more}", environment);
        await lab.BeginAsync(secure: true, s_names[..2]);
        return lab;
    }

    /// <summary>A server that wants to join this farm, trusts its authority, and has a certificate of another one. Not started.</summary>
    public async Task<ServerProcess> AddStrangerAsync(string name)
    {
        _strangers = new(_network.PathOf("strangers"));
        await AddAsync(name, _strangers.Issue(name, AddressOf(name)));
        return Servers[name];
    }

    /// <summary>Another server of this farm. Not started.</summary>
    /// <param name="more">What stands in its configuration besides.</param>
    /// <param name="environment">What it is started with besides.</param>
    public async Task<ServerProcess> AddServerAsync(
        string name,
        string more = "",
        IReadOnlyDictionary<string, string>? environment = null
    )
    {
        await AddAsync(name, _certificates?.Issue(name, AddressOf(name)), more, environment);
        return Servers[name];
    }

    /// <summary>A server with a certificate of this farm's authority that will not do. Not started.</summary>
    public async Task<ServerProcess> AddServerAsync(string name, Func<FarmCertificates, string> certificate)
    {
        await AddAsync(name, certificate(_certificates!));
        return Servers[name];
    }

    /// <summary>How to connect to another database on the farm's database server.</summary>
    public string NewDatabase() => _database.NewDatabase();

    /// <summary>What a query of the farm's database says, a line a row.</summary>
    public async Task<string[]> QueryAsync(string sql)
    {
        var parts = _connection
            .Split(';')
            .Select(p => p.Split('='))
            .ToDictionary(p => p[0], p => p[1], StringComparer.Ordinal);
        string[] arguments =
        [
            "-h",
            _database.SocketFolder,
            "-U",
            parts["Username"],
            "-d",
            parts["Database"],
            "-At",
            "-c",
            sql,
        ];
        var result = await Tool.RunAsync($"{PostgreSqlServer.Programs}/psql", arguments);
        Assert.True(result.ExitCode == 0, result.Errors);
        return result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>The database's host dies.</summary>
    public void StopDatabase() => _database.Stop();

    public void StartDatabase() => _database.Start();

    /// <summary>From now on nothing that one of these servers sends reaches the other, in that direction only.</summary>
    public Task CutAsync(string from, string to) => Firewall.DropFromAsync(Insides[to], AddressOf(from));

    /// <summary>Each server reaches each other again.</summary>
    public async Task HealAsync()
    {
        foreach (var inside in Insides.Values)
            await Firewall.HealAsync(inside);
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
        (string[] Servers, string Export)? script = null;
        // This server may hear of the device a moment after the one that was told of it.
        await Eventually.TrueAsync(async () => (script = await TryScriptAsync(at, number)) is not null, s_limit);
        return script!.Value;
    }

    /// <summary>The same; null when the server gives none now.</summary>
    public async Task<(string[] Servers, string Export)?> TryScriptAsync(string at, int number)
    {
        var url = $"http://{AddressOf(at)}:8069/boot/{BootLab.Mac(number).Replace(':', '-')}";
        var script = await ClientAsync("curl", "--silent", "--show-error", "--fail", "--max-time", "10", url);
        var root = Root().Match(script.Output);
        return root.Success
            ? ([.. root.Groups[1].Value.Split(',').Select(s => NameOf(s.Split(':')[0]))], root.Groups[2].Value)
            : null;
    }

    /// <summary>Runs a client on the farm's network.</summary>
    public Task<ToolResult> ClientAsync(string tool, params string[] arguments) =>
        _network.Inside.ExecAsync(tool, arguments);

    /// <summary>A client that goes on.</summary>
    public WatchedProcess Start(string name, params string[] command) =>
        WatchedProcess.Start(name, _network.Inside, command);

    /// <summary>Waits until each of these servers sees these members and no others, all of them up and within reach.</summary>
    public Task UntilMembersAsync(params string[] names) => UntilMembersAsync(names, names);

    /// <summary>The same of some observers alone.</summary>
    public async Task UntilMembersAsync(IReadOnlyList<string> observers, IReadOnlyList<string> names)
    {
        foreach (var name in observers)
            await Eventually.TrueAsync(
                async () =>
                {
                    var shown = await Servers[name].TryPbmAsync("cluster", "show");
                    return shown.Output.Contains($"Count: {names.Count} nodes", StringComparison.Ordinal)
                        && names.All(n =>
                            shown
                                .Output.Split('\n')
                                .Any(l =>
                                    l.StartsWith($"{NodeOf(n)} | ", StringComparison.Ordinal)
                                    && l.Contains("] | up |  |", StringComparison.Ordinal)
                                )
                        );
                },
                s_limit
            );
    }

    /// <summary>Waits until no server holds the lease of two: until then the other would go with the one that has it.</summary>
    public Task UntilLeaseIsFreeAsync() =>
        Eventually.TrueAsync(
            async () =>
                await QueryAsync(
                    "select name from farm_lease where until_ms > extract(epoch from clock_timestamp()) * 1000"
                )
                    is [],
            s_limit
        );

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
        _database?.Dispose();
    }

    private string FolderOf(string name) => _network.PathOf(name);

    private async Task BeginAsync(bool secure, IReadOnlyList<string> names)
    {
        try
        {
            _network = await BootLab.WithoutServerAsync(_output);
            _database = PostgreSqlServer.Inside(_network.Inside.Name, BootLab.ServerAddress);
            _connection = _database.NewDatabase();
            if (secure)
                _certificates = new(_network.PathOf("certificates"));
            foreach (var name in names)
                await AddAsync(name, _certificates?.Issue(name, AddressOf(name)));
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

    private async Task AddAsync(
        string name,
        string? certificate,
        string more = "",
        IReadOnlyDictionary<string, string>? environment = null
    )
    {
        var inside = Insides[name] = await _network.PlugInAsync(AddressOf(name));
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
            {{(certificate is null ? "" : Secure(certificate))}}
            {{_more}}
            {{more}}
            """
        );
        var variables = _certificates?.Trust() ?? new(StringComparer.Ordinal);
        foreach (var (key, value) in _environment.Concat(environment ?? _environment))
            variables[key] = value;
        Servers[name] = new(file, variables, inside);
    }

    /// <summary>What hocon/farm.conf has in comments.</summary>
    private static string Secure(string certificate) =>
        $$"""
            akka.remote.dot-netty.tcp {
              enable-ssl = on
              ssl.certificate.path = "{{certificate}}"
            }
            """;

    [GeneratedRegex(@"hatchery\.root=(?:nbd|iscsi):([^/ ]+)/(\S+)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Root();
}
