using Akka.Actor;
using Akka.Cluster.Daemon;
using Akka.Coordination;
using Akka.Event;
using Akka.Remote;

namespace Akka.Cluster.SBR;

/// <summary>Downs members, or this node, as the strategy decides.</summary>
internal sealed class SplitBrainResolver : UntypedActor, IWithTimers
{
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(1);

    private readonly Cluster _cluster;
    private readonly Lease? _lease;
    private readonly TimeSpan _interval;
    private readonly ResolverCore _core;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private MembershipState _state;

    public SplitBrainResolver(Cluster cluster, Strategy strategy, SplitBrainResolverSettings settings, Lease? lease)
    {
        _cluster = cluster;
        _lease = lease;
        _state = new MembershipState(Gossip.Empty, cluster.SelfUniqueAddress);
        var quarter = settings.DowningStableAfter / 4;
        _interval = quarter < LongestInterval ? quarter : LongestInterval;
        _core = new ResolverCore(
            strategy,
            settings.DowningStableAfter,
            settings.DownAllWhenUnstable,
            lease is null ? null : settings.LeaseMajoritySettings,
            _state,
            ClusterClock.Now
        );
        _log.Info(
            "SBR started. Config: strategy [{0}], stable-after [{1}], down-all-when-unstable [{2}]",
            settings.DowningStrategy,
            settings.DowningStableAfter,
            settings.DownAllWhenUnstable
        );
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        _cluster.Subscribe(Self, ClusterEvent.InitialStateAsEvents, typeof(ClusterEvent.MembershipChanged));
        Context.System.EventStream.Subscribe(Self, typeof(ThisActorSystemQuarantinedEvent));
        Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, _interval);
    }

    protected override void PostStop()
    {
        if (_lease?.CheckLease() == true)
            _log.Info(
                "SBR is stopped and holds the lease [{0}]; it is free again after its heartbeat-timeout",
                _lease.Settings.LeaseName
            );
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ClusterEvent.MembershipChanged changed:
                _state = changed.State;
                _core.Update(changed.State, ClusterClock.Now);
                break;
            case Tick:
                Do(_core.Tick(ClusterClock.Now, _lease?.CheckLease() ?? false));
                break;
            case LeaseAnswer answer:
                // The answer may have waited here while the lease ran out.
                Do(_core.LeaseAnswered(answer.Held && _lease!.CheckLease(), ClusterClock.Now));
                break;
            case LeaseReleased:
                break;
            case ThisActorSystemQuarantinedEvent quarantined:
                OnQuarantined(quarantined.RemoteAddress);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void OnQuarantined(Address by)
    {
        if (_state.Members.IsEmpty)
            // Removed before it was told that it had joined: this incarnation never will.
            _cluster.Abandon();
        else if (_state.Members.Any(member => member.Address.Equals(by)))
            Do(_core.QuarantinedByRemote(ClusterClock.Now));
    }

    private void Do(ResolverAction? action)
    {
        switch (action)
        {
            case ResolverAction.Down down:
                Down(down);
                break;
            case ResolverAction.AcquireLease:
                _log.Info("SBR trying to acquire lease [{0}]", _lease!.Settings.LeaseName);
                AskLease(_lease.Acquire, held => new LeaseAnswer(held));
                break;
            case ResolverAction.ReleaseLease:
                _log.Info("SBR releasing lease [{0}]", _lease!.Settings.LeaseName);
                AskLease(_lease.Release, released => new LeaseReleased(released));
                break;
        }
    }

    // Whatever goes wrong with it, the lease is not held.
    private void AskLease(Func<Task<bool>> ask, Func<bool, object> answer)
    {
        var self = Self;
        var log = _log;
        _ = AskAsync();

        async Task AskAsync()
        {
            var outcome = false;
            try
            {
                outcome = await Task.Run(ask).ConfigureAwait(false);
            }
            catch (Exception cause)
            {
                log.Error(cause, "SBR lease operation failed: {0}", cause.Message);
            }
            self.Tell(answer(outcome));
        }
    }

    private void Down(ResolverAction.Down down)
    {
        _log.Warning(
            "SBR took decision {0} and is downing [{1}]{2}, unreachable [{3}] of [{4}] members",
            down.Decision,
            string.Join(", ", down.Nodes.Order().Select(node => node.Address)),
            down.Nodes.Contains(_cluster.SelfUniqueAddress) ? " including myself" : "",
            string.Join(", ", _state.UnreachableMembers.Order().Select(member => member.Address)),
            _state.Members.Count
        );
        // This node last: with it downed, it may be gone before it has downed the others.
        foreach (var node in down.Nodes.OrderBy(node => node.Equals(_cluster.SelfUniqueAddress)).ThenBy(node => node))
            _cluster.Down(node.Address);
    }

    private sealed class Tick : INoSerializationVerificationNeeded
    {
        public static readonly Tick Instance = new();
    }

    private sealed record LeaseAnswer(bool Held) : INoSerializationVerificationNeeded;

    private sealed record LeaseReleased(bool Released) : INoSerializationVerificationNeeded;
}
