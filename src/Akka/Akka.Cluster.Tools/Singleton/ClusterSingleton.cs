using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Util;

namespace Akka.Cluster.Tools.Singleton;

/// <summary>Starts singletons with manager and proxy at once.</summary>
public class ClusterSingleton : IExtension
{
    private readonly ExtendedActorSystem _system;
    private readonly ConcurrentDictionary<string, Lazy<IActorRef>> _proxies = new(StringComparer.Ordinal);

    public ClusterSingleton(ExtendedActorSystem system)
    {
        _system = system;
        system.Settings.InjectTopLevelFallback(ClusterSingletonManager.DefaultConfig());
    }

    public static ClusterSingleton Get(ActorSystem system) =>
        system.WithExtension<ClusterSingleton, ClusterSingletonProvider>();

    /// <summary>
    /// Starts the manager, where this member has the role, and a proxy, to which messages are sent. A second call for the same name
    /// gives the same proxy.
    /// </summary>
    public IActorRef Init(SingletonActor singleton) =>
        _proxies.GetOrAdd(singleton.Name, _ => new(() => Start(singleton))).Value;

    private IActorRef Start(SingletonActor singleton)
    {
        var settings = singleton.Settings.GetOrElse(ClusterSingletonSettings.Create(_system));
        var managerName = "singletonManager" + singleton.Name;
        if (settings.Role is null || Cluster.Get(_system).SelfRoles.Contains(settings.Role))
        {
            _system.SystemActorOf(
                ClusterSingletonManager.Props(
                    singleton.Props,
                    singleton.StopMessage.GetOrElse(PoisonPill.Instance),
                    settings.ForManager(singleton.Name)
                ),
                managerName
            );
        }
        return _system.SystemActorOf(
            ClusterSingletonProxy.Props($"/system/{managerName}", settings.ForProxy(singleton.Name)),
            "singletonProxy" + singleton.Name
        );
    }
}

/// <summary>The id of <see cref="ClusterSingleton"/>.</summary>
public sealed class ClusterSingletonProvider : ExtensionIdProvider<ClusterSingleton>
{
    /// <inheritdoc/>
    public override ClusterSingleton CreateExtension(ExtendedActorSystem system) => new(system);
}

/// <summary>What <see cref="ClusterSingleton.Init"/> starts.</summary>
public class SingletonActor
{
    private SingletonActor(
        string name,
        Props props,
        Option<object> stopMessage,
        Option<ClusterSingletonSettings> settings
    )
    {
        Name = name;
        Props = props;
        StopMessage = stopMessage;
        Settings = settings;
    }

    /// <summary>Its name, another one for each singleton of a cluster.</summary>
    public string Name { get; }

    public Props Props { get; }

    /// <summary>What it is sent to stop itself; without one, <see cref="PoisonPill"/>.</summary>
    public Option<object> StopMessage { get; }

    /// <summary>Without any, those of the configuration.</summary>
    public Option<ClusterSingletonSettings> Settings { get; }

    public static SingletonActor Create(Props props, string name) =>
        new(name, props, Option<object>.None, Option<ClusterSingletonSettings>.None);

    public SingletonActor WithProps(Props props) => new(Name, props, StopMessage, Settings);

    public SingletonActor WithStopMessage(object stopMessage) => new(Name, Props, stopMessage, Settings);

    public SingletonActor WithSettings(ClusterSingletonSettings settings) => new(Name, Props, StopMessage, settings);
}
