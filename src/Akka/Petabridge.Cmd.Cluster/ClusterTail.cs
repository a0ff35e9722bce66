using Akka.Actor;
using Akka.Cluster;

namespace Petabridge.Cmd.Cluster;

/// <summary>One `cluster tail`: the members as they are, then a line for each event, until its reader is gone.</summary>
internal sealed class ClusterTail : ReceiveActor
{
    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly IActorRef _reader;

    public ClusterTail(IActorRef reader)
    {
        _reader = reader;
        Receive<ClusterEvent.CurrentClusterState>(state =>
        {
            foreach (var member in state.Members)
                Say(MemberLine.Of(member, state));
        });
        Receive<ClusterEvent.IMemberEvent>(e =>
            Say($"{e.Member.Address} is {e.Member.Status.ToString().ToLowerInvariant()}")
        );
        Receive<ClusterEvent.UnreachableMember>(e => Say($"{e.Member.Address} is unreachable"));
        Receive<ClusterEvent.ReachableMember>(e => Say($"{e.Member.Address} is reachable"));
        Receive<ClusterEvent.LeaderChanged>(e =>
            Say(e.Leader is null ? "there is no leader" : $"{e.Leader} is leader")
        );
        Receive<Terminated>(_ => Context.Stop(Self));
    }

    protected override void PreStart()
    {
        Context.Watch(_reader);
        _cluster.Subscribe(
            Self,
            ClusterEvent.InitialStateAsSnapshot,
            typeof(ClusterEvent.IMemberEvent),
            typeof(ClusterEvent.IReachabilityEvent),
            typeof(ClusterEvent.LeaderChanged)
        );
    }

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    private void Say(string line) => _reader.Tell(new CommandResponse(line, final: false));
}
