using Akka.Actor;
using Akka.Coordination;
using Akka.Event;

namespace Akka.Cluster.Tools.Singleton;

/// <summary>The actor around <see cref="HandOver"/>: members, messages, timers, the lease and the singleton itself.</summary>
internal sealed class SingletonManager : ReceiveActor, IWithTimers, IHandOverPort
{
    private readonly Props _singletonProps;
    private readonly object _terminationMessage;
    private readonly ClusterSingletonManagerSettings _settings;
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly MembersByAge _members;
    private readonly HandOver _handOver;
    private readonly TaskCompletionSource<Done> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lease? _lease;
    private IActorRef? _singleton;

    public SingletonManager(Props singletonProps, object terminationMessage, ClusterSingletonManagerSettings settings)
    {
        _singletonProps = singletonProps;
        _terminationMessage = terminationMessage;
        _settings = settings;
        if (settings.Role is { } role && !_cluster.SelfRoles.Contains(role))
            throw new ArgumentException($"This cluster member [{_cluster.SelfAddress}] doesn't have the role [{role}]");
        SingletonSerialization.Register(Context.System);
        _members = new(settings.Role);
        var margin =
            settings.RemovalMargin == TimeSpan.Zero
                ? _cluster.DowningProvider.DownRemovalMargin
                : settings.RemovalMargin;
        _handOver = new(
            _cluster.SelfUniqueAddress,
            new(settings.HandOverRetryInterval, margin, settings.LeaseSettings?.LeaseRetryInterval),
            this
        );
        if (settings.LeaseSettings is { } lease)
        {
            _lease = LeaseProvider
                .Get(Context.System)
                .GetLease(
                    $"{Context.System.Name}-singleton-{Self.Path.ToStringWithoutAddress()}",
                    lease.LeaseImplementation,
                    _cluster.SelfAddress.HostPort()
                );
        }
        Receive<ClusterEvent.CurrentClusterState>(state => Changed(state));
        Receive<ClusterEvent.IMemberEvent>(Changed);
        Receive<IClusterSingletonMessage>(message => Identified(message, Sender));
        Receive<Terminated>(Stopped);
        Receive<RetryTick>(_ => _handOver.RetryIsDue());
        Receive<MarginTick>(tick => _handOver.MarginIsOver(tick.Member));
        Receive<LeaseAnswer>(LeaseAnswered);
        Receive<LeaseIsReleased>(_ => { });
        Receive<LeaseIsLost>(lost =>
        {
            _log.Warning("Singleton [{0}] lost its lease and stops: {1}", Name, lost.Cause?.Message ?? "unknown");
            _handOver.LeaseLost();
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private string Name => $"{Self.Path.ToStringWithoutAddress()}/{_settings.SingletonName}";

    protected override void PreStart()
    {
        if (_cluster.IsTerminated)
        {
            Context.Stop(Self);
            return;
        }
        _cluster.Subscribe(Self, ClusterEvent.InitialStateAsSnapshot, MembersByAge.Events);
        var shutdown = CoordinatedShutdown.Get(Context.System);
        // The member's own exit waits here until the singleton is in other hands.
        shutdown.AddTask(
            CoordinatedShutdown.PhaseClusterExiting,
            $"wait-singleton-exiting-{Self.Path.Name}",
            () => _cluster.IsTerminated || !TakesPart(_cluster) ? Task.FromResult(Done.Instance) : _ended.Task
        );
    }

    protected override void PostStop()
    {
        _cluster.Unsubscribe(Self);
        _ = _lease?.ReleaseFor(Self);
        _ended.TrySetResult(Done.Instance);
    }

    void IHandOverPort.Send(UniqueAddress member, IClusterSingletonMessage message) =>
        Context.ActorSelection(new RootActorPath(member.Address) / Self.Path.Elements).Tell(message, Self);

    void IHandOverPort.StartSingleton()
    {
        _log.Info("Singleton manager starting singleton actor [{0}]", Name);
        _singleton = Context.Watch(Context.ActorOf(_singletonProps, _settings.SingletonName));
    }

    void IHandOverPort.StopSingleton()
    {
        if (_singleton is null)
        {
            _handOver.SingletonStopped();
            return;
        }
        _log.Info("Singleton manager stopping singleton actor [{0}] ({1})", Name, _handOver.State);
        _singleton.Tell(_terminationMessage, Self);
    }

    void IHandOverPort.AcquireLease() => _ = _lease!.AcquireFor(Self);

    void IHandOverPort.ReleaseLease() => _ = _lease!.ReleaseFor(Self);

    void IHandOverPort.ScheduleRetry(TimeSpan delay) => Timers.StartSingleTimer("retry", RetryTick.Instance, delay);

    void IHandOverPort.ScheduleMargin(UniqueAddress member, TimeSpan delay)
    {
        _log.Info("Member [{0}] was downed: its singleton [{1}] is given {2} to end", member.Address, Name, delay);
        Timers.StartSingleTimer(member, new MarginTick(member), delay);
    }

    void IHandOverPort.Ended() => _ended.TrySetResult(Done.Instance);

    private static bool TakesPart(Cluster cluster) =>
        cluster.SelfMember.Status is MemberStatus.Up or MemberStatus.Leaving or MemberStatus.Exiting;

    private void Changed(object message)
    {
        switch (message)
        {
            case ClusterEvent.MemberRemoved removed:
                _handOver.MemberRemoved(removed.Member.UniqueAddress, removed.PreviousStatus == MemberStatus.Down);
                break;
            case ClusterEvent.MemberDowned downed when downed.Member.UniqueAddress == _cluster.SelfUniqueAddress:
                _handOver.SelfDowned();
                break;
        }
        if (_members.Apply(message))
            _handOver.MembersChanged([
                .. _members.All.Select(member => new AgedMember(member.UniqueAddress, member.Status)),
            ]);
    }

    // A message's sender is known by its address; which incarnation of the member that is, the membership says.
    private void Identified(IClusterSingletonMessage message, IActorRef sender)
    {
        var address = sender.Path.Address;
        var member = _members.All.LastOrDefault(each => each.Address.Equals(address));
        if (member is not null)
            _handOver.Receive(message, member.UniqueAddress);
        else if (message is HandOverToMe)
            _log.Debug("A member that is not known here yet, [{0}], asks for singleton [{1}]", address, Name);
    }

    private void Stopped(Terminated terminated)
    {
        if (!terminated.ActorRef.Equals(_singleton))
            return;
        _singleton = null;
        _log.Info("Singleton actor [{0}] was terminated", Name);
        _handOver.SingletonStopped();
    }

    private void LeaseAnswered(LeaseAnswer answer)
    {
        if (answer.Cause is { } cause)
            _log.Warning("The lease of singleton [{0}] could not be asked for: {1}", Name, cause.Message);
        _handOver.LeaseAnswered(answer.Acquired);
    }

    private sealed record RetryTick
    {
        public static readonly RetryTick Instance = new();
    }

    private sealed record MarginTick(UniqueAddress Member);
}
