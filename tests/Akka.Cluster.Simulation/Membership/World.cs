using System.Text;
using Akka.Actor;
using Akka.Cluster.SBR;

namespace Akka.Cluster.Simulation.Membership;

/// <summary>All nodes of one run, what happens to them, and what must never be.</summary>
internal sealed class World
{
    public static readonly TimeSpan StableAfter = TimeSpan.FromSeconds(7);
    public static readonly TimeSpan LeaseReleaseAfter = TimeSpan.FromSeconds(40);

    private readonly Strategy _strategy;
    private readonly Dictionary<Address, VirtualNode> _nodes = [];
    private readonly HashSet<(UniqueAddress At, UniqueAddress Gone)> _removals = [];
    private readonly int _least;
    private readonly StringBuilder? _trace;
    private int _uid;

    /// <param name="seed">Decides on everything.</param>
    /// <param name="strategy">The strategy of all nodes.</param>
    /// <param name="settings">Their settings.</param>
    /// <param name="neverSplits">Whether the strategy promises that two halves never work on side by side.</param>
    /// <param name="least">How many members that are Up or Leaving a side has to have for that promise to hold.</param>
    /// <param name="trace">Whether to write down what happens.</param>
    public World(int seed, Strategy strategy, ClusterSettings settings, bool neverSplits, int least, bool trace)
    {
        NeverSplits = neverSplits;
        _least = least;
        Random = new Random(seed);
        Network = new Network(Random);
        Settings = settings;
        _strategy = strategy;
        _trace = trace ? new StringBuilder() : null;
    }

    public Random Random { get; }

    public Network Network { get; }

    public VirtualLease Lease { get; } = new();

    public ClusterSettings Settings { get; }

    public IEnumerable<VirtualNode> Alive => _nodes.Values.Where(node => node.IsAlive);

    /// <summary>Whether two halves may never work on side by side in this run.</summary>
    public bool NeverSplits { get; private set; }

    /// <summary>For how long the next leader that has somebody to take in stands still; zero for not at all.</summary>
    public TimeSpan LeaderStandsStillFor { get; set; }

    /// <summary>True once two halves work on side by side: they never become one again by themselves.</summary>
    public bool HasSplit { get; private set; }

    public string? TraceText => _trace?.ToString();

    public static Address AddressOf(int number) => new("akka.tcp", "farm", $"n{number}", 2552);

    /// <summary>A new incarnation. It founds a cluster only when there is none, as an operator would see to.</summary>
    public void Start(int number, int count)
    {
        var node = new VirtualNode(this, new UniqueAddress(AddressOf(number), ++_uid), _strategy);
        _nodes[node.Self.Address] = node;
        Trace($"start {node.Self}");
        if (!Alive.Any(other => other.IsMember))
            node.Found();
        else
            node.Join([
                .. Enumerable.Range(1, count).Where(other => other != number).Select(AddressOf),
                node.Self.Address,
            ]);
    }

    public VirtualNode? At(int number) => _nodes.GetValueOrDefault(AddressOf(number));

    public void Send(VirtualNode from, Address to, IClusterMessage message) =>
        Network.Send(
            from.Self.Address,
            to,
            () =>
            {
                if (_nodes.TryGetValue(to, out var node) && node.IsAlive)
                    node.Receive(from.Self, message);
            }
        );

    public void Tell(UniqueAddress from, UniqueAddress to, Action<VirtualNode> what) =>
        Network.Send(
            from.Address,
            to.Address,
            () =>
            {
                if (_nodes.TryGetValue(to.Address, out var node) && node.IsAlive && node.Self.Equals(to))
                    what(node);
            }
        );

    /// <summary>
    /// A side has decided to go on with these members, by a lease or beside links that are broken in part. The official resolver, and so ours, lets sides go on that are no part of its promise:
    /// a lease goes to members that are not yet Up, of whom the others may never have heard; and of broken links in part the
    /// whole ones stay, be they a quorum or not.
    /// </summary>
    public void Stays(IEnumerable<Member> side)
    {
        if (!NeverSplits || side.Count(member => MembershipState.CountsForConvergence(member.Status)) >= _least)
            return;
        NeverSplits = false;
        Trace("a side goes on that is too small: nothing is promised any more");
    }

    /// <summary>Looks at each step of each node.</summary>
    public void Observe(VirtualNode node, MembershipState before, MembershipState after)
    {
        foreach (var member in after.Members)
        {
            Require(
                !_removals.Contains((node.Self, member.UniqueAddress)),
                $"{member} came back at {node.Self} after it had been removed there"
            );
            // A leader gives a member its age once, when all have agreed that it leads: two ages are two leaders that acted. What
            // only the dead know, or those that this node has removed, is void.
            if (NeverSplits && member.UpNumber != int.MaxValue)
                foreach (var other in Fellows(node, after))
                    if (other.Shown.Gossip.Member(member.UniqueAddress) is { UpNumber: not int.MaxValue } there)
                        Require(
                            there.UpNumber == member.UpNumber,
                            $"two leaders made {member} Up, {other.Self} has the number {there.UpNumber}"
                        );
            var earlier = before.Gossip.Member(member.UniqueAddress);
            Require(
                earlier.Status == MemberStatus.Removed
                    || Member.HighestPriorityOf(earlier, member).Status == member.Status,
                $"{earlier} went back to {member.Status} at {node.Self}"
            );
        }
        // A leader acts alone, on what all have agreed to. One that a working member has removed acts on what is past.
        if (NeverSplits && node.IsTicking && node.IsWorking && HasLed(before, after))
            foreach (var other in _nodes.Values.Where(other => other.IsWorking))
                Require(
                    !_removals.Contains((other.Self, node.Self)),
                    $"{node.Self} leads, though {other.Self} has removed it"
                );
        foreach (var gone in before.Members.Where(member => !after.Gossip.HasMember(member.UniqueAddress)))
        {
            Trace($"{node.Self.Address} removed {gone}");
            _removals.Add((node.Self, gone.UniqueAddress));
            if (
                _nodes.TryGetValue(gone.Address, out var other)
                && other.Self.Equals(gone.UniqueAddress)
                && other.IsWorking
                && node.IsWorking
            )
            {
                HasSplit |= _removals.Contains((other.Self, node.Self));
                Require(
                    !HasSplit || !NeverSplits,
                    $"split brain: {node.Self} and {other.Self} each work on without the other"
                );
            }
        }
    }

    /// <summary>States that count as the same are the same.</summary>
    public void CompareStates()
    {
        var states = Alive.Where(node => node.IsMember).Select(node => node.Shown.Gossip).ToArray();
        for (var i = 1; i < states.Length; i++)
        {
            if (states[i].Version.IsSameAs(states[i - 1].Version))
                Require(
                    states[i].SaysTheSameAs(states[i - 1]),
                    $"one version, two states: {states[i]} and {states[i - 1]}"
                );
        }
    }

    /// <summary>One cluster of all <paramref name="count"/> nodes, in which all see the same.</summary>
    public bool HasConverged(int count)
    {
        var alive = Alive.ToArray();
        return alive.Length == count
            && alive.All(node =>
                node.IsMember
                && node.Shown.Members.Count == count
                && node.Shown.Members.All(member => member.Status == MemberStatus.Up)
                && node.Shown.Gossip.Reachability.IsAllReachable
                && node.Shown.Gossip.Seen.Count == count
                && node.Shown.Gossip.SaysTheSameAs(alive[0].Shown.Gossip)
                && Equals(node.Shown.Leader, alive[0].Shown.Leader)
            )
            && alive[0].Shown.Members.Select(member => member.UpNumber).Distinct().Count() == count;
    }

    /// <summary>Several clusters, each of them whole, and none of them knows another.</summary>
    public bool IsApart()
    {
        var alive = Alive.ToArray();
        return alive.All(node =>
                node.IsMember
                && alive
                    .Where(other => node.Shown.Gossip.HasMember(other.Self))
                    .All(other => other.Shown.Gossip.HasMember(node.Self))
            ) && alive.Any(node => node.Shown.Members.Count < alive.Length);
    }

    public string Describe() =>
        string.Join(
            '\n',
            Alive.Select(node => $"{node.Self} {node.Status} member={node.IsMember}: {node.Shown.Gossip}")
        );

    public void Trace(string what) => _trace?.AppendLine($"{Network.Now.TotalSeconds:0.000} {what}");

    /// <summary>Those who work on in one cluster with a node, as both of them see it.</summary>
    private IEnumerable<VirtualNode> Fellows(VirtualNode node, MembershipState state) =>
        _nodes.Values.Where(other =>
            other != node
            && other.IsWorking
            && state.Gossip.HasMember(other.Self)
            && other.Shown.Gossip.HasMember(node.Self)
        );

    private static bool HasLed(MembershipState before, MembershipState after) =>
        before.Members.Any(member => !after.Gossip.HasMember(member.UniqueAddress))
        || after.Members.Any(member =>
            member.Status is MemberStatus.Up or MemberStatus.Exiting
            && before.Gossip.Member(member.UniqueAddress).Status != member.Status
        );

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
            throw new InvariantBrokenException(otherwise);
    }
}

/// <summary>Something happened that must never happen.</summary>
internal sealed class InvariantBrokenException(string message) : Exception(message);
