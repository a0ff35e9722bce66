using Akka.Actor;
using Akka.Cluster.Tests.Support;
using Hatchery.Testing;

namespace Akka.Cluster.Tests;

public sealed class FailureTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly Nodes _nodes = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _nodes.DisposeAsync().AsTask();

    [Fact]
    public async Task A_node_that_dies_is_unreachable_until_it_is_downed()
    {
        var systems = await _nodes.Form(3);
        var dead = Cluster.Get(systems[2]).SelfUniqueAddress;
        var cluster = Cluster.Get(systems[0]);
        var inbox = Inbox.Create(systems[0]);
        cluster.Subscribe(
            inbox.Receiver,
            ClusterEvent.InitialStateAsEvents,
            typeof(ClusterEvent.IReachabilityEvent),
            typeof(ClusterEvent.MemberRemoved)
        );

        await Nodes.Kill(systems[2]);

        var unreachable = Assert.IsType<ClusterEvent.UnreachableMember>(await inbox.ReceiveAsync(Limit));
        Assert.Equal(dead, unreachable.Member.UniqueAddress);
        Assert.Contains(cluster.State.Unreachable, member => member.UniqueAddress.Equals(dead));
        await Eventually.TrueAsync(() => Cluster.Get(systems[1]).State.Unreachable.Count == 1);
        Assert.Equal(3, cluster.State.Members.Count);

        cluster.Down(dead.Address);

        var removed = Assert.IsType<ClusterEvent.MemberRemoved>(await inbox.ReceiveAsync(Limit));
        Assert.Equal(dead, removed.Member.UniqueAddress);
        Assert.Empty(cluster.State.Unreachable);
        await Nodes.UntilUp(systems[1], 2);
    }

    [Fact]
    public async Task While_a_member_is_unreachable_new_ones_are_weakly_up()
    {
        var systems = await _nodes.Form(3);
        var cluster = Cluster.Get(systems[0]);
        await Nodes.Kill(systems[2]);
        await Eventually.TrueAsync(() =>
            systems.Take(2).All(system => Cluster.Get(system).State.Unreachable.Count == 1)
        );

        var late = Cluster.Get(_nodes.Start());
        late.Join(cluster.SelfAddress);

        await Eventually.TrueAsync(() => late.SelfMember.Status == MemberStatus.WeaklyUp);
        Assert.True(late.IsUp);
        cluster.Down(Cluster.Get(systems[2]).SelfAddress);
        await Eventually.TrueAsync(() => late.SelfMember.Status == MemberStatus.Up);
    }

    [Fact]
    public async Task Actors_of_a_removed_node_are_dead_to_their_watchers()
    {
        var systems = await _nodes.Form(2);
        systems[1].ActorOf(Props.Create(() => new Echo()), "echo");
        var path = new RootActorPath(Cluster.Get(systems[1]).SelfAddress) / "user" / "echo";
        var echo = await systems[0].ActorSelection(path).ResolveOne(Limit);
        var inbox = Inbox.Create(systems[0]);
        inbox.Watch(echo);

        await Nodes.Kill(systems[1]);
        await Eventually.TrueAsync(() => Cluster.Get(systems[0]).State.Unreachable.Count == 1);
        Cluster.Get(systems[0]).Down(Cluster.Get(systems[1]).SelfAddress);

        var terminated = Assert.IsType<Terminated>(await inbox.ReceiveAsync(Limit));
        Assert.Equal(echo, terminated.ActorRef);
        Assert.True(terminated.AddressTerminated);
    }

    [Fact]
    public async Task A_member_that_stopped_by_itself_is_dead_to_its_watchers_too()
    {
        var systems = await _nodes.Form(2);
        var inbox = Inbox.Create(systems[0]);
        systems[1].ActorOf(Props.Create(() => new Echo()), "echo");
        var path = new RootActorPath(Cluster.Get(systems[1]).SelfAddress) / "user" / "echo";
        var echo = await systems[0].ActorSelection(path).ResolveOne(Limit);
        inbox.Watch(echo);

        echo.Tell(PoisonPill.Instance);

        Assert.Equal(echo, Assert.IsType<Terminated>(await inbox.ReceiveAsync(Limit)).ActorRef);
    }

    private sealed class Echo : UntypedActor
    {
        protected override void OnReceive(object message) => Sender.Tell(message);
    }
}
