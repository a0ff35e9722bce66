using System.Collections.Immutable;
using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Akka.Cluster.Protocol;
using Akka.Cluster.Serialization;
using Akka.Util;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Akka.Cluster.Simulation.Protocol;

public sealed class SerializerTests(ITestOutputHelper output) : IDisposable
{
    private readonly ActorSystem _system = ActorSystem.Create("serializer");

    public void Dispose() => _system.Dispose();

    private ClusterMessageSerializer Serializer => new((ExtendedActorSystem)_system);

    public static TheoryData<string> Kinds => [.. Samples().Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Each_message_reads_as_it_was_written(string kind)
    {
        var message = Samples()[kind];

        var read = Serializer.FromBinary(Serializer.ToBinary(message), Serializer.Manifest(message));

        Assert.Equal(message.GetType(), read.GetType());
        Assert.Equal(Text(message), Text(read));
    }

    [Fact]
    public void A_gossip_reads_as_it_was_written()
    {
        var gossip = SomeGossip();
        var message = new GossipEnvelope(Partition.Node(1), Partition.Node(2), gossip);

        var read = ((GossipEnvelope)Serializer.FromBinary(Serializer.ToBinary(message), "GE")).Gossip;

        Assert.True(read.SaysTheSameAs(gossip));
        Assert.True(read.Version.IsSameAs(gossip.Version));
        Assert.True(read.Seen.SetEquals(gossip.Seen));
        Assert.Equal(gossip.Tombstones.Keys, read.Tombstones.Keys);
        Assert.Equal(["store"], read.Member(Partition.Node(2)).Roles);
        Assert.Equal("1.2.3", read.Member(Partition.Node(3)).AppVersion.Version);
    }

    [Fact]
    public void What_a_later_version_adds_is_passed_over()
    {
        var text = Encoding.UTF8.GetString(Serializer.ToBinary(new Heartbeat(Partition.Node(1), 5)));
        var later = text.Replace("{\"f\"", "{\"later\":[1,{\"x\":2}],\"f\"", StringComparison.Ordinal);
        Assert.NotEqual(text, later);

        Assert.Equal(new Heartbeat(Partition.Node(1), 5), Serializer.FromBinary(Encoding.UTF8.GetBytes(later), "HB"));
    }

    [Fact]
    public void Hostile_bytes_are_refused_and_nothing_else_happens()
    {
        var random = Seed.New(output);
        foreach (var message in Samples().Values)
        {
            var manifest = Serializer.Manifest(message);
            var bytes = Serializer.ToBinary(message);
            for (var run = 0; run < 500; run++)
            {
                var broken = bytes.ToArray();
                for (var i = 0; i < 1 + random.Next(4); i++)
                    broken[random.Next(broken.Length)] = (byte)random.Next(256);
                ReadOrRefuse(random.Next(3) == 0 ? broken[..random.Next(broken.Length)] : broken, manifest);
            }
        }
        Assert.Throws<SerializationException>(() => Serializer.FromBinary([], "no such"));
        Assert.Throws<SerializationException>(() => Serializer.FromBinary("null"u8.ToArray(), "GE"));
        var gossip = Encoding.UTF8.GetString(Serializer.ToBinary(Samples()["GossipEnvelope"]));
        var holes = gossip.Replace("\"n\":[{", "\"n\":[null,{", StringComparison.Ordinal);
        Assert.NotEqual(gossip, holes);
        Assert.Throws<SerializationException>(() => Serializer.FromBinary(Encoding.UTF8.GetBytes(holes), "GE"));
    }

    private void ReadOrRefuse(byte[] bytes, string manifest)
    {
        try
        {
            Serializer.FromBinary(bytes, manifest);
        }
        catch (SerializationException)
        {
            // Refused, as it should be.
        }
    }

    private static Dictionary<string, IClusterMessage> Samples() =>
        new(StringComparer.Ordinal)
        {
            ["InitJoin"] = new InitJoin(
                Partition.Node(1).Address,
                ImmutableSortedDictionary<string, string>.Empty.Add("key", "value")
            ),
            ["InitJoinAck"] = new InitJoinAck(Partition.Node(1).Address, null),
            ["InitJoinAck refused"] = new InitJoinAck(Partition.Node(1).Address, "because"),
            ["InitJoinNack"] = new InitJoinNack(Partition.Node(1).Address),
            ["Join"] = new Join(Partition.Node(1), ["boot", "store"], AppVersion.Create("1.2.3")),
            ["Welcome"] = new Welcome(Partition.Node(1), SomeGossip()),
            ["GossipEnvelope"] = new GossipEnvelope(Partition.Node(1), Partition.Node(2), SomeGossip()),
            ["GossipStatus"] = new GossipStatus(Partition.Node(1), SomeGossip().Version),
            ["ExitingConfirmed"] = new ExitingConfirmed(Partition.Node(1)),
            ["RemovedNotice"] = new RemovedNotice(Partition.Node(1), Partition.Node(2)),
            ["Heartbeat"] = new Heartbeat(Partition.Node(1), long.MaxValue),
            ["HeartbeatResponse"] = new HeartbeatResponse(Partition.Node(1), 7),
        };

    private static Gossip SomeGossip()
    {
        ImmutableSortedSet<Member> members =
        [
            Partition.Member(1, MemberStatus.Up, 1),
            Partition.Member(2, MemberStatus.Leaving, 2, "store"),
            new Member(Partition.Node(3), int.MaxValue, MemberStatus.WeaklyUp, [], AppVersion.Create("1.2.3")),
            Partition.Member(4, MemberStatus.Down, 3),
        ];
        return Gossip.Empty.WithMembers(members).RemoveAll([Partition.Node(9)], TimeSpan.Zero) with
        {
            Seen = [Partition.Node(1), Partition.Node(2)],
            Reachability = Reachability
                .Empty.Unreachable(Partition.Node(1), Partition.Node(4))
                .Terminated(Partition.Node(2), Partition.Node(4)),
            Version = VectorClock
                .Create()
                .Increment(Partition.Node(1).ClockNode)
                .Increment(Partition.Node(2).ClockNode),
        };
    }

    // Records compare sets by reference; what they print, they hold.
    private static string Text(object message) =>
        message switch
        {
            Join join => $"{join.Node} {string.Join(',', join.Roles.Order(StringComparer.Ordinal))} {join.AppVersion}",
            InitJoin init => $"{init.From} {string.Join(',', init.Agreed)}",
            Welcome welcome => $"{welcome.From} {Text(welcome.Gossip)}",
            GossipEnvelope envelope => $"{envelope.From} {envelope.To} {Text(envelope.Gossip)}",
            Gossip gossip => (gossip with { Seen = [] }).ToString(),
            _ => message.ToString()!,
        };
}
