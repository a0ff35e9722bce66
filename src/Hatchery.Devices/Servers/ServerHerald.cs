using Akka.Actor;
using Akka.Cluster;

namespace Hatchery.Devices;

/// <summary>Tells the servers of the cluster of this one, and hears of them; brings them what one of them is to know.</summary>
public sealed class ServerHerald : ReceiveActor, IWithTimers
{
    /// <summary>Where each finds the others'; fixed, as servers of two versions talk.</summary>
    public const string Name = "server-herald";

    private readonly ServerDirectory _directory;
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private Action? _changed;
    private Action<Address, TakeSession>? _offering;

    public ServerHerald(ServerDirectory directory)
    {
        _directory = directory;
        Receive<Tick>(_ => TellAll());
        Receive<ServerStatus>(status =>
        {
            if (IsOfMember(Sender))
                _directory.Hear(Sender.Path.Address, status);
        });
        Receive<TakeSession>(take =>
        {
            if (IsOfMember(Sender))
                _directory.Hear(take);
        });
        Receive<Offer>(offer => Tell(offer.To, offer.Take));
        Receive<ClusterEvent.CurrentClusterState>(state =>
        {
            _directory.Retain(state.Members.Select(m => m.Address).ToHashSet());
            foreach (var member in state.Unreachable)
                _directory.Reach(member.Address, isReachable: false);
            TellAll();
        });
        // A newcomer has to know of the others before machines ask it.
        Receive<ClusterEvent.MemberUp>(up => Tell(up.Member, _directory.Self));
        Receive<ClusterEvent.MemberRemoved>(removed => _directory.Remove(removed.Member.Address));
        Receive<ClusterEvent.UnreachableMember>(e => _directory.Reach(e.Member.Address, isReachable: false));
        Receive<ClusterEvent.ReachableMember>(e => _directory.Reach(e.Member.Address, isReachable: true));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(ServerDirectory directory) => Akka.Actor.Props.Create(() => new ServerHerald(directory));

    protected override void PreStart()
    {
        var self = Self;
        _changed = () => self.Tell(new Tick(), ActorRefs.NoSender);
        _directory.Changed += _changed;
        _offering = (to, take) => self.Tell(new Offer(to, take), ActorRefs.NoSender);
        _directory.Offering += _offering;
        _cluster.Subscribe(
            Self,
            ClusterEvent.InitialStateAsSnapshot,
            typeof(ClusterEvent.MemberUp),
            typeof(ClusterEvent.MemberRemoved),
            typeof(ClusterEvent.IReachabilityEvent)
        );
        Timers.StartPeriodicTimer(Tick.Key, new Tick(), ServerDirectory.Interval);
    }

    protected override void PostStop()
    {
        _directory.Changed -= _changed;
        _directory.Offering -= _offering;
        _cluster.Unsubscribe(Self);
    }

    private void TellAll()
    {
        var status = _directory.Self;
        foreach (var member in _cluster.State.Members)
            Tell(member, status);
        _directory.Told();
    }

    private void Tell(Member member, ServerStatus status)
    {
        if (!member.UniqueAddress.Equals(_cluster.SelfUniqueAddress))
            Tell(member.Address, status);
    }

    private void Tell(Address server, object message) =>
        Context.ActorSelection(new RootActorPath(server) / "user" / Name).Tell(message, Self);

    private bool IsOfMember(IActorRef sender) => _cluster.State.Members.Any(m => m.Address.Equals(sender.Path.Address));

    private sealed record Offer(Address To, TakeSession Take);

    private sealed record Tick
    {
        public const string Key = "tick";
    }
}
