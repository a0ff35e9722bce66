using System.Collections.Immutable;
using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Cluster.Sharding.Serialization;

namespace Akka.Cluster.Sharding.Simulation;

public sealed class SerializerTests : IDisposable
{
    private readonly ActorSystem _system = ActorSystem.Create(
        "farm",
        ClusterSharding
            .DefaultConfig()
            .WithFallback("akka.loglevel = OFF, akka.coordinated-shutdown.run-by-clr-shutdown-hook = off")
    );

    private ClusterShardingMessageSerializer Serializer => new((ExtendedActorSystem)_system);

    public void Dispose() => _system.Terminate().Wait(TimeSpan.FromSeconds(10));

    [Fact]
    public void Every_message_and_event_comes_back_as_it_was()
    {
        var region = _system.ActorOf(Props.Empty, "region");
        var other = _system.ActorOf(Props.Empty, "other");
        object[] all =
        [
            new ShardRegionRegistered(region),
            new ShardRegionProxyRegistered(region),
            new ShardRegionTerminated(region),
            new ShardRegionProxyTerminated(region),
            new ShardHomeAllocated("7", region),
            new ShardHomeDeallocated("7"),
            new Register(region),
            new RegisterProxy(region),
            new RegisterAck(region),
            new GetShardHome("7"),
            new ShardHome("7", region),
            new HostShard("7"),
            new ShardStarted("7"),
            new BeginHandOff("7"),
            new BeginHandOffAck("7"),
            new HandOff("7"),
            new ShardStopped("ü"),
            new GracefulShutdownReq(region),
            new RegionStopped(region),
            GetCurrentRegions.Instance,
            new CurrentRegions([new Address("akka.tcp", "farm", "10.0.0.1", 4053), new Address("akka", "farm")]),
            new GetClusterShardingStats(TimeSpan.FromMilliseconds(3_500.5)),
            new ClusterShardingStats(
                ImmutableDictionary<Address, ShardRegionStats>.Empty.Add(
                    new Address("akka.tcp", "farm", "10.0.0.1", 4053),
                    new ShardRegionStats(ImmutableDictionary<string, int>.Empty.Add("7", 3).Add("8", 0), ["9"])
                )
            ),
            GetShardRegionStats.Instance,
            new ShardRegionStats(ImmutableDictionary<string, int>.Empty.Add("7", 300)),
            GetShardRegionState.Instance,
            new CurrentShardRegionState([new ShardState("7", ["a", "b"])], ["8"]),
            new ShardState("7", []),
            new ShardingEnvelope("a", new byte[] { 1, 2, 3 }),
        ];

        foreach (var message in all)
        {
            var back = RoundTrip(message);
            if (message is ShardingEnvelope envelope)
                Assert.Equal((byte[])envelope.Message, (byte[])((ShardingEnvelope)back).Message);
            else
                Assert.Equal(message, back);
        }
        var state = CoordinatorState.Of(
            [KeyValuePair.Create("2", region), KeyValuePair.Create("1", region), KeyValuePair.Create("3", other)],
            [region, other],
            [other]
        );
        var restored = (CoordinatorState)RoundTrip(state);
        Assert.Equal(["2", "1"], restored.Regions[region]);
        Assert.Equal(state.Shards, restored.Shards);
        Assert.Equal(state.Proxies, restored.Proxies);
    }

    // The bytes that the official package writes for the same event: a journal opens on either.
    [Fact]
    public void An_event_has_the_documented_bytes()
    {
        var serializer = Serializer;

        Assert.Equal("AG", serializer.Manifest(new ShardHomeDeallocated("7")));
        Assert.Equal([0x0a, 0x01, (byte)'7'], serializer.ToBinary(new ShardHomeDeallocated("7")));
        Assert.Equal(13, serializer.Identifier);
    }

    [Fact]
    public void Bytes_that_are_no_message_are_refused_and_do_no_other_harm()
    {
        var serializer = Serializer;
        var random = new Random(1);
        var manifests = "AA AB AF AG BA BE BF BL CS DD DH FD FE GS SE ZZ".Split(' ');
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = new byte[random.Next(0, 40)];
            random.NextBytes(bytes);
            try
            {
                serializer.FromBinary(bytes, manifests[random.Next(manifests.Length)]);
            }
            catch (Exception refused) when (refused is SerializationException or ArgumentException or FormatException)
            {
                // As it should be.
            }
        }
    }

    private object RoundTrip(object message)
    {
        var serializer = Serializer;
        return serializer.FromBinary(serializer.ToBinary(message), serializer.Manifest(message));
    }
}
