using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Sharding;

namespace Hatchery.Devices;

/// <summary>Stops an entity once it has answered what came before: it moves to another server, or this one ends.</summary>
internal sealed record EntityStop : INoSerializationVerificationNeeded
{
    public static readonly EntityStop Instance = new();

    private EntityStop() { }
}

/// <summary>The shard regions of a server's actor system, one for each kind of entity.</summary>
internal static class EntityRegions
{
    /// <summary>A server that was killed and starts again is let in once the others have removed what it was.</summary>
    private static readonly TimeSpan s_joinLimit = TimeSpan.FromSeconds(15);

    /// <summary>Joins the cluster that the configuration names, or is a cluster of one, and is done when this node is Up.</summary>
    /// <exception cref="ClusterJoinFailedException">Nobody let it in.</exception>
    public static async Task JoinAsync(ActorSystem system)
    {
        var cluster = Akka.Cluster.Cluster.Get(system);
        var seeds = cluster.Settings.SeedNodes;
        if (seeds.IsEmpty)
        {
            await cluster.JoinAsync(cluster.SelfAddress);
            return;
        }
        // Meanwhile it asks again each retry-unsuccessful-join-after; JoinSeedNodesAsync would have it ask but once.
        var up = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.RegisterOnMemberUp(() => up.TrySetResult());
        cluster.JoinSeedNodes(seeds);
        try
        {
            await up.Task.WaitAsync(s_joinLimit);
        }
        catch (TimeoutException)
        {
            throw new ClusterJoinFailedException(
                $"{string.Join(", ", seeds)} did not within {s_joinLimit.TotalSeconds:0} s"
            );
        }
    }

    /// <summary>Entities of a kind, started by their first message, one actor an id in the whole cluster.</summary>
    /// <param name="kind">The name of the kind, fixed for ever: the coordinator's journal goes by it.</param>
    /// <param name="found">Told where a shard is, as often as that is heard.</param>
    public static async Task<IActorRef> StartAsync(
        ActorSystem system,
        string kind,
        Func<string, Props> entity,
        Action<string, Address>? found = null
    )
    {
        var sharding = ClusterSharding.Get(system);
        var settings = sharding.Settings;
        // Servers that share a database without being one cluster must not share the homes of shards either, and one that is alone
        // needs none of an earlier run.
        var isAlone = Akka.Cluster.Cluster.Get(system).Settings.SeedNodes.IsEmpty;
        if (isAlone)
            settings = settings
                .WithJournalPluginId("akka.persistence.journal.inmem")
                .WithSnapshotPluginId("akka.persistence.snapshot-store.inmem");
        var region = await sharding.StartAsync(
            kind,
            id => ShardFinder.IsNamed(id) ? ShardFinder.Props : entity(id),
            settings,
            new FarmMessageExtractor(),
            sharding.DefaultShardAllocationStrategy(settings),
            EntityStop.Instance
        );
        if (!isAlone)
            system.ActorOf(ShardHomes.Props(region, found ?? ((_, _) => { })), $"{kind}-homes");
        return region;
    }
}
