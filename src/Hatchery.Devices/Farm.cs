using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using Akka.Configuration;
using Akka.Event;
using Hatchery.Disks;

namespace Hatchery.Devices;

/// <summary>What entities are given: the farm's tables, view, nonces and clock.</summary>
/// <param name="NewGuid">Where new ids come from.</param>
/// <param name="Standstill">Whether this process may have been replaced while it stood still; null: nobody could.</param>
public sealed record FarmServices(
    SessionTable Sessions,
    FarmView View,
    BootNonce Nonces,
    TimeProvider Time,
    Func<Guid> NewGuid,
    TimeSpan AskTimeout,
    Standstill? Standstill = null
)
{
    /// <summary>The servers of the farm as this one knows them; none until it is told where to look.</summary>
    public Func<IReadOnlyList<KnownServer>> Servers { get; set; } = static () => [];

    /// <summary>The servers that take boots and do not hold all of these layers (<see cref="ServerDirectory.Lacking"/>); none until it is told where to look.</summary>
    public Func<ImmutableArray<LayerId>, IReadOnlyList<string>> Lacking { get; set; } = static _ => [];
}

/// <summary>
/// The farm as this server has it: the regions of its entities, its read side and its tables. It outlives the actor system that is a
/// member of the cluster: <see cref="EnterAsync"/> gives it the regions of the next one.
/// </summary>
public sealed class Farm
{
    private volatile Regions _regions = new(ActorRefs.Nobody, ActorRefs.Nobody, ActorRefs.Nobody);
    private volatile Akka.Cluster.Cluster? _cluster;
    private volatile IReadOnlyCollection<Address> _companions = [];
    private readonly ConcurrentDictionary<string, Address> _keepers = new(StringComparer.Ordinal);
    private IReadOnlyList<Address> _seeds = [];
    private bool _wasMember;

    private Farm(FarmDatabase database, FarmIdentity identity, FarmServices services)
    {
        Identity = identity;
        Services = services;
        Claims = new(database);
    }

    public FarmIdentity Identity { get; }

    public FarmServices Services { get; }

    public ClaimTable Claims { get; }

    public IFarmView View => Services.View;

    /// <summary>Takes every <see cref="IDeviceCommand"/>; another one after the cluster's actor system was replaced.</summary>
    public IActorRef Devices => _regions.Devices;

    /// <summary>Takes every <see cref="IVDiskCommand"/>.</summary>
    public IActorRef VDisks => _regions.VDisks;

    /// <summary>Takes every <see cref="IPolicyCommand"/>.</summary>
    public IActorRef Policy => _regions.Policy;

    /// <summary>The server where a device's keeper was last heard of; a local address: this one. Null: it was not.</summary>
    public Address? KeeperOf(DeviceId device) =>
        _keepers.GetValueOrDefault(FarmMessageExtractor.ShardIdOf(device.ToString()));

    /// <summary>The members of the cluster as this server sees them; none before it entered one.</summary>
    public ClusterEvent.CurrentClusterState Cluster => _cluster?.State ?? new();

    /// <summary>
    /// What goes before the configuration of the next actor system. Once this server was a member, the others go on: it joins one of
    /// them. Should all have gone at once, the first of the seed nodes founds the cluster anew, when each of the others has said
    /// that it is in none; that one does not answer is no reason to. The cluster joins the seed nodes of its configuration by itself, so
    /// they have to be right there.
    /// </summary>
    public Config Returning
    {
        get
        {
            if (_cluster is not { } cluster)
                return Config.Empty;
            var others = _seeds.Concat(_companions).Where(s => !s.Equals(cluster.SelfAddress)).Distinct().ToArray();
            if (others.Length == 0)
                return Config.Empty;
            Address[] seeds = _seeds[0].Equals(cluster.SelfAddress) ? [cluster.SelfAddress, .. others] : others;
            return ConfigurationFactory.ParseString(
                $$"""
                akka.cluster {
                  seed-nodes = [{{string.Join(", ", seeds.Select(s => $"\"{s}\""))}}]
                  # Until then a first seed node waits for answers before it founds.
                  seed-node-timeout = 1d
                }
                """
            );
        }
    }

    /// <summary>
    /// What goes before the configuration of every actor system: the role by which members tell their own farm from another. A farm is
    /// its database, and one cluster's entities in two databases would be two farms that answer for each other's devices.
    /// </summary>
    public Config Allegiance(Config configuration)
    {
        var roles = configuration.GetStringList("akka.cluster.roles") ?? [];
        return ConfigurationFactory.ParseString(
            $"akka.cluster.roles = [{string.Join(", ", roles.Append(FarmRole).Select(r => $"\"{r}\""))}]"
        );
    }

    private const string FarmRolePrefix = "farm-";

    private string FarmRole => $"{FarmRolePrefix}{Identity.Farm.Value:N}"[..(FarmRolePrefix.Length + 8)];

    /// <summary><see cref="OpenAsync"/>, then <see cref="EnterAsync"/>.</summary>
    public static async Task<Farm> StartAsync(
        ActorSystem system,
        FarmDatabase database,
        string checkpointPath,
        TimeProvider time,
        TimeSpan? askTimeout = null
    )
    {
        var farm = await OpenAsync(database, time, askTimeout);
        await farm.EnterAsync(system, checkpointPath);
        return farm;
    }

    /// <summary>Makes the tables, and reads who the farm is. No entity answers yet.</summary>
    /// <param name="askTimeout">How long an entity may take to answer; 5 s unless given.</param>
    /// <param name="standstill">Whether this process may have been replaced; null: nobody could.</param>
    public static async Task<Farm> OpenAsync(
        FarmDatabase database,
        TimeProvider time,
        TimeSpan? askTimeout = null,
        Standstill? standstill = null
    )
    {
        var identity = await database.OpenAsync();
        return new(
            database,
            identity,
            new(
                new(database),
                new(),
                new(identity.Secret),
                time,
                Guid.NewGuid,
                askTimeout ?? TimeSpan.FromSeconds(5),
                standstill
            )
        );
    }

    /// <summary>
    /// Joins the cluster, starts the regions, and completes when the farm view has all that the journal has: a login that comes
    /// earlier would find its device unknown, and initiators take that for final.
    /// </summary>
    /// <param name="checkpointPath">A file of this server's own for the farm view.</param>
    /// <exception cref="ForeignFarmException">The cluster is another farm's; the system has to be ended.</exception>
    public async Task EnterAsync(ActorSystem system, string checkpointPath)
    {
        var joined = JoinAsync(system);
        var saved = !_wasMember && Services.View.TryLoad(checkpointPath) ? Services.View.Current.Offset : 0;
        await FarmJournal.CatchUpAsync(system, Services.View);
        system.Log.Debug("the farm view begins at {0}", Services.View.Current.Offset);
        await joined;
        _cluster = Akka.Cluster.Cluster.Get(system);
        if (!_wasMember)
            _seeds = _cluster.Settings.SeedNodes;
        _wasMember = true;
        system.ActorOf(Companions.Props(IsOfAnotherFarm, others => _companions = others), "companions");
        var vDisks = await EntityRegions.StartAsync(system, "vdisk", id => VDisk.Props(VDiskId.Parse(id), Services));
        var devices = await EntityRegions.StartAsync(
            system,
            "device",
            id => TargetDevice.Props(DeviceId.Parse(id), Services, () => vDisks),
            (shard, at) => _keepers[shard] = at
        );
        var policy = await EntityRegions.StartAsync(system, "policy", _ => FarmPolicy.Props(Services));
        system.ActorOf(FarmViewFeeder.Props(Services.View, checkpointPath, saved), "farm-view");
        _regions = new(devices, vDisks, policy);
    }

    private async Task JoinAsync(ActorSystem system)
    {
        await EntityRegions.JoinAsync(system);
        if (Akka.Cluster.Cluster.Get(system).State.Members.FirstOrDefault(IsOfAnotherFarm) is { } stranger)
            throw new ForeignFarmException(
                $"the server at {stranger.Address} is one of another farm, which has another database: give this server that farm's hatchery.database, or akka.cluster.seed-nodes of its own farm"
            );
    }

    // One of the version before says nothing of its farm.
    private bool IsOfAnotherFarm(Member member) =>
        member.Roles.FirstOrDefault(r => r.StartsWith(FarmRolePrefix, StringComparison.Ordinal)) is { } role
        && role != FarmRole;

    /// <summary>Sends an operator's command, and answers when the farm view shows what it did.</summary>
    public async Task<Reply> AskAsync(IActorRef region, IFarmMessage command)
    {
        var reply = await region.Ask<Reply>(command, Services.AskTimeout);
        if (reply is Reply.Done done)
            await View.ReachedAsync(done.PersistenceId, done.SequenceNumber)
                .WaitAsync(Services.AskTimeout, Services.Time);
        return reply;
    }

    private sealed record Regions(IActorRef Devices, IActorRef VDisks, IActorRef Policy);
}
