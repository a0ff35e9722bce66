using Akka.Actor;
using Akka.Event;

namespace Akka.Cluster.Sharding;

/// <summary>
/// One node's door to the entities of a type: it passes each message on to where its shard lives, keeps it while that is not known, and
/// hosts shards itself unless it is a proxy. No clock, no network, no actor: those are behind <see cref="IRegionPort"/>, so that a simulation
/// can run it.
/// </summary>
internal sealed partial class Region(
    IRegionPort port,
    RegionSettings settings,
    IMessageExtractor extractor,
    ILoggingAdapter log
)
{
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, IActorRef> _homes = new(StringComparer.Ordinal);
    private readonly ShardBuffers _buffers = new(settings.BufferSize);
    private IActorRef? _coordinator;
    private bool _shuttingDown;
    private bool _stopped;
    private bool _passedOn;
    private long _dropped;

    public IActorRef? Coordinator => _coordinator;

    public IReadOnlyDictionary<string, IActorRef> Homes => _homes;

    /// <summary>Messages that wait for a home.</summary>
    public int Buffered => _buffers.Count;

    /// <summary>Begins to look for the coordinator.</summary>
    public void Start() => Register();

    /// <summary>The oldest member is another one, so the coordinator will be.</summary>
    public void CoordinatorMoves()
    {
        ForgetCoordinator();
        Register();
    }

    /// <summary>Every retry interval: repeats what has not been answered.</summary>
    public void RetryIsDue()
    {
        if (_coordinator is null)
            Register();
        foreach (var shard in _buffers.Keys.Order(StringComparer.Ordinal).ToArray())
            Flush(shard);
        RepeatShutdown();
        StopIfDone();
    }

    /// <summary>A message for an entity.</summary>
    /// <returns>False when the extractor knows no entity for it.</returns>
    public bool Deliver(object message, IActorRef sender)
    {
        if (
            extractor.EntityId(message) is not { } entity
            || extractor.ShardId(entity, message) is not { Length: > 0 } shard
        )
            return false;
        _passedOn = true;
        if (_buffers.Contains(shard) || !_homes.TryGetValue(shard, out var home))
            Keep(shard, message, sender);
        else if (!home.Equals(port.Self))
            port.Send(home, message, sender);
        else if (Ready(shard) is { } local)
            port.Send(local, message, sender);
        else
            Keep(shard, message, sender);
        return true;
    }

    public void Receive(ICoordinatorProtocol message, IActorRef sender)
    {
        switch (message)
        {
            case RegisterAck(var coordinator):
                FoundCoordinator(coordinator);
                break;
            case ShardHome(var shard, var home):
                FoundHome(shard, home);
                break;
            case HostShard(var shard):
                Host(shard, sender);
                break;
            case BeginHandOff(var shard):
                _homes.Remove(shard);
                port.Send(sender, new BeginHandOffAck(shard), port.Self);
                break;
            case HandOff(var shard):
                HandOver(shard, sender);
                break;
        }
    }

    /// <summary>Coordinator, another region, or a shard of this one has ended.</summary>
    public void Terminated(IActorRef subject)
    {
        if (subject.Equals(_coordinator))
        {
            _coordinator = null;
            Register();
        }
        else if (ShardEnded(subject))
        {
            RepeatShutdown();
            StopIfDone();
        }
        else
        {
            foreach (var (shard, _) in _homes.Where(home => home.Value.Equals(subject)).ToArray())
                _homes.Remove(shard);
            AskHomes();
        }
    }

    /// <summary>Gives the shards away and stops.</summary>
    public void ShutDown()
    {
        if (!_shuttingDown)
            log.Debug("{0}: region shuts down with {1} shards", settings.TypeName, _shards.Count);
        _shuttingDown = true;
        RepeatShutdown();
        StopIfDone();
    }

    /// <summary>It has been a proxy for long enough.</summary>
    public void StopIsDue()
    {
        if (_buffers.IsEmpty && !_passedOn)
        {
            port.Stop();
            return;
        }
        _passedOn = false;
        port.ScheduleStop(Linger);
    }

    private void Register()
    {
        if (settings.HostsShards && !_stopped)
            port.SendToCoordinator(new Register(port.Self));
        else if (_stopped)
            port.SendToCoordinator(new RegionStopped(port.Self));
        if (!settings.HostsShards || (_stopped && !_buffers.IsEmpty))
            port.SendToCoordinator(new RegisterProxy(port.Self));
    }

    private void FoundCoordinator(IActorRef coordinator)
    {
        // A message may outlive its sender's node, and nothing would ever tell that this one has ended.
        if (port.IsGone(coordinator))
            return;
        if (!coordinator.Equals(_coordinator))
        {
            ForgetCoordinator();
            _coordinator = coordinator;
            port.Watch(coordinator);
        }
        AskHomes();
        RepeatShutdown();
    }

    private void ForgetCoordinator()
    {
        if (_coordinator is not null)
            port.Unwatch(_coordinator);
        _coordinator = null;
    }

    private void AskHomes()
    {
        foreach (var shard in _buffers.Keys.Where(shard => !_homes.ContainsKey(shard)).Order(StringComparer.Ordinal))
            AskHome(shard);
    }

    private void AskHome(string shard)
    {
        if (_coordinator is not null)
            port.Send(_coordinator, new GetShardHome(shard), port.Self);
    }

    /// <summary>Does with the messages that wait for a shard what can be done now.</summary>
    private void Flush(string shard)
    {
        if (!_homes.TryGetValue(shard, out var home))
        {
            AskHome(shard);
        }
        else if (!home.Equals(port.Self))
        {
            foreach (var (message, sender) in _buffers.Take(shard))
                port.Send(home, message, sender);
        }
        else if (_shards.TryGetValue(shard, out var local) && local.Phase == ShardPhase.Ready)
        {
            DeliverKept(shard);
        }
    }

    private void FoundHome(string shard, IActorRef home)
    {
        if (port.IsGone(home))
            return;
        if (_stopped && home.Equals(port.Self))
        {
            SayStopped();
            return;
        }
        if (_homes.TryGetValue(shard, out var known) && known.Equals(port.Self) && !home.Equals(port.Self))
            LoseShard(shard, home);
        _homes[shard] = home;
        if (!home.Equals(port.Self))
        {
            port.Watch(home);
            Flush(shard);
            StopIfDone();
        }
        else
        {
            DeliverKept(shard);
        }
    }

    private void Keep(string shard, object message, IActorRef sender)
    {
        var first = !_buffers.Contains(shard);
        if (!_buffers.TryAdd(shard, message, sender))
        {
            // Said at the first and then ever more rarely: a full buffer stays full for a while.
            if (++_dropped == 1 || long.IsPow2(_dropped))
                log.Warning(
                    "{0}: {1} messages wait for homes of their shards, which is the limit; {2} were dropped so far, the last for shard [{3}]",
                    settings.TypeName,
                    _buffers.Count,
                    _dropped,
                    shard
                );
            port.Drop(message, sender);
            return;
        }
        if (first && !_homes.ContainsKey(shard))
            AskHome(shard);
    }

    private void RepeatShutdown()
    {
        if (!_shuttingDown || _stopped)
            return;
        if (_coordinator is not null)
            port.Send(_coordinator, new GracefulShutdownReq(port.Self), port.Self);
    }

    // What others sent here before they knew better may still be on its way, so the region goes on as a proxy for a moment.
    private void StopIfDone()
    {
        if (!_shuttingDown || _stopped || _shards.Count > 0 || !_buffers.IsEmpty)
            return;
        _stopped = true;
        SayStopped();
        port.ShutDownIsDone();
        port.ScheduleStop(Linger);
    }

    private void SayStopped()
    {
        if (settings.HostsShards && _coordinator is not null)
            port.Send(_coordinator, new RegionStopped(port.Self), port.Self);
    }
}
