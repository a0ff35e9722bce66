using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.ExceptionServices;
using Akka.Actor;
using Akka.Cluster.Sharding.Serialization;
using Akka.Cluster.Tools.Singleton;
using Akka.Configuration;

namespace Akka.Cluster.Sharding;

/// <summary>
/// Spreads entities, actors with an id, over the cluster. Messages go to a region, which passes them on to where the entity's shard lives;
/// entities are started by their first message. Start a type on every member that hosts it, with the same name and extractor.
/// </summary>
public class ClusterSharding : IExtension
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(10);

    private readonly ExtendedActorSystem _system;
    private readonly ConcurrentDictionary<string, IActorRef> _regions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, IActorRef> _proxies = new(StringComparer.Ordinal);
    private readonly Lazy<IActorRef> _guardian;

    public ClusterSharding(ExtendedActorSystem system)
    {
        _system = system;
        system.Settings.InjectTopLevelFallback(DefaultConfig());
        system.Settings.InjectTopLevelFallback(ClusterSingletonManager.DefaultConfig());
        RegisterSerializer(system);
        Settings = ClusterShardingSettings.Create(system);
        var name = system.Settings.Config.GetString("akka.cluster.sharding.guardian-name", "sharding");
        _guardian = new(() => system.SystemActorOf(Props.Create<ClusterShardingGuardian>(), name));
    }

    /// <summary>The settings that the configuration gives.</summary>
    public ClusterShardingSettings Settings { get; }

    /// <summary>The types that were started here.</summary>
    public ImmutableHashSet<string> ShardTypeNames => [.. _regions.Keys];

    public static ClusterSharding Get(ActorSystem system) =>
        system.WithExtension<ClusterSharding, ClusterShardingExtensionProvider>();

    /// <summary>The defaults of <c>akka.cluster.sharding</c>.</summary>
    public static Config DefaultConfig() =>
        ConfigurationFactory.FromResource("Akka.Cluster.Sharding.sharding.conf", typeof(ClusterSharding).Assembly);

    /// <inheritdoc cref="StartAsync(string, Func{string, Props}, ClusterShardingSettings, IMessageExtractor, IShardAllocationStrategy, object)"/>
    public IActorRef Start(
        string typeName,
        Props entityProps,
        ClusterShardingSettings settings,
        IMessageExtractor messageExtractor
    ) => Wait(StartAsync(typeName, entityProps, settings, messageExtractor));

    /// <inheritdoc cref="StartAsync(string, Func{string, Props}, ClusterShardingSettings, IMessageExtractor, IShardAllocationStrategy, object)"/>
    public IActorRef Start(
        string typeName,
        Props entityProps,
        ClusterShardingSettings settings,
        IMessageExtractor messageExtractor,
        IShardAllocationStrategy allocationStrategy,
        object handOffMessage
    ) => Wait(StartAsync(typeName, entityProps, settings, messageExtractor, allocationStrategy, handOffMessage));

    /// <inheritdoc cref="StartAsync(string, Func{string, Props}, ClusterShardingSettings, IMessageExtractor, IShardAllocationStrategy, object)"/>
    public IActorRef Start(
        string typeName,
        Func<string, Props> entityPropsFactory,
        ClusterShardingSettings settings,
        IMessageExtractor messageExtractor
    ) => Wait(StartAsync(typeName, entityPropsFactory, settings, messageExtractor));

    /// <inheritdoc cref="StartAsync(string, Func{string, Props}, ClusterShardingSettings, IMessageExtractor, IShardAllocationStrategy, object)"/>
    public IActorRef Start(
        string typeName,
        Func<string, Props> entityPropsFactory,
        ClusterShardingSettings settings,
        IMessageExtractor messageExtractor,
        IShardAllocationStrategy allocationStrategy,
        object handOffMessage
    ) => Wait(StartAsync(typeName, entityPropsFactory, settings, messageExtractor, allocationStrategy, handOffMessage));

    /// <inheritdoc cref="StartAsync(string, Func{string, Props}, ClusterShardingSettings, IMessageExtractor, IShardAllocationStrategy, object)"/>
    public IActorRef Start(
        string typeName,
        Props entityProps,
        ClusterShardingSettings settings,
        ExtractEntityId extractEntityId,
        ExtractShardId extractShardId
    ) => Start(typeName, entityProps, settings, new DelegateExtractor(extractEntityId, extractShardId));

    /// <inheritdoc cref="StartAsync(string, Func{string, Props}, ClusterShardingSettings, IMessageExtractor, IShardAllocationStrategy, object)"/>
    public Task<IActorRef> StartAsync(
        string typeName,
        Props entityProps,
        ClusterShardingSettings settings,
        IMessageExtractor messageExtractor
    ) => StartAsync(typeName, _ => entityProps, settings, messageExtractor);

    /// <inheritdoc cref="StartAsync(string, Func{string, Props}, ClusterShardingSettings, IMessageExtractor, IShardAllocationStrategy, object)"/>
    public Task<IActorRef> StartAsync(
        string typeName,
        Props entityProps,
        ClusterShardingSettings settings,
        IMessageExtractor messageExtractor,
        IShardAllocationStrategy allocationStrategy,
        object handOffMessage
    ) => StartAsync(typeName, _ => entityProps, settings, messageExtractor, allocationStrategy, handOffMessage);

    /// <inheritdoc cref="StartAsync(string, Func{string, Props}, ClusterShardingSettings, IMessageExtractor, IShardAllocationStrategy, object)"/>
    public Task<IActorRef> StartAsync(
        string typeName,
        Func<string, Props> entityPropsFactory,
        ClusterShardingSettings settings,
        IMessageExtractor messageExtractor
    ) =>
        StartAsync(
            typeName,
            entityPropsFactory,
            settings,
            messageExtractor,
            DefaultShardAllocationStrategy(settings),
            PoisonPill.Instance
        );

    /// <summary>Starts a type on this member. A second call for it gives the same region.</summary>
    /// <param name="typeName">The name of the type, the same on all members.</param>
    /// <param name="entityPropsFactory">How the entity of an id is made.</param>
    /// <param name="settings">The settings of the type; with a role that this member does not have, a proxy is started.</param>
    /// <param name="messageExtractor">Tells which entity a message is for, the same on all members.</param>
    /// <param name="allocationStrategy">Decides where shards live.</param>
    /// <param name="handOffMessage">What entities are sent to stop when they move or are idle. A persistent actor needs one of its own: <see cref="PoisonPill"/> loses what it has stashed.</param>
    /// <returns>The region, to which messages are sent.</returns>
    public async Task<IActorRef> StartAsync(
        string typeName,
        Func<string, Props> entityPropsFactory,
        ClusterShardingSettings settings,
        IMessageExtractor messageExtractor,
        IShardAllocationStrategy allocationStrategy,
        object handOffMessage
    )
    {
        if (settings.Role is { } role && !Cluster.Get(_system).SelfRoles.Contains(role))
            return await StartProxyAsync(typeName, role, messageExtractor).ConfigureAwait(false);
        if (_regions.TryGetValue(typeName, out var running))
            return running;
        var region = await AskGuardian(
                new ClusterShardingGuardian.Start(
                    typeName,
                    entityPropsFactory,
                    settings,
                    new EnvelopeExtractor(messageExtractor),
                    allocationStrategy,
                    handOffMessage
                )
            )
            .ConfigureAwait(false);
        return _regions.GetOrAdd(typeName, region);
    }

    /// <inheritdoc cref="StartProxyAsync"/>
    public IActorRef StartProxy(string typeName, string role, IMessageExtractor messageExtractor) =>
        Wait(StartProxyAsync(typeName, role, messageExtractor));

    /// <summary>Starts a proxy on this member: it passes messages on and hosts nothing.</summary>
    /// <param name="typeName">The name of the type.</param>
    /// <param name="role">The role of the members that host it; null or empty when all do.</param>
    /// <param name="messageExtractor">As where the type is hosted.</param>
    public async Task<IActorRef> StartProxyAsync(string typeName, string? role, IMessageExtractor messageExtractor)
    {
        if (_proxies.TryGetValue(typeName, out var running))
            return running;
        var proxy = await AskGuardian(
                new ClusterShardingGuardian.StartProxy(
                    typeName,
                    Settings.WithRole(role),
                    new EnvelopeExtractor(messageExtractor)
                )
            )
            .ConfigureAwait(false);
        return _proxies.GetOrAdd(typeName, proxy);
    }

    /// <summary>The region of a type that was started here, or its proxy.</summary>
    /// <exception cref="ArgumentException">Neither was.</exception>
    public IActorRef ShardRegion(string typeName) =>
        _regions.TryGetValue(typeName, out var region) || _proxies.TryGetValue(typeName, out region)
            ? region
            : throw new ArgumentException($"Shard type [{typeName}] must be started first", nameof(typeName));

    /// <summary>The proxy of a type that was started here.</summary>
    /// <exception cref="ArgumentException">None was.</exception>
    public IActorRef ShardRegionProxy(string typeName) =>
        _proxies.TryGetValue(typeName, out var proxy)
            ? proxy
            : throw new ArgumentException(
                $"The proxy of shard type [{typeName}] must be started first",
                nameof(typeName)
            );

    /// <summary>The strategy that the settings choose: within limits when the absolute limit is above zero, else by threshold.</summary>
    public IShardAllocationStrategy DefaultShardAllocationStrategy(ClusterShardingSettings settings)
    {
        var tuning = settings.TuningParameters;
        return tuning.LeastShardAllocationAbsoluteLimit > 0
            ? ShardAllocationStrategy.LeastShardAllocationStrategy(
                tuning.LeastShardAllocationAbsoluteLimit,
                tuning.LeastShardAllocationRelativeLimit
            )
            : new LeastShardAllocationStrategy(
                tuning.LeastShardAllocationRebalanceThreshold,
                tuning.LeastShardAllocationMaxSimultaneousRebalance
            );
    }

    private async Task<IActorRef> AskGuardian(object start) =>
        (await _guardian.Value.Ask<ClusterShardingGuardian.Started>(start, StartTimeout).ConfigureAwait(false)).Region;

    private static IActorRef Wait(Task<IActorRef> start)
    {
        try
        {
            return start.GetAwaiter().GetResult();
        }
        catch (AggregateException several) when (several.InnerException is { } cause)
        {
            ExceptionDispatchInfo.Capture(cause).Throw();
            throw;
        }
    }

    private static void RegisterSerializer(ExtendedActorSystem system)
    {
        var serialization = system.Serialization;
        if (
            serialization.FindSerializerForType(typeof(IClusterShardingSerializable), "null")
            is ClusterShardingMessageSerializer
        )
            return;
        var serializer = new ClusterShardingMessageSerializer(system);
        serialization.AddSerializer("akka-sharding", serializer);
        serialization.AddSerializationMap(typeof(IClusterShardingSerializable), serializer);
    }
}

/// <summary>The id of <see cref="ClusterSharding"/>.</summary>
public class ClusterShardingExtensionProvider : ExtensionIdProvider<ClusterSharding>
{
    /// <inheritdoc/>
    public override ClusterSharding CreateExtension(ExtendedActorSystem system) => new(system);
}
