using Akka.Actor;
using Akka.Event;
using Hatchery.Disks;

namespace Hatchery.Devices;

/// <summary>What entities are given: the farm's tables, view, nonces and clock.</summary>
/// <param name="NewGuid">Where new ids come from.</param>
public sealed record FarmServices(
    SessionTable Sessions,
    FarmView View,
    BootNonce Nonces,
    TimeProvider Time,
    Func<Guid> NewGuid,
    TimeSpan AskTimeout
);

/// <summary>The farm as this server has it: the regions of its entities, its read side and its tables.</summary>
public sealed class Farm
{
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

    /// <summary>Takes every <see cref="IDeviceCommand"/>.</summary>
    public IActorRef Devices { get; private init; } = ActorRefs.Nobody;

    /// <summary>Takes every <see cref="IVDiskCommand"/>.</summary>
    public IActorRef VDisks { get; private init; } = ActorRefs.Nobody;

    /// <summary>Takes every <see cref="IPolicyCommand"/>.</summary>
    public IActorRef Policy { get; private init; } = ActorRefs.Nobody;

    /// <summary>
    /// Joins the cluster, starts the regions, and completes when the farm view has all that the journal has: a login that comes earlier would find its device unknown, and
    /// initiators take that for final.
    /// </summary>
    /// <param name="checkpointPath">A file of this server's own for the farm view.</param>
    public static async Task<Farm> StartAsync(
        ActorSystem system,
        FarmDatabase database,
        string checkpointPath,
        TimeProvider time
    )
    {
        var identity = await database.OpenAsync();
        var services = new FarmServices(
            new(database),
            new(),
            new(identity.Secret),
            time,
            Guid.NewGuid,
            TimeSpan.FromSeconds(5)
        );
        var joined = EntityRegions.JoinAsync(system);
        services.View.TryLoad(checkpointPath);
        await FarmJournal.CatchUpAsync(system, services.View);
        system.Log.Debug("the farm view begins at {0}", services.View.Current.Offset);
        await joined;
        var vDisks = await EntityRegions.StartAsync(system, "vdisk", id => VDisk.Props(VDiskId.Parse(id), services));
        var devices = await EntityRegions.StartAsync(
            system,
            "device",
            id => TargetDevice.Props(DeviceId.Parse(id), services, () => vDisks)
        );
        var policy = await EntityRegions.StartAsync(system, "policy", _ => FarmPolicy.Props(services));
        system.ActorOf(FarmViewFeeder.Props(services.View, checkpointPath), "farm-view");
        return new(database, identity, services)
        {
            VDisks = vDisks,
            Devices = devices,
            Policy = policy,
        };
    }

    /// <summary>Sends an operator's command, and answers when the farm view shows what it did.</summary>
    public async Task<Reply> AskAsync(IActorRef region, IFarmMessage command)
    {
        var reply = await region.Ask<Reply>(command, Services.AskTimeout);
        if (reply is Reply.Done done)
            await View.ReachedAsync(done.PersistenceId, done.SequenceNumber)
                .WaitAsync(Services.AskTimeout, Services.Time);
        return reply;
    }
}
