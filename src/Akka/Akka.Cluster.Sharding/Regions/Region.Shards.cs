using Akka.Actor;
using Akka.Event;

namespace Akka.Cluster.Sharding;

// The shards that live here.
internal sealed partial class Region
{
    private readonly Dictionary<string, LocalShard> _shards = new(StringComparer.Ordinal);

    private enum ShardPhase
    {
        /// <summary>It waits for its lease.</summary>
        Starting,

        /// <summary>It takes messages.</summary>
        Ready,

        /// <summary>It was told to stop its entities.</summary>
        HandingOff,
    }

    /// <summary>The shards that take messages here.</summary>
    public IEnumerable<KeyValuePair<string, IActorRef>> ReadyShards =>
        _shards
            .Where(shard => shard.Value.Phase == ShardPhase.Ready)
            .Select(shard => KeyValuePair.Create(shard.Key, shard.Value.Ref));

    /// <summary>A shard has its lease and takes messages.</summary>
    public void ShardReady(string shard, IActorRef sender)
    {
        if (
            !_shards.TryGetValue(shard, out var local)
            || !local.Ref.Equals(sender)
            || local.Phase != ShardPhase.Starting
        )
            return;
        local.Phase = ShardPhase.Ready;
        DeliverKept(shard);
    }

    /// <summary>What was still undelivered in a shard that has stopped its entities, in order; it is older than what is kept here.</summary>
    public void TakeBack(string shard, IReadOnlyList<(object Message, IActorRef Sender)> undelivered)
    {
        foreach (var (message, sender) in _buffers.AddFirst(shard, undelivered))
            port.Drop(message, sender);
        if (undelivered.Count > 0)
            Flush(shard);
    }

    public void RestartIsDue(string shard) => DeliverKept(shard);

    private IActorRef? Ready(string shard)
    {
        var local = StartIfMissing(shard);
        return local?.Phase == ShardPhase.Ready ? local.Ref : null;
    }

    private LocalShard? StartIfMissing(string shard)
    {
        if (_shards.TryGetValue(shard, out var local))
            return local;
        if (_stopped || !settings.HostsShards)
            return null;
        local = new(port.StartShard(shard));
        _shards.Add(shard, local);
        return local;
    }

    private void DeliverKept(string shard)
    {
        if (!_homes.TryGetValue(shard, out var home) || !home.Equals(port.Self) || Ready(shard) is not { } local)
            return;
        foreach (var (message, sender) in _buffers.Take(shard))
            port.Send(local, message, sender);
    }

    private void Host(string shard, IActorRef coordinator)
    {
        if (_shuttingDown || !settings.HostsShards)
        {
            // The coordinator does not know yet; it will once it has this.
            if (_stopped)
                port.Send(coordinator, new RegionStopped(port.Self), port.Self);
            else
                RepeatShutdown();
            return;
        }
        _homes[shard] = port.Self;
        port.Send(coordinator, new ShardStarted(shard), port.Self);
        StartIfMissing(shard);
        DeliverKept(shard);
    }

    private void HandOver(string shard, IActorRef move)
    {
        _homes.Remove(shard);
        if (!_shards.TryGetValue(shard, out var local))
        {
            port.Send(move, new ShardStopped(shard), port.Self);
            return;
        }
        // What other regions passed on before they knew of the move was meant for these entities, and comes before anything that those
        // regions keep.
        if (local.Phase == ShardPhase.Ready)
        {
            foreach (var (message, sender) in _buffers.Take(shard))
                port.Send(local.Ref, message, sender);
        }
        local.Phase = ShardPhase.HandingOff;
        port.Send(local.Ref, new HandOff(shard), move);
    }

    // The coordinator believes it elsewhere: this node was thought gone. The lease, where there is one, keeps the other one waiting.
    private void LoseShard(string shard, IActorRef home)
    {
        log.Warning("{0}: shard [{1}] lives at [{2}] now; it is stopped here", settings.TypeName, shard, home);
        if (_shards.TryGetValue(shard, out var local))
        {
            local.Phase = ShardPhase.HandingOff;
            port.StopShard(local.Ref);
        }
    }

    private bool ShardEnded(IActorRef subject)
    {
        var ended = _shards.FirstOrDefault(shard => shard.Value.Ref.Equals(subject));
        if (ended.Value is null)
            return false;
        _shards.Remove(ended.Key);
        if (ended.Value.Phase == ShardPhase.HandingOff)
        {
            // It may have been given back here meanwhile.
            if (_buffers.Contains(ended.Key))
                DeliverKept(ended.Key);
        }
        else
        {
            log.Warning("{0}: shard [{1}] has ended by itself", settings.TypeName, ended.Key);
            port.ScheduleRestart(ended.Key, settings.ShardFailureBackoff);
        }
        return true;
    }

    private sealed class LocalShard(IActorRef reference)
    {
        public IActorRef Ref { get; } = reference;

        public ShardPhase Phase { get; set; }
    }
}
