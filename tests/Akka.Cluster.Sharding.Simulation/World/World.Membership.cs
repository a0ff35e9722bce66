using Akka.Actor;

namespace Akka.Cluster.Sharding.Simulation;

// The gossip of the cluster is not simulated here: an oracle says what happens to members, and each node hears of it, in order, with a
// delay of its own.
internal sealed partial class World
{
    private readonly List<SimulatedMember> _members = [];
    private int _incarnations;

    public SimulatedNode StartNode(int port)
    {
        var node = new SimulatedNode(this, port, ++_incarnations);
        Nodes.Add(node);
        Log($"{node} starts");
        var member = new SimulatedMember(node, MemberStatus.Up);
        foreach (var each in _members)
            node.Hear(each);
        _members.Add(member);
        Tell(member, Running);
        return node;
    }

    /// <summary>The process ends without a word. The others notice and remove it.</summary>
    public void Kill(SimulatedNode node)
    {
        Log($"{node} is killed");
        node.Die();
        Clock.After(Ms(3000, 6000), () => Remove(node, Running.Where(each => each != node)));
    }

    /// <summary>The node goes as CoordinatedShutdown has it: shards first, then the singleton, then the process.</summary>
    public void Leave(SimulatedNode node)
    {
        Log($"{node} leaves");
        node.ShutDownRegion(() =>
        {
            Change(node, MemberStatus.Leaving);
            Clock.After(Ms(200, 800), () => Change(node, MemberStatus.Exiting));
            Clock.After(
                TimeSpan.FromSeconds(1.5),
                () =>
                    node.WhenSingletonIsHandedOver(() =>
                    {
                        Log($"{node} ends");
                        node.Die();
                        Clock.After(Ms(200, 800), () => Remove(node, Running));
                    })
            );
        });
    }

    /// <summary>Cuts the nodes with these ports off. Later each side acts: the bigger goes on, the smaller downs itself, not at the same time.</summary>
    public void Partition(ISet<int> cutOff)
    {
        Log($"partition: {string.Join(",", cutOff.Order())} against the others");
        foreach (var node in Running)
            _side[node.Port] = cutOff.Contains(node.Port) ? 1 : 0;
        var sides = Running.ToLookup(node => cutOff.Contains(node.Port));
        var (losers, winners) = (sides[true].ToArray(), sides[false].ToArray());
        if (losers.Length > winners.Length)
            (losers, winners) = (winners, losers);
        var stableAfter = TimeSpan.FromSeconds(7);
        Clock.After(
            stableAfter + Ms(0, Options.DowningSkewMs),
            () =>
            {
                foreach (var node in losers)
                    Remove(node, winners.Where(each => each.Running));
            }
        );
        foreach (var node in losers)
        {
            Clock.After(
                stableAfter + Ms(0, Options.DowningSkewMs),
                () =>
                {
                    Log($"{node} downs itself");
                    node.DownSelf();
                }
            );
        }
    }

    /// <summary>The network is whole again.</summary>
    public void Heal()
    {
        Log("healed");
        _side.Clear();
    }

    private void Change(SimulatedNode node, MemberStatus status)
    {
        var member = _members.FirstOrDefault(each => each.Node == node);
        if (member is null)
            return;
        var changed = member with { Status = status };
        _members[_members.IndexOf(member)] = changed;
        Tell(changed, Running);
    }

    private void Remove(SimulatedNode node, IEnumerable<SimulatedNode> tellTo)
    {
        var member = _members.FirstOrDefault(each => each.Node == node);
        if (member is null)
            return;
        _members.Remove(member);
        Log($"{node} is removed");
        Tell(member with { Status = MemberStatus.Removed, Downed = member.Status != MemberStatus.Exiting }, tellTo);
    }

    private void Tell(SimulatedMember member, IEnumerable<SimulatedNode> nodes)
    {
        foreach (var node in nodes.ToArray())
        {
            var at = Clock.Now + Ms(5, 400);
            at = at > node.HeardUpTo ? at : node.HeardUpTo;
            node.HeardUpTo = at;
            Clock.After(
                at - Clock.Now,
                () =>
                {
                    node.Hear(member);
                    if (member.Status == MemberStatus.Removed)
                        NodeGone(node, member.Node);
                }
            );
        }
    }

    // Death watch of everything on a member that was removed.
    private void NodeGone(SimulatedNode watcher, SimulatedNode gone)
    {
        foreach (
            var (target, watchers) in _watchersOf.Where(each => _owners[each.Key] == gone).OrderBy(e => e.Key).ToArray()
        )
        {
            foreach (var each in watchers.Where(each => _owners[each] == watcher).Order().ToArray())
            {
                watchers.Remove(each);
                Clock.After(TimeSpan.Zero, () => Receive(each, new Gone(target), target));
            }
        }
    }
}

internal sealed record SimulatedMember(SimulatedNode Node, MemberStatus Status, bool Downed = false);
