using Akka.Actor;
using Akka.Cluster;
using Akka.Event;

namespace Hatchery.Devices;

/// <summary>Keeps in mind which members there were when this server was one for the last time, and says so when a stranger joins.</summary>
internal sealed class Companions : ReceiveActor
{
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly HashSet<Address> _members = [];
    private readonly HashSet<UniqueAddress> _strangers = [];
    private readonly Action<IReadOnlyCollection<Address>> _changed;

    public Companions(Func<Member, bool> isOfAnotherFarm, Action<IReadOnlyCollection<Address>> changed)
    {
        _changed = changed;
        Receive<ClusterEvent.CurrentClusterState>(state =>
        {
            _members.UnionWith(state.Members.Select(m => m.Address));
            Tell();
        });
        // A stranger may be on its way out when it is first heard of.
        Receive<ClusterEvent.IMemberEvent>(e =>
        {
            if (
                e is ClusterEvent.MemberUp
                    ? _members.Add(e.Member.Address)
                    : e is ClusterEvent.MemberRemoved && _members.Remove(e.Member.Address)
            )
                Tell();
            if (isOfAnotherFarm(e.Member) && _strangers.Add(e.Member.UniqueAddress))
                // It finds out as well, and leaves before it has done anything.
                Context.System.Log.Warning(
                    "the server at {0} belongs to another farm, which has another database: give it this farm's hatchery.database, or akka.cluster.seed-nodes of its own farm",
                    e.Member.Address
                );
        });
        // What follows is that this node knows of no members any more.
        Receive<ClusterEvent.ClusterShuttingDown>(_ => Context.Stop(Self));
    }

    public static Props Props(Func<Member, bool> isOfAnotherFarm, Action<IReadOnlyCollection<Address>> changed) =>
        Akka.Actor.Props.Create(() => new Companions(isOfAnotherFarm, changed));

    protected override void PreStart() =>
        _cluster.Subscribe(
            Self,
            ClusterEvent.InitialStateAsSnapshot,
            typeof(ClusterEvent.IMemberEvent),
            typeof(ClusterEvent.ClusterShuttingDown)
        );

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    private void Tell() => _changed([.. _members]);
}
