using System.Globalization;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>
/// Five hosts, each with a namespace and a process of its own, and in each process a member of one cluster for each strategy of the split
/// brain resolver (tests/Akka.Cluster.Node). A fault of a host is one for all of these clusters.
/// </summary>
internal sealed class ClusterLab : IAsyncDisposable
{
    public static readonly IReadOnlyList<int> All = [1, 2, 3, 4, 5];

    /// <summary>What is waited for takes some 10 s on an idle machine.</summary>
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(120);

    private readonly ITestOutputHelper _output;
    private readonly string _stableAfter;
    private readonly Dictionary<int, NetNamespace> _hosts = [];
    private readonly Dictionary<int, WatchedProcess> _nodes = [];
    private readonly List<ProcessOutput> _earlier = [];
    private BootLab _network = null!;

    private ClusterLab(ITestOutputHelper output, string stableAfter) => (_output, _stableAfter) = (output, stableAfter);

    /// <summary>Five members, Up in each of the clusters; the first founded them, so it is the oldest everywhere.</summary>
    public static async Task<ClusterLab> StartAsync(ITestOutputHelper output, string stableAfter = "4s")
    {
        var lab = new ClusterLab(output, stableAfter);
        try
        {
            lab._network = await BootLab.WithoutServerAsync(output);
            Directory.CreateDirectory(lab.Leases);
            foreach (var number in All)
            {
                var host = lab._hosts[number] = await lab._network.PlugInAsync();
                await host.IpAsync("link", "set", "eth0", "up");
                await host.IpAsync("addr", "add", $"{AddressOf(number)}/24", "dev", "eth0");
            }
            lab.Start(1);
            foreach (var strategy in Strategies)
                await lab.UntilSeesAsync(strategy, [1], [1]);
            foreach (var number in All.Skip(1))
                lab.Start(number);
            await lab.UntilWholeAsync();
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    public static IReadOnlyList<string> Strategies { get; } =
    ["static-quorum", "keep-majority", "keep-oldest", "lease-majority", "down-all", "unstable"];

    private string Leases => _network.PathOf("leases");

    public WatchedProcess Node(int number) => _nodes[number];

    /// <summary>Starts the process of a host, anew when there was one.</summary>
    public void Start(int number)
    {
        if (_nodes.TryGetValue(number, out var before))
            _earlier.Add(before.Output);
        var program = SourceTree.Executable("Akka.Cluster.Node", "cluster-node", "tests");
        _nodes[number] = WatchedProcess.Start(
            $"node {number}",
            _hosts[number],
            [program, AddressOf(number), _stableAfter, Leases, .. All.Select(AddressOf)]
        );
    }

    /// <summary>From now on nothing that one of these sends reaches one of those.</summary>
    public async Task CutAsync(IReadOnlyList<int> from, IReadOnlyList<int> to)
    {
        foreach (var number in to)
            await Firewall.DropFromAsync(_hosts[number], from.Where(n => n != number).Select(AddressOf));
    }

    public async Task HealAsync(params IEnumerable<int> hosts)
    {
        foreach (var number in hosts)
            await Firewall.HealAsync(_hosts[number]);
    }

    /// <summary>Waits until these see exactly those as members, Up and within reach, in the cluster of a strategy.</summary>
    public Task UntilSeesAsync(string strategy, IReadOnlyList<int> observers, IReadOnlyList<int> members)
    {
        var hosts = Hosts(members);
        return UntilAsync(
            $"{strategy}: {string.Join(' ', observers)} see {string.Join(' ', members)}",
            () => observers.All(o => Sees(strategy, o) == $"{strategy} sees up={hosts} all={hosts} unreachable=")
        );
    }

    /// <summary>Waits until an observer does not reach exactly these.</summary>
    public Task UntilUnreachableAsync(string strategy, IReadOnlyList<int> observers, IReadOnlyList<int> unreachable) =>
        UntilAsync(
            $"{strategy}: {string.Join(' ', observers)} do not reach {string.Join(' ', unreachable)}",
            () =>
                observers.All(o =>
                    Sees(strategy, o).EndsWith($" unreachable={Hosts(unreachable)}", StringComparison.Ordinal)
                )
        );

    /// <summary>Waits until these were told so many times that they are out of the cluster of a strategy, or found so themselves.</summary>
    public Task UntilEndedAsync(string strategy, IReadOnlyList<int> nodes, int times = 1) =>
        UntilAsync(
            $"{strategy}: {string.Join(' ', nodes)} go",
            () => nodes.All(n => Ended(strategy, n).Count() >= times)
        );

    public Task UntilSaysAsync(int node, string marker) => Node(node).Output.WaitForAsync(marker, s_limit);

    /// <summary>Waits until all are members of one cluster again, for each strategy.</summary>
    public async Task UntilWholeAsync()
    {
        foreach (var strategy in Strategies)
            await UntilSeesAsync(strategy, All, All);
    }

    /// <summary>Why incarnations of a node ended, in this process of it.</summary>
    public IEnumerable<string> Ended(string strategy, int node) =>
        Node(node)
            .Output.Lines.Where(l => l.StartsWith($"{strategy} ended ", StringComparison.Ordinal))
            .Select(l => l.Split(' ')[^1]);

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes.Values)
        {
            await node.DisposeAsync();
            _earlier.Add(node.Output);
        }
        foreach (var said in _earlier)
            _output.WriteLine(said.Transcript());
        if (_network is not null)
            await _network.DisposeAsync();
    }

    private string Sees(string strategy, int observer) =>
        Node(observer).Output.Lines.LastOrDefault(l => l.StartsWith($"{strategy} sees ", StringComparison.Ordinal))
        ?? "";

    private static string AddressOf(int number) => $"10.77.0.2{number.ToString(CultureInfo.InvariantCulture)}";

    private static string Hosts(IEnumerable<int> numbers) => string.Join(',', numbers.Order().Select(AddressOf));

    private static async Task UntilAsync(string what, Func<bool> condition)
    {
        try
        {
            await Eventually.TrueAsync(condition, s_limit);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"it did not come true within {s_limit.TotalSeconds:0} s that {what}");
        }
    }
}
