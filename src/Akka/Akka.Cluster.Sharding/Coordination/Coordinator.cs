using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;

namespace Akka.Cluster.Sharding;

/// <summary>
/// Gives shards their homes, one each. No clock, no network, no journal, no actor: those are behind <see cref="ICoordinatorPort"/>, so that
/// a simulation can run it.
/// </summary>
internal sealed partial class Coordinator(ICoordinatorPort port, CoordinatorSettings settings, ILoggingAdapter log)
{
    private readonly HashSet<IActorRef> _alive = [];
    private readonly HashSet<IActorRef> _shuttingDown = [];
    private readonly Dictionary<string, List<IActorRef>> _waiting = new(StringComparer.Ordinal);
    private readonly Queue<(string Shard, IActorRef Requester)> _toAllocate = new();
    private string? _allocating;
    private bool _allRegionsRegistered;

    public CoordinatorState State { get; private set; } = CoordinatorState.Empty;

    /// <summary>Takes a stored event or snapshot before <see cref="Start"/>.</summary>
    public void Recover(ICoordinatorEvent happened) => State = State.After(happened);

    /// <inheritdoc cref="Recover(ICoordinatorEvent)"/>
    public void Recover(CoordinatorState snapshot) => State = snapshot;

    /// <summary>Begins with what was recovered: regions of nodes that are gone are gone.</summary>
    public void Start()
    {
        foreach (var region in State.Regions.Keys.Order().ToArray())
        {
            if (port.IsMember(region))
                port.Watch(region);
            else
                RegionGone(region);
        }
        foreach (var proxy in State.Proxies.Order().ToArray())
        {
            if (port.IsMember(proxy))
                port.Watch(proxy);
            else
                ProxyGone(proxy);
        }
        foreach (var (shard, region) in State.Shards.OrderBy(home => home.Key, StringComparer.Ordinal))
            TellToHost(shard, region);
    }

    public void Receive(ICoordinatorProtocol message, IActorRef sender)
    {
        switch (message)
        {
            case Register(var region):
                RegisterRegion(region);
                break;
            case RegisterProxy(var proxy):
                AddProxy(proxy);
                break;
            case GetShardHome(var shard):
                FindHome(shard, sender);
                break;
            case ShardStarted(var shard):
                if (State.Shards.TryGetValue(shard, out var home) && home.Equals(sender))
                    port.CancelTimer(new HostTimer(shard));
                break;
            case GracefulShutdownReq(var region):
                ShutDown(region);
                break;
            case RegionStopped(var region):
                // Others may believe shards there, so these move as any shard does; it is a proxy until they have.
                ShutDown(region);
                break;
        }
    }

    /// <summary>A region or proxy has ended, or its node was removed from the cluster.</summary>
    public void Terminated(IActorRef subject)
    {
        // A region that shuts down may be both at the end.
        if (State.Proxies.Contains(subject))
            ProxyGone(subject);
        if (State.Regions.ContainsKey(subject))
            RegionGone(subject);
    }

    /// <summary>The strategy has chosen a region for a shard; null when it could not.</summary>
    public void Allocated(string shard, IActorRef? region)
    {
        if (_allocating != shard)
            return;
        port.CancelTimer(new AllocationTimer(shard));
        if (
            region is null
            || State.Shards.ContainsKey(shard)
            || !State.Regions.ContainsKey(region)
            || _shuttingDown.Contains(region)
        )
        {
            // Those who asked ask again.
            _waiting.Remove(shard);
            AllocateNext();
            return;
        }
        port.Persist(
            new ShardHomeAllocated(shard, region),
            () =>
            {
                State = State.After(new ShardHomeAllocated(shard, region));
                log.Debug("Shard [{0}] is allocated at [{1}]", shard, region);
                TellToHost(shard, region);
                AllocateNext();
                AnswerWaiting(shard);
            }
        );
    }

    /// <summary>Moves these shards, from wherever they are.</summary>
    public void Rebalance(IEnumerable<string> shards)
    {
        foreach (var shard in shards.Order(StringComparer.Ordinal))
            Move(shard);
    }

    /// <summary>It is time to ask the strategy what should move.</summary>
    public void RebalanceIsDue()
    {
        if (State.Regions.Count > 0)
            port.AskRebalance(ActiveRegions(), _moves.Keys.ToImmutableHashSet(StringComparer.Ordinal));
    }

    public void TimedOut(object key)
    {
        switch (key)
        {
            case HostTimer(var shard) when State.Shards.TryGetValue(shard, out var region):
                TellToHost(shard, region);
                break;
            case MoveTimer(var shard):
                MoveFailed(shard);
                break;
            case AllocationTimer(var shard):
                log.Warning("The allocation strategy does not answer for shard [{0}]", shard);
                Allocated(shard, null);
                break;
        }
    }

    private void RegisterRegion(IActorRef region)
    {
        if (!port.IsMember(region))
        {
            log.Debug("[{0}] registers, but its node is no member of the cluster yet", region);
            return;
        }
        _shuttingDown.Remove(region);
        if (State.Regions.ContainsKey(region))
        {
            Welcome(region);
            return;
        }
        port.Persist(
            new ShardRegionRegistered(region),
            () =>
            {
                State = State.After(new ShardRegionRegistered(region));
                log.Debug("ShardRegion registered: [{0}]", region);
                port.Watch(region);
                Welcome(region);
            }
        );
    }

    private void Welcome(IActorRef region)
    {
        _alive.Add(region);
        _allRegionsRegistered |= _alive.Count >= settings.MinMembers;
        Inform(region);
    }

    // Homes are known everywhere before they are needed: a region that asks first would keep its messages meanwhile.
    private void Inform(IActorRef region)
    {
        port.Send(region, new RegisterAck(port.Self));
        foreach (var (shard, home) in State.Shards.OrderBy(each => each.Key, StringComparer.Ordinal))
        {
            if (!_moves.ContainsKey(shard))
                port.Send(region, new ShardHome(shard, home));
        }
    }

    private void AddProxy(IActorRef proxy)
    {
        if (!port.IsMember(proxy))
            return;
        if (State.Proxies.Contains(proxy))
        {
            Inform(proxy);
            return;
        }
        port.Persist(
            new ShardRegionProxyRegistered(proxy),
            () =>
            {
                State = State.After(new ShardRegionProxyRegistered(proxy));
                log.Debug("ShardRegion proxy registered: [{0}]", proxy);
                port.Watch(proxy);
                Inform(proxy);
            }
        );
    }

    private void FindHome(string shard, IActorRef requester)
    {
        if (_moves.ContainsKey(shard))
        {
            Wait(shard, requester);
            return;
        }
        if (State.Shards.TryGetValue(shard, out var home))
        {
            port.Send(requester, new ShardHome(shard, home));
            return;
        }
        var isNew = !_waiting.ContainsKey(shard);
        Wait(shard, requester);
        if (!isNew)
            return;
        _toAllocate.Enqueue((shard, requester));
        if (_allocating is null)
            AllocateNext();
    }

    // One after the other, so that the strategy knows of each home when it chooses the next.
    private void AllocateNext()
    {
        _allocating = null;
        while (_toAllocate.TryDequeue(out var next))
        {
            var (shard, requester) = next;
            var active = ActiveRegions();
            if (!State.Shards.ContainsKey(shard) && _allRegionsRegistered && !active.IsEmpty)
            {
                _allocating = shard;
                port.StartTimer(new AllocationTimer(shard), settings.ShardStartTimeout);
                port.Allocate(requester, shard, active);
                return;
            }
            log.Debug("Shard [{0}] cannot have a home yet; its region will ask again", shard);
            _waiting.Remove(shard);
        }
    }

    private void Wait(string shard, IActorRef requester)
    {
        if (!_waiting.TryGetValue(shard, out var requesters))
            _waiting.Add(shard, requesters = []);
        if (!requesters.Contains(requester))
            requesters.Add(requester);
    }

    private void AnswerWaiting(string shard)
    {
        if (!_waiting.Remove(shard, out var requesters))
            return;
        foreach (var requester in requesters)
            FindHome(shard, requester);
    }

    private void TellToHost(string shard, IActorRef region)
    {
        port.Send(region, new HostShard(shard));
        port.StartTimer(new HostTimer(shard), settings.ShardStartTimeout);
    }

    private void ShutDown(IActorRef region)
    {
        if (!State.Regions.TryGetValue(region, out var shards))
            return;
        if (_shuttingDown.Add(region))
            log.Debug("Graceful shutdown of region [{0}] with {1} shards", region, shards.Count);
        foreach (var shard in shards.Order(StringComparer.Ordinal))
            Move(shard);
    }

    private void RegionGone(IActorRef region)
    {
        var shards = State.Regions[region];
        port.Persist(
            new ShardRegionTerminated(region),
            () =>
            {
                State = State.After(new ShardRegionTerminated(region));
                log.Debug("ShardRegion terminated: [{0}], with {1} shards", region, shards.Count);
                _alive.Remove(region);
                _shuttingDown.Remove(region);
                foreach (var shard in shards)
                    port.CancelTimer(new HostTimer(shard));
                PeerGone(region);
                foreach (var shard in shards.Order(StringComparer.Ordinal))
                {
                    if (!_moves.ContainsKey(shard))
                        AnswerWaiting(shard);
                }
            }
        );
    }

    private void ProxyGone(IActorRef proxy) =>
        port.Persist(
            new ShardRegionProxyTerminated(proxy),
            () =>
            {
                State = State.After(new ShardRegionProxyTerminated(proxy));
                PeerGone(proxy);
            }
        );

    private ImmutableDictionary<IActorRef, IImmutableList<string>> ActiveRegions() =>
        State
            .Regions.Where(region => !_shuttingDown.Contains(region.Key) && port.MayHost(region.Key))
            .ToImmutableDictionary(region => region.Key, region => (IImmutableList<string>)region.Value);

    private sealed record HostTimer(string Shard);

    private sealed record MoveTimer(string Shard);

    private sealed record AllocationTimer(string Shard);
}
