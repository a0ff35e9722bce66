using Akka.Actor;

namespace Akka.Cluster.Sharding.Simulation;

/// <summary>The name of something on one incarnation of a node; what is behind it, the world knows.</summary>
internal sealed class SimulatedRef : MinimalActorRef
{
    private static readonly RootActorPath[] Roots =
    [
        .. Enumerable.Range(0, 64).Select(port => new RootActorPath(new Address("akka.tcp", "sim", "node", port))),
    ];

    public SimulatedRef(int port, long incarnation, string name, long uid)
    {
        Incarnation = incarnation;
        Path = (Roots[port] / name).WithUid(uid);
    }

    public long Incarnation { get; }

    public override ActorPath Path { get; }

    public override IActorRefProvider Provider => throw new NotSupportedException("nothing here has a provider");
}
