using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using Hatchery.Disks;

namespace Hatchery.Devices;

/// <summary>
/// Asks each shard of a kind of entities where it is, so that it has a home, and this server knows it, before anybody needs it: a shard
/// gets its home, and a region hears of it, by a message that is sent there. Asks when members come and go, and every so often, as
/// shards also move by themselves; a few at a time, as a home is a row in the farm database, and who needs one now waits behind these.
/// </summary>
internal sealed class ShardHomes : ReceiveActor, IWithTimers
{
    private const int AtOnce = 4;
    private static readonly TimeSpan s_again = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(10);

    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly IActorRef _region;
    private readonly Action<string, Address> _found;
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    private readonly Queue<string> _left = new();

    public ShardHomes(IActorRef region, Action<string, Address> found)
    {
        (_region, _found) = (region, found);
        Receive<ClusterEvent.IMemberEvent>(_ => AskAll());
        Receive<Round>(_ => AskAll());
        // What was sent to a server that died is lost.
        Receive<Again>(_ =>
        {
            foreach (var id in _asked)
                _region.Tell(new FindShard(id));
        });
        Receive<FindShard>(found =>
        {
            _found(FarmMessageExtractor.ShardIdOf(found.EntityId), Sender.Path.Address);
            if (_asked.Remove(found.EntityId))
                AskNext();
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <param name="found">Told where a shard is, as often as that is heard; a local address: here.</param>
    public static Props Props(IActorRef region, Action<string, Address> found) =>
        Akka.Actor.Props.Create(() => new ShardHomes(region, found));

    protected override void PreStart()
    {
        _cluster.Subscribe(
            Self,
            ClusterEvent.InitialStateAsEvents,
            typeof(ClusterEvent.MemberUp),
            typeof(ClusterEvent.MemberRemoved)
        );
        Timers.StartPeriodicTimer(nameof(Again), new Again(), s_again);
    }

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    private void AskAll()
    {
        _asked.Clear();
        _left.Clear();
        foreach (var id in ShardFinder.Ids)
            _left.Enqueue(id);
        AskNext();
        Timers.StartSingleTimer(nameof(Round), new Round(), s_interval);
    }

    private void AskNext()
    {
        while (_asked.Count < AtOnce && _left.TryDequeue(out var id))
        {
            _asked.Add(id);
            _region.Tell(new FindShard(id));
        }
    }

    private sealed record Round;

    private sealed record Again;
}

/// <summary>Is sent back from where that shard is.</summary>
/// <param name="EntityId">One of <see cref="ShardFinder.Ids"/>.</param>
public sealed record FindShard(string EntityId) : IFarmMessage
{
    private static readonly ImmutableDictionary<string, string> s_ids = ShardFinder.Ids.ToImmutableDictionary(
        FarmMessageExtractor.ShardIdOf,
        StringComparer.Ordinal
    );

    /// <summary>Finds the shard of a device's keeper.</summary>
    public static FindShard Of(DeviceId device) => new(s_ids[FarmMessageExtractor.ShardIdOf(device.ToString())]);
}

/// <summary>Stands in each shard for the shard itself, for as long as an answer takes.</summary>
internal sealed class ShardFinder : ReceiveActor
{
    private const string Prefix = "shard-";

    public ShardFinder()
    {
        Receive<FindShard>(find =>
        {
            Sender.Tell(find);
            Context.Stop(Self);
        });
        Receive<EntityStop>(_ => Context.Stop(Self));
    }

    /// <summary>An id in each shard.</summary>
    public static ImmutableHashSet<string> Ids { get; } =
    [
        .. Enumerable
            .Range(0, int.MaxValue)
            .Select(i => $"{Prefix}{i}")
            .DistinctBy(FarmMessageExtractor.ShardIdOf, StringComparer.Ordinal)
            .Take(FarmMessageExtractor.ShardCount),
    ];

    public static bool IsNamed(string entityId) => entityId.StartsWith(Prefix, StringComparison.Ordinal);

    public static Props Props { get; } = Akka.Actor.Props.Create(() => new ShardFinder());
}
