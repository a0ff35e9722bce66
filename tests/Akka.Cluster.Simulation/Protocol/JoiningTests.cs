using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Protocol;
using Akka.Configuration;
using Akka.Event;
using Akka.Util;

namespace Akka.Cluster.Simulation.Protocol;

public sealed class JoiningTests
{
    private static readonly Address A = AddressOf("a");
    private static readonly Address B = AddressOf("b");
    private static readonly Address C = AddressOf("c");

    private readonly RecordingPort _port = new();

    [Fact]
    public void The_first_seed_founds_when_all_others_say_that_they_are_in_no_cluster()
    {
        var node = New(A);

        node.JoinSeedNodes([A, B, C], TimeSpan.Zero);
        Assert.Equal([B, C], _port.Sent<InitJoin>());
        node.Receive(new InitJoinNack(B), TimeSpan.Zero);
        Assert.False(node.IsJoined);
        node.Receive(new InitJoinNack(C), TimeSpan.Zero);

        Assert.True(node.IsJoined);
        Assert.Equal(MemberStatus.Up, node.SelfStatus);
    }

    [Fact]
    public void The_first_seed_founds_when_nobody_answers_in_time()
    {
        var node = New(A);
        node.JoinSeedNodes([A, B], TimeSpan.Zero);

        node.Tick(TimeSpan.FromSeconds(4));
        Assert.False(node.IsJoined);
        node.Tick(TimeSpan.FromSeconds(5));

        Assert.True(node.IsJoined);
    }

    [Theory]
    [InlineData(14, true)]
    [InlineData(16, false)]
    public void A_node_that_stood_still_while_it_asked_is_not_the_one_that_is_welcome(int second, bool joins)
    {
        var node = New(B);
        node.Join(A, TimeSpan.Zero);
        var founder = new UniqueAddress(A, 1);
        var gossip = Gossip.Empty.WithMembers([
            Member.Create(founder, [], AppVersion.Zero).CopyUp(1),
            Member.Create(node.Self, [], AppVersion.Zero),
        ]);

        // It asks again after 10 s.
        node.Receive(new Welcome(founder, gossip), TimeSpan.FromSeconds(second));

        Assert.Equal(joins, node.IsJoined);
        Assert.Equal(!joins, node.IsStopped);
    }

    [Fact]
    public void No_other_seed_ever_founds()
    {
        var node = New(B);
        node.JoinSeedNodes([A, B, C], TimeSpan.Zero);
        node.Receive(new InitJoinNack(A), TimeSpan.Zero);
        node.Receive(new InitJoinNack(C), TimeSpan.Zero);

        for (var second = 1; second < 60; second++)
            node.Tick(TimeSpan.FromSeconds(second));

        Assert.False(node.IsJoined);
        Assert.Contains(_port.Lines, line => line.Contains("Couldn't join seed nodes", StringComparison.Ordinal));
    }

    [Fact]
    public void A_seed_that_is_in_a_cluster_is_joined()
    {
        var node = New(A);
        node.JoinSeedNodes([A, B], TimeSpan.Zero);

        node.Receive(new InitJoinAck(B, null), TimeSpan.Zero);

        Assert.Equal([B], _port.Sent<Join>());
        // Nobody answers: it begins again, and still does not found.
        node.Tick(TimeSpan.FromSeconds(10));
        Assert.Equal([B, B], _port.Sent<InitJoin>());
    }

    [Fact]
    public void Who_does_not_agree_with_the_cluster_is_refused_with_one_line_and_founds_none()
    {
        var seed = New(B, ("key", "keep-majority"));
        seed.Join(B, TimeSpan.Zero);
        seed.Receive(new InitJoin(A, Agreed(("key", "static-quorum"), ("other", "1"))), TimeSpan.Zero);
        var ack = Assert.IsType<InitJoinAck>(_port.Messages[^1].Message);
        Assert.Contains(
            "key is [keep-majority] in the cluster and [static-quorum]",
            ack.Disagreement,
            StringComparison.Ordinal
        );
        _port.Lines.Clear();

        var node = New(A);
        node.JoinSeedNodes([A, B], TimeSpan.Zero);
        for (var second = 0; second < 30; second++)
        {
            node.Receive(ack, TimeSpan.FromSeconds(second));
            node.Tick(TimeSpan.FromSeconds(second));
        }

        Assert.False(node.IsJoined);
        Assert.Single(_port.Lines, line => line.Contains(ack.Disagreement!, StringComparison.Ordinal));
        Assert.Empty(_port.Sent<Join>());
    }

    [Fact]
    public void Settings_that_one_side_does_not_know_are_no_disagreement()
    {
        var seed = New(B, ("key", "1"));
        seed.Join(B, TimeSpan.Zero);

        seed.Receive(new InitJoin(A, Agreed(("other", "2"))), TimeSpan.Zero);

        Assert.Null(Assert.IsType<InitJoinAck>(_port.Messages[^1].Message).Disagreement);
    }

    [Fact]
    public void A_node_that_joins_again_is_welcomed_again()
    {
        var seed = Founded(B);
        var node = new UniqueAddress(A, 7);

        seed.Receive(new Join(node, [], AppVersion.Zero), TimeSpan.Zero);
        seed.Receive(new Join(node, [], AppVersion.Zero), TimeSpan.Zero);

        Assert.Equal([A, A], _port.Sent<Welcome>());
        Assert.Equal(2, seed.State.Members.Count);
    }

    [Fact]
    public void A_new_incarnation_waits_until_the_one_before_is_removed()
    {
        var seed = Founded(B);
        seed.Receive(new Join(new UniqueAddress(A, 7), [], AppVersion.Zero), TimeSpan.Zero);

        seed.Receive(new Join(new UniqueAddress(A, 8), [], AppVersion.Zero), TimeSpan.Zero);
        Assert.Equal(MemberStatus.Down, seed.State.Gossip.Member(new UniqueAddress(A, 7)).Status);
        Assert.Single(_port.Sent<Welcome>());
        // The new one is proof enough: no failure detector is waited for.
        seed.Tick(TimeSpan.FromSeconds(2));
        Assert.False(seed.State.Gossip.HasMember(new UniqueAddress(A, 7)));
        seed.Receive(new Join(new UniqueAddress(A, 8), [], AppVersion.Zero), TimeSpan.FromSeconds(3));

        Assert.True(seed.State.Gossip.HasMember(new UniqueAddress(A, 8)));
        // The one that was removed stays so.
        seed.Receive(new Join(new UniqueAddress(A, 7), [], AppVersion.Zero), TimeSpan.FromSeconds(3));
        Assert.False(seed.State.Gossip.HasMember(new UniqueAddress(A, 7)));
        Assert.Equal([A], _port.Sent<RemovedNotice>());
    }

    [Fact]
    public void A_node_of_another_system_is_ignored()
    {
        var seed = Founded(B);

        seed.Receive(new Join(new UniqueAddress(A.WithSystem("other"), 7), [], AppVersion.Zero), TimeSpan.Zero);
        seed.Receive(new Join(new UniqueAddress(A.WithProtocol("akka"), 7), [], AppVersion.Zero), TimeSpan.Zero);

        Assert.Single(seed.State.Members);
    }

    [Fact]
    public void A_welcome_of_somebody_else_is_ignored()
    {
        var node = New(A);
        node.Join(B, TimeSpan.Zero);
        var stranger = new UniqueAddress(C, 3);

        node.Receive(new Welcome(stranger, Gossip.Empty), TimeSpan.Zero);

        Assert.False(node.IsJoined);
    }

    [Fact]
    public void After_its_time_it_gives_up()
    {
        var node = New(B, config: "akka.cluster.shutdown-after-unsuccessful-join-seed-nodes = 20s");
        node.JoinSeedNodes([A, B], TimeSpan.Zero);

        node.Tick(TimeSpan.FromSeconds(19));
        Assert.False(_port.GaveUp);
        node.Tick(TimeSpan.FromSeconds(20));

        Assert.True(_port.GaveUp);
    }

    private static Address AddressOf(string host) => new("akka.tcp", "farm", host, 2552);

    private static ImmutableSortedDictionary<string, string> Agreed(params (string Key, string Value)[] settings) =>
        settings.ToImmutableSortedDictionary(setting => setting.Key, setting => setting.Value, StringComparer.Ordinal);

    private MembershipProtocol Founded(Address address)
    {
        var node = New(address);
        node.Join(address, TimeSpan.Zero);
        return node;
    }

    private MembershipProtocol New(Address address, (string Key, string Value)? agreed = null, string config = "") =>
        new(
            new UniqueAddress(address, 1),
            new ClusterSettings(
                ConfigurationFactory
                    .ParseString(config)
                    .WithFallback(
                        ConfigurationFactory.FromResource("Akka.Cluster.cluster.conf", typeof(Cluster).Assembly)
                    ),
                "farm"
            ),
            agreed is { } setting ? Agreed(setting) : Agreed(),
            _port,
            new Random(1),
            TimeSpan.Zero
        );
}
