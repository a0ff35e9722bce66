using System.Collections.Immutable;
using Akka.Actor;
using Akka.Actor.Internal;
using Akka.Cluster.Daemon;
using Akka.Configuration;
using Akka.Event;
using Akka.Remote;

namespace Akka.Cluster;

/// <summary>The cluster that a system is, or wants to be, a member of.</summary>
public partial class Cluster : IExtension
{
    // Members that differ in these would decide differently on the two sides of a partition.
    private static readonly string[] AgreedKeys =
    [
        "akka.cluster.downing-provider-class",
        "akka.cluster.split-brain-resolver.active-strategy",
    ];

    private readonly IActorRef _daemon;
    private readonly ILoggingAdapter _log;
    private volatile View _view;
    private volatile bool _isTerminated;

    /// <summary>Starts what a member consists of, and joins the seed nodes of the configuration.</summary>
    /// <exception cref="ConfigurationException">The system reaches no others, or a setting is wrong.</exception>
    public Cluster(ActorSystemImpl system)
    {
        System = system;
        if (system.Provider is not IClusterActorRefProvider provider)
            throw new ConfigurationException(
                $"ActorSystem {system} needs to have a 'ClusterActorRefProvider' enabled in the configuration, currently uses {system.Provider.GetType().FullName}: set akka.actor.provider = cluster"
            );
        system.Settings.InjectTopLevelFallback(DefaultConfig());
        var config = system.Settings.Config;
        Settings = new ClusterSettings(config, system.Name);
        SelfUniqueAddress = new UniqueAddress(provider.DefaultAddress, AddressUidExtension.Uid(system));
        FailureDetector = new DefaultFailureDetectorRegistry<Address>(() =>
            FailureDetectorLoader.Load(
                Settings.FailureDetectorImplementationClass,
                Settings.FailureDetectorConfig,
                system
            )
        );
        _log = Logging.GetLogger(system, this);
        _view = ViewOf(new MembershipState(Gossip.Empty, SelfUniqueAddress));
        var agreed = AgreedKeys
            .Select(key => (Key: key, Value: config.GetString(key)))
            .Where(setting => setting.Value is not null)
            .ToImmutableSortedDictionary(setting => setting.Key, setting => setting.Value!, StringComparer.Ordinal);

        LogInfo("Starting up...");
        _daemon = system.SystemActorOf(
            Props
                .Create(() => new ClusterDaemon(this, agreed))
                .WithDispatcher(Settings.UseDispatcher)
                .WithDeploy(Deploy.Local),
            ClusterDaemon.Name
        );
        AddShutdownTasks();
        DowningProvider = (IDowningProvider)Activator.CreateInstance(Settings.DowningProviderType, system, this)!;
        if (DowningProvider.DowningActorProps is { } downing)
            _daemon.Tell(new ClusterDaemon.StartDowning(downing));
        LogInfo("Started up successfully");
    }

    /// <summary>The system.</summary>
    public ExtendedActorSystem System { get; }

    /// <summary>The settings.</summary>
    public ClusterSettings Settings { get; }

    /// <summary>The address of this node.</summary>
    public Address SelfAddress => SelfUniqueAddress.Address;

    /// <summary>This incarnation of this node.</summary>
    public UniqueAddress SelfUniqueAddress { get; }

    /// <summary>What this node is for.</summary>
    public ImmutableHashSet<string> SelfRoles => Settings.Roles;

    /// <summary>All that this node knows of the cluster now.</summary>
    public ClusterEvent.CurrentClusterState State => _view.State;

    /// <summary>This node as a member; Removed before it joined and after it left.</summary>
    public Member SelfMember => _view.Self;

    /// <summary>True once this node is out of the cluster. It does not come back: that takes another system.</summary>
    public bool IsTerminated => _isTerminated;

    /// <summary>True while this node is Up, or WeaklyUp.</summary>
    public bool IsUp => !_isTerminated && SelfMember.Status is MemberStatus.Up or MemberStatus.WeaklyUp;

    /// <summary>Judges from heartbeats which nodes can be reached.</summary>
    public DefaultFailureDetectorRegistry<Address> FailureDetector { get; }

    /// <summary>Decides about members that cannot be reached.</summary>
    public IDowningProvider DowningProvider { get; }

    /// <summary>The cluster of a system.</summary>
    public static Cluster Get(ActorSystem system) => system.WithExtension<Cluster, ClusterExtension>();

    /// <summary>The path by which other nodes find an actor of this one.</summary>
    public ActorPath RemotePathOf(IActorRef actorRef) =>
        actorRef.Path.Address.Host is { Length: > 0 }
            ? actorRef.Path
            : new RootActorPath(System.Provider.DefaultAddress) / actorRef.Path.Elements;

    internal static Config DefaultConfig() =>
        ConfigurationFactory.FromResource("Akka.Cluster.cluster.conf", typeof(Cluster).Assembly);

    internal void LogInfo(string message)
    {
        if (Settings.LogInfo)
            _log.Info("Cluster Node [{0}] - {1}", SelfAddress, message);
    }

    /// <summary>True for a member, as far as this node knows.</summary>
    internal bool IsMember(UniqueAddress node) => _view.Gossip.HasMember(node);

    internal void Show(MembershipState state) => _view = ViewOf(state);

    private View ViewOf(MembershipState state) =>
        new(
            state.Gossip,
            state.ToCurrentState(),
            state.Gossip.HasMember(SelfUniqueAddress)
                ? state.Gossip.Member(SelfUniqueAddress)
                : Member.Removed(SelfUniqueAddress, Settings.Roles, Settings.AppVersion)
        );

    private sealed record View(Gossip Gossip, ClusterEvent.CurrentClusterState State, Member Self);
}
