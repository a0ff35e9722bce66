using Akka.Actor;
using Akka.Cluster.Tools.Singleton;
using Akka.Pattern;

namespace Akka.Cluster.Sharding;

/// <summary>Starts the regions, proxies and coordinators of a system, as its children.</summary>
internal sealed class ClusterShardingGuardian : ReceiveActor
{
    private readonly Cluster _cluster = Cluster.Get(Context.System);

    public ClusterShardingGuardian()
    {
        Receive<Start>(start => Answer(() => StartRegion(start)));
        Receive<StartProxy>(start => Answer(() => StartRegionProxy(start)));
    }

    private void Answer(Func<IActorRef> start)
    {
        try
        {
            Sender.Tell(new Started(start()), Self);
        }
        catch (Exception cause) // Whoever asked is told, and throws it.
        {
            Sender.Tell(new Status.Failure(cause), Self);
        }
    }

    private IActorRef StartRegion(Start start)
    {
        var name = Uri.EscapeDataString(start.TypeName);
        if (Context.Child(name) is var running && !running.IsNobody())
            return running;
        StartCoordinator(start, name);
        return Context.ActorOf(
            Props.Create(() =>
                new ShardRegion(
                    start.TypeName,
                    start.EntityProps,
                    start.Settings,
                    CoordinatorPath(name, start.Settings),
                    start.Extractor,
                    start.StopMessage
                )
            ),
            name
        );
    }

    private IActorRef StartRegionProxy(StartProxy start)
    {
        var name = Uri.EscapeDataString(start.TypeName + "Proxy");
        if (Context.Child(name) is var running && !running.IsNobody())
            return running;
        var path = CoordinatorPath(Uri.EscapeDataString(start.TypeName), start.Settings);
        return Context.ActorOf(
            Props.Create(() =>
                new ShardRegion(start.TypeName, null, start.Settings, path, start.Extractor, PoisonPill.Instance)
            ),
            name
        );
    }

    private void StartCoordinator(Start start, string name)
    {
        var settings = start.Settings;
        if (!(settings.Role is null || _cluster.SelfRoles.Contains(settings.Role)))
            throw new ArgumentException(
                $"this member does not have the role {settings.Role} in which {start.TypeName} is sharded: start a proxy instead"
            );
        var managerName = name + "Coordinator";
        if (!Context.Child(managerName).IsNobody())
            return;
        var backoff = settings.TuningParameters.CoordinatorFailureBackoff;
        var coordinator = Props.Create(() => new PersistentShardCoordinator(start.TypeName, settings, start.Strategy));
        var supervised = BackoffSupervisor
            .Props(Backoff.OnStop(coordinator, "coordinator", backoff, backoff * 5, 0.2))
            .WithDeploy(Deploy.Local);
        Context.ActorOf(
            ClusterSingletonManager.Props(
                supervised,
                PoisonPill.Instance,
                settings.CoordinatorSingletonSettings.WithSingletonName("singleton").WithRole(settings.Role)
            ),
            managerName
        );
    }

    private string CoordinatorPath(string name, ClusterShardingSettings settings) =>
        (Self.Path / (name + "Coordinator") / "singleton" / "coordinator").ToStringWithoutAddress();

    internal sealed record Start(
        string TypeName,
        Func<string, Props> EntityProps,
        ClusterShardingSettings Settings,
        IMessageExtractor Extractor,
        IShardAllocationStrategy Strategy,
        object StopMessage
    ) : INoSerializationVerificationNeeded;

    internal sealed record StartProxy(string TypeName, ClusterShardingSettings Settings, IMessageExtractor Extractor)
        : INoSerializationVerificationNeeded;

    internal sealed record Started(IActorRef Region) : INoSerializationVerificationNeeded;
}
