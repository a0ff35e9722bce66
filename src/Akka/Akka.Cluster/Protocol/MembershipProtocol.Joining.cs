using Akka.Actor;
using Akka.Event;

namespace Akka.Cluster.Protocol;

internal sealed partial class MembershipProtocol
{
    private static readonly TimeSpan AskInterval = TimeSpan.FromSeconds(1);

    private SeedSearch? _search;
    private IReadOnlyList<Address> _seeds = [];
    private Address? _joinWith;
    private TimeSpan? _joinDeadline;
    private TimeSpan? _giveUpAt;

    /// <summary>Looks for a seed node that is in a cluster. The first in the list, and only it, may found one.</summary>
    public void JoinSeedNodes(IReadOnlyList<Address> seeds, TimeSpan now)
    {
        _now = now;
        if (_phase is Phase.Joined or Phase.Stopped)
        {
            Info($"Trying to join seed nodes [{string.Join(", ", seeds)}] when already part of a cluster, ignoring");
            return;
        }
        _giveUpAt = _settings.ShutdownAfterUnsuccessfulJoinSeedNodes is { } limit ? now + limit : null;
        SearchSeeds(seeds);
    }

    /// <summary>Joins a certain node; its own address founds a cluster.</summary>
    public void Join(Address address, TimeSpan now)
    {
        _now = now;
        if (_phase is Phase.Joined or Phase.Stopped)
        {
            Info($"Trying to join [{address}] when already part of a cluster, ignoring");
            return;
        }
        _seeds = [];
        _giveUpAt = null;
        JoinTo(address);
    }

    private void SearchSeeds(IReadOnlyList<Address> seeds)
    {
        _phase = Phase.Outside;
        _joinWith = null;
        _joinDeadline = null;
        _seeds = seeds;
        var others = seeds.Where(seed => !seed.Equals(Self.Address)).ToHashSet();
        if (seeds.Count == 0)
            return;
        if (others.Count == 0)
        {
            JoinTo(Self.Address);
            return;
        }
        _search = new SeedSearch(others, seeds[0].Equals(Self.Address), _now + _settings.SeedNodeTimeout);
        AskSeeds(_search);
    }

    private void AskSeeds(SeedSearch search)
    {
        search.NextAsk = _now + AskInterval;
        foreach (var seed in search.Remaining.Order())
            _port.Send(seed, new InitJoin(Self.Address, _agreed));
    }

    private void JoinTo(Address address)
    {
        _search = null;
        if (address.Protocol != Self.Address.Protocol)
        {
            Warning(
                $"Trying to join member with wrong protocol, but was ignored, expected [{Self.Address.Protocol}] but was [{address.Protocol}]"
            );
            return;
        }
        if (address.System != Self.Address.System)
        {
            Warning(
                $"Trying to join member with wrong ActorSystem name, but was ignored, expected [{Self.Address.System}] but was [{address.System}]"
            );
            return;
        }
        if (address.Equals(Self.Address))
        {
            _phase = Phase.Joined;
            OnJoin(new Join(Self, _settings.Roles, _settings.AppVersion));
            return;
        }
        _phase = Phase.Asking;
        _joinWith = address;
        _joinDeadline = _settings.RetryUnsuccessfulJoinAfter is { } retry ? _now + retry : null;
        _port.Send(address, new Join(Self, _settings.Roles, _settings.AppVersion));
    }

    private void TickOutside()
    {
        if (_phase == Phase.Stopped || EndedByPause())
            return;
        if (_giveUpAt <= _now)
        {
            _giveUpAt = null;
            _search = null;
            _joinDeadline = null;
            Warning(
                $"Joining of seed-nodes [{string.Join(", ", _seeds)}] was unsuccessful after configured shutdown-after-unsuccessful-join-seed-nodes [{_settings.ShutdownAfterUnsuccessfulJoinSeedNodes}]. Running CoordinatedShutdown."
            );
            _port.JoinUnsuccessful();
        }
        else if (_phase == Phase.Asking && _joinDeadline <= _now)
            JoinAgain();
        else if (_search is { } search)
            TickSearch(search);
    }

    private void JoinAgain()
    {
        if (_seeds.Count > 0)
            SearchSeeds(_seeds);
        else
            JoinTo(_joinWith!);
    }

    private void TickSearch(SeedSearch search)
    {
        if (search.Deadline <= _now)
        {
            if (search.MayFound)
            {
                JoinTo(Self.Address);
                return;
            }
            search.Attempts++;
            search.Deadline = _now + _settings.SeedNodeTimeout;
            Warning(
                $"Couldn't join seed nodes after [{search.Attempts}] attempts, will try again. seed-nodes=[{string.Join(", ", search.Remaining.Order())}]"
            );
        }
        if (search.NextAsk <= _now)
            AskSeeds(search);
    }

    private void OnInitJoin(InitJoin init)
    {
        if (_phase != Phase.Joined)
        {
            _port.Send(init.From, new InitJoinNack(Self.Address));
            return;
        }
        // Who is going itself takes nobody in.
        if (MembershipState.IsOnItsWayOut(SelfStatus))
        {
            Info($"Sending InitJoinNack message from node [{Self.Address}] to [{init.From}]");
            _port.Send(init.From, new InitJoinNack(Self.Address));
            return;
        }
        var disagreement = Disagreement(init);
        if (disagreement is not null)
            Warning($"Refusing to be joined by [{init.From}]: {disagreement}");
        _port.Send(init.From, new InitJoinAck(Self.Address, disagreement));
    }

    private string? Disagreement(InitJoin init)
    {
        var differing = _agreed
            .Where(own => init.Agreed.TryGetValue(own.Key, out var theirs) && theirs != own.Value)
            .Select(own => $"{own.Key} is [{own.Value}] in the cluster and [{init.Agreed[own.Key]}] at {init.From}")
            .ToArray();
        return differing.Length == 0 ? null : string.Join("; ", differing);
    }

    private void OnInitJoinAck(InitJoinAck ack)
    {
        if (_search is not { } search || !search.Remaining.Contains(ack.From))
            return;
        if (ack.Disagreement is null)
        {
            JoinTo(ack.From);
            return;
        }
        // A cluster is there: founding another beside it would be worse than to wait for an operator.
        search.MayFound = false;
        if (search.Refused.Add(ack.From))
            _port.Log(
                LogLevel.ErrorLevel,
                $"Cluster Node [{Self.Address}] - Couldn't join [{ack.From}]: {ack.Disagreement}. Make the configuration the same as the cluster's and start this node again."
            );
    }

    private void OnInitJoinNack(InitJoinNack nack)
    {
        if (
            _search is not { MayFound: true } search
            || !search.Remaining.Remove(nack.From)
            || search.Remaining.Count > 0
        )
            return;
        JoinTo(Self.Address);
    }

    private void OnWelcome(Welcome welcome)
    {
        if (_phase != Phase.Asking || EndedByPause())
            return;
        if (!welcome.From.Address.Equals(_joinWith))
        {
            Info($"Ignoring welcome from [{welcome.From.Address}] when trying to join with [{_joinWith}]");
            return;
        }
        if (!welcome.Gossip.HasMember(Self))
            return;
        _phase = Phase.Joined;
        _joinDeadline = null;
        _giveUpAt = null;
        Adopt(welcome.Gossip.MarkSeen(Self));
        Info($"Welcome from [{welcome.From.Address}]");
        Publish();
        SendGossip(welcome.From);
    }

    // What took this incarnation in while the process stood still may be another cluster by now, with the same addresses: it
    // would be a member of one that is gone, and none of the one that is there.
    private bool EndedByPause()
    {
        if (_phase != Phase.Asking || !(_now - _joinDeadline > LongPause))
            return false;
        Warning(
            $"This process stood still for {_now - _joinDeadline} and more while it asked to join. Shutting down myself"
        );
        Stop();
        return true;
    }

    private void OnJoin(Join join)
    {
        var node = join.Node;
        if (node.Address.Protocol != Self.Address.Protocol || node.Address.System != Self.Address.System)
        {
            Warning($"Member with wrong protocol or ActorSystem name tried to join, but was ignored: [{node.Address}]");
            return;
        }
        if (MembershipState.IsOnItsWayOut(SelfStatus))
        {
            Info(
                $"Trying to join [{node.Address}] to [{SelfStatus}] member, ignoring. Use a member that is Up instead."
            );
            return;
        }
        if (Latest.Tombstones.ContainsKey(node))
        {
            // It was downed before it got its welcome; only a new incarnation of it may join.
            Info($"[{node}] tried to join again after it was removed, ignoring");
            _port.Send(node.Address, new RemovedNotice(Self, node));
            return;
        }
        // By address alone: a new incarnation has to wait until the one before is removed.
        switch (Latest.Members.FirstOrDefault(member => member.Address.Equals(node.Address)))
        {
            case { } member when member.UniqueAddress.Equals(node):
                // It asked again: the welcome was lost.
                if (!node.Equals(Self))
                    _port.Send(node.Address, new Welcome(Self, Latest));
                break;
            case { } earlier:
                Replace(earlier);
                break;
            default:
                TakeIn(join);
                break;
        }
    }

    /// <summary>The new incarnation is proof that the one before is gone; it asks again when that is removed.</summary>
    private void Replace(Member earlier)
    {
        if (earlier.Status == MemberStatus.Down)
            return;
        Info(
            $"New incarnation of existing member [{earlier}] is trying to join. Existing will be removed from the cluster and then new member will be allowed to join."
        );
        Change(Latest with { Reachability = Latest.Reachability.Terminated(Self, earlier.UniqueAddress) });
        MarkDown(earlier);
    }

    private void TakeIn(Join join)
    {
        var founding = Latest.Members.IsEmpty;
        _port.Forget(join.Node.Address);
        var members = Latest.Members.Add(Member.Create(join.Node, join.Roles, join.AppVersion));
        Change(Latest.WithMembers(members));
        Info(
            $"Node [{join.Node.Address}] is JOINING, roles [{string.Join(",", join.Roles.Order(StringComparer.Ordinal))}]"
        );
        if (!join.Node.Equals(Self))
            _port.Send(join.Node.Address, new Welcome(Self, Latest));
        // The founder is Up before anybody else joins, so that who is the oldest does not depend on chance.
        if (founding)
            LeaderActions();
        Publish();
    }

    /// <summary>A search for a seed node that is in a cluster.</summary>
    private sealed class SeedSearch(HashSet<Address> remaining, bool mayFound, TimeSpan deadline)
    {
        public HashSet<Address> Remaining { get; } = remaining;

        public HashSet<Address> Refused { get; } = [];

        public bool MayFound { get; set; } = mayFound;

        public TimeSpan Deadline { get; set; } = deadline;

        public TimeSpan NextAsk { get; set; }

        public int Attempts { get; set; }
    }
}
