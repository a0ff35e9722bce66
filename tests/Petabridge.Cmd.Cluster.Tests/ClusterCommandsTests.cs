using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Tests.Support;
using Hatchery.Testing;
using Petabridge.Cmd.Protocol;
using Petabridge.Cmd.Tests;

namespace Petabridge.Cmd.Cluster.Tests;

public sealed class ClusterCommandsTests : IAsyncLifetime
{
    private readonly Nodes _nodes = new();
    private ActorSystem[] _systems = [];
    private HostClient _client = null!;

    public async Task InitializeAsync()
    {
        _systems = await _nodes.Form(2, OperatedNode.Config + "akka.cluster { roles = [b, a], app-version = 1.2.3 }");
        _client = await OperatedNode.ConnectAsync(_systems[0]);
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _nodes.DisposeAsync();
    }

    [Fact]
    public async Task Show_has_a_row_a_member_and_their_count()
    {
        var lines = (await DoneAsync("show")).Split('\n');
        Assert.Equal(
            _systems.Select(s => $"{AddressOf(s)} | [a,b] | up |  | 1.2.3").Order(StringComparer.Ordinal),
            lines[..2].Order(StringComparer.Ordinal)
        );
        Assert.Equal("Count: 2 nodes", lines[2]);
    }

    [Fact]
    public async Task Status_is_this_nodes_row_and_leader_the_leaders_address()
    {
        Assert.Equal($"{AddressOf(_systems[0])} | [a,b] | up |  | 1.2.3", await DoneAsync("status"));
        Assert.Equal(StateOf(_systems[0]).Leader!.ToString(), await DoneAsync("leader"));
    }

    [Fact]
    public async Task Node_that_is_alone_has_no_leader_until_it_joins_and_is_up_when_join_is_done()
    {
        var system = _nodes.Start(OperatedNode.Config);
        using var client = await OperatedNode.ConnectAsync(system);
        Assert.Equal(AnswerPart.Failed, (await client.RunAsync("cluster", "leader")).Outcome);
        var (outcome, text) = await client.RunAsync("cluster", "join", "-a", AddressOf(_systems[0]));
        Assert.True(outcome == AnswerPart.Done, text);
        Assert.Equal(MemberStatus.Up, Akka.Cluster.Cluster.Get(system).SelfMember.Status);
        (outcome, _) = await client.RunAsync("cluster", "join", "-a", AddressOf(_systems[0]));
        Assert.Equal(AnswerPart.Failed, outcome);
    }

    [Theory]
    [InlineData("leave")]
    [InlineData("down")]
    public async Task Member_that_is_let_go_is_gone(string command)
    {
        await DoneAsync(command, "-a", AddressOf(_systems[1]));
        await Eventually.TrueAsync(() => StateOf(_systems[0]).Members.Count == 1);
        Assert.EndsWith("Count: 1 nodes", await DoneAsync("show"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Members_that_cannot_be_reached_are_shown_as_such_and_go_at_once()
    {
        Assert.Equal("Count: 0 nodes", await DoneAsync("down-unreachable"));
        var dead = AddressOf(_systems[1]);
        await Nodes.Kill(_systems[1]);
        await Eventually.TrueAsync(() => StateOf(_systems[0]).Unreachable.Count == 1);
        Assert.Contains(
            $"{dead} | [a,b] | up | unreachable | 1.2.3",
            await DoneAsync("show"),
            StringComparison.Ordinal
        );
        Assert.Equal($"{dead} is declared dead\nCount: 1 nodes", await DoneAsync("down-unreachable"));
        await Eventually.TrueAsync(() => StateOf(_systems[0]).Members.Count == 1);
    }

    [Fact]
    public async Task Tail_tells_of_members_that_come_and_go()
    {
        using var tail = await OperatedNode.ConnectAsync(_systems[1]);
        await tail.StartAsync("cluster", "tail");
        await HeardAsync(tail, $"{AddressOf(_systems[0])} | [a,b] | up");
        var third = AddressOf(await _nodes.JoinTo(Akka.Cluster.Cluster.Get(_systems[0])));
        await HeardAsync(tail, $"{third} is up");
        await DoneAsync("leave", "-a", third);
        await HeardAsync(tail, $"{third} is removed");
    }

    [Theory]
    [InlineData("down", "akka.tcp://farm@127.0.0.1:1", "no member akka.tcp://farm@127.0.0.1:1: see cluster show")]
    [InlineData("leave", "pc07", "'pc07' is no node's address")]
    [InlineData("join", "akka://farm", "'akka://farm' is no node's address")]
    public async Task What_is_no_member_is_explained(string command, string address, string reason)
    {
        var (outcome, text) = await _client.RunAsync("cluster", command, "-a", address);
        Assert.Equal(AnswerPart.Failed, outcome);
        Assert.StartsWith(reason, text, StringComparison.Ordinal);
    }

    private async Task<string> DoneAsync(params string[] words)
    {
        var (outcome, text) = await _client.RunAsync(["cluster", .. words]);
        Assert.True(outcome == AnswerPart.Done, text);
        return text;
    }

    private static async Task HeardAsync(HostClient tail, string line)
    {
        while (!(await tail.AnswerAsync()).Text.Contains(line, StringComparison.Ordinal)) { }
    }

    private static string AddressOf(ActorSystem system) => Akka.Cluster.Cluster.Get(system).SelfAddress.ToString();

    private static ClusterEvent.CurrentClusterState StateOf(ActorSystem system) =>
        Akka.Cluster.Cluster.Get(system).State;
}
