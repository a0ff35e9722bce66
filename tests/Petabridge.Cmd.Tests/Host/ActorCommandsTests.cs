using Akka.Actor;
using Petabridge.Cmd.Protocol;

namespace Petabridge.Cmd.Tests;

public sealed class ActorCommandsTests : IAsyncLifetime
{
    private HostedNode _node = null!;
    private HostClient _client = null!;

    public async Task InitializeAsync()
    {
        _node = await HostedNode.StartAsync();
        var top = _node.System.ActorOf(Props.Create(() => new Tree(3)), "a");
        await top.Ask<string>("ready", TimeSpan.FromSeconds(30));
        _client = await HostClient.ConnectAsync(_node.Port);
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _node.DisposeAsync();
    }

    [Fact]
    public async Task System_says_its_address() =>
        Assert.Equal((AnswerPart.Done, "akka://node"), await _client.RunAsync("actor", "system"));

    [Theory]
    [InlineData("0", "akka://node/user/a")]
    [InlineData("1", "akka://node/user/a", "akka://node/user/a/x", "akka://node/user/a/y")]
    public async Task Hierarchy_goes_as_deep_as_it_is_told(string depth, params string[] paths)
    {
        var (outcome, text) = await _client.RunAsync("actor", "hierarchy", "-s", "/user/a", "-d", depth);
        Assert.Equal(AnswerPart.Done, outcome);
        Assert.Equal(paths, text.Split('\n'));
    }

    [Fact]
    public async Task Hierarchy_begins_with_the_users_actors()
    {
        var lines = (await _client.RunAsync("actor", "hierarchy")).Text.Split('\n');
        Assert.Equal("akka://node/user", lines[0]);
        Assert.Contains("akka://node/user/a/x/y/x", lines);
    }

    [Fact]
    public async Task Large_hierarchy_comes_in_parts()
    {
        var many = _node.System.ActorOf(Props.Create(() => new Row(2000)), "many");
        await many.Ask<string>("ready", TimeSpan.FromSeconds(30));
        var (_, text) = await _client.RunAsync("actor", "hierarchy", "--start", "many");
        Assert.Equal(2001, text.Split('\n').Length);
    }

    [Theory]
    [InlineData("no actor /user/a/nobody", "-s", "/user/a/nobody")]
    [InlineData("depth is a number, 0 or more", "-d", "-1")]
    [InlineData("depth is a number, 0 or more", "-d", "deep")]
    public async Task What_cannot_be_shown_is_explained(string explanation, params string[] arguments) =>
        Assert.Equal((AnswerPart.Failed, explanation), await _client.RunAsync(["actor", "hierarchy", .. arguments]));

    private sealed class Tree : ReceiveActor
    {
        public Tree(int depth)
        {
            if (depth > 0)
            {
                Context.ActorOf(Props.Create(() => new Tree(depth - 1)), "x");
                Context.ActorOf(Props.Create(() => new Tree(depth - 1)), "y");
            }
            // The first of its kind answers when all below it are there.
            Receive<string>(ask =>
            {
                var children = Context.GetChildren().ToArray();
                _ = Task.WhenAll(children.Select(c => c.Ask<string>(ask))).PipeTo(Sender, success: _ => ask);
            });
        }
    }

    private sealed class Row : ReceiveActor
    {
        public Row(int count)
        {
            for (var i = 0; i < count; i++)
                Context.ActorOf(Props.Create(() => new Tree(0)));
            Receive<string>(ask => Sender.Tell(ask));
        }
    }
}
