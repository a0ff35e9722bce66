using Akka.Actor;
using Akka.Cluster.Tests.Support;

namespace Akka.Cluster.Tests;

public sealed class SubscriptionTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly Nodes _nodes = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _nodes.DisposeAsync().AsTask();

    [Fact]
    public async Task A_late_subscriber_gets_what_was_before_as_events()
    {
        var systems = await _nodes.Form(2);
        var cluster = Cluster.Get(systems[0]);
        var inbox = Inbox.Create(systems[0]);

        cluster.Subscribe(
            inbox.Receiver,
            ClusterEvent.InitialStateAsEvents,
            typeof(ClusterEvent.MemberUp),
            typeof(ClusterEvent.LeaderChanged)
        );

        var events = new[]
        {
            await inbox.ReceiveAsync(Limit),
            await inbox.ReceiveAsync(Limit),
            await inbox.ReceiveAsync(Limit),
        };
        Assert.Equal(
            systems.Select(system => Cluster.Get(system).SelfAddress).Order(Member.AddressOrdering),
            events.OfType<ClusterEvent.MemberUp>().Select(up => up.Member.Address)
        );
        Assert.Equal(cluster.State.Leader, events.OfType<ClusterEvent.LeaderChanged>().Single().Leader);
    }

    [Fact]
    public async Task Who_unsubscribes_hears_no_more()
    {
        var cluster = Cluster.Get((await _nodes.Form(1))[0]);
        var inbox = Inbox.Create(cluster.System);
        cluster.Subscribe(inbox.Receiver, typeof(ClusterEvent.MemberUp));
        Assert.IsType<ClusterEvent.CurrentClusterState>(await inbox.ReceiveAsync(Limit));

        cluster.Unsubscribe(inbox.Receiver);
        await _nodes.JoinTo(cluster);
        cluster.SendCurrentClusterState(inbox.Receiver);

        // The next that comes is what was asked for after the join.
        var next = Assert.IsType<ClusterEvent.CurrentClusterState>(await inbox.ReceiveAsync(Limit));
        Assert.Equal(2, next.Members.Count);
    }

    [Fact]
    public async Task Only_events_can_be_subscribed_to()
    {
        var cluster = Cluster.Get((await _nodes.Form(1))[0]);
        var inbox = Inbox.Create(cluster.System);

        Assert.Throws<ArgumentException>(() => cluster.Subscribe(inbox.Receiver, typeof(string)));
        Assert.Throws<ArgumentException>(() => cluster.Subscribe(inbox.Receiver));
    }

    [Fact]
    public async Task A_callback_for_Up_runs_once_also_when_it_is_late()
    {
        var cluster = Cluster.Get(_nodes.Start());
        var early = new TaskCompletionSource();
        cluster.RegisterOnMemberUp(early.SetResult);
        Assert.False(early.Task.IsCompleted);

        cluster.Join(cluster.SelfAddress);

        await early.Task.WaitAsync(Limit);
        var late = new TaskCompletionSource();
        cluster.RegisterOnMemberUp(late.SetResult);
        await late.Task.WaitAsync(Limit);
    }

    [Fact]
    public async Task Roles_have_leaders_of_their_own()
    {
        var first = Cluster.Get((await _nodes.Form(1, "akka.cluster.roles = [boot]"))[0]);
        var store = Cluster.Get(await _nodes.JoinTo(first, "akka.cluster.roles = [store]"));

        Assert.Equal(store.SelfAddress, store.State.RoleLeader("store"));
        Assert.Equal(first.SelfAddress, store.State.RoleLeader("boot"));
        Assert.Equal(["boot", "store"], store.State.AllRoles.Order(StringComparer.Ordinal));
    }
}
