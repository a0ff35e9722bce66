using Akka.Actor;
using Akka.Cluster.Tests.Support;
using Hatchery.Testing;

namespace Akka.Cluster.Tests;

public sealed class LeavingTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly Nodes _nodes = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _nodes.DisposeAsync().AsTask();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_node_that_leaves_goes_through_its_last_steps_and_ends(int place)
    {
        var systems = await _nodes.Form(3);
        var leaving = Cluster.Get(systems[place]);
        var stays = Cluster.Get(systems[(place + 1) % 3]);
        var inbox = Inbox.Create(stays.System);
        stays.Subscribe(inbox.Receiver, typeof(ClusterEvent.IMemberEvent));
        Assert.Equal(3, Assert.IsType<ClusterEvent.CurrentClusterState>(await inbox.ReceiveAsync(Limit)).Members.Count);

        var left = leaving.LeaveAsync();

        // One step may be overtaken by the next before it is told here, the last may not.
        var seen = new List<ClusterEvent.IMemberEvent>();
        while (seen.LastOrDefault() is not ClusterEvent.MemberRemoved)
            seen.Add(Assert.IsAssignableFrom<ClusterEvent.IMemberEvent>(await inbox.ReceiveAsync(Limit)));
        Assert.All(seen, change => Assert.Equal(leaving.SelfUniqueAddress, change.Member.UniqueAddress));
        Assert.Contains(seen, change => change is ClusterEvent.MemberExited);
        Assert.Equal(MemberStatus.Exiting, ((ClusterEvent.MemberRemoved)seen[^1]).PreviousStatus);
        await left.WaitAsync(Limit);
        await leaving.System.WhenTerminated.WaitAsync(Limit);
        Assert.True(leaving.IsTerminated);
        Assert.Equal(MemberStatus.Removed, leaving.SelfMember.Status);
        Assert.IsType<CoordinatedShutdown.ClusterLeavingReason>(CoordinatedShutdown.Get(leaving.System).ShutdownReason);
        await Nodes.UntilUp(stays.System, 2);
    }

    [Fact]
    public async Task The_last_node_leaves_too()
    {
        var cluster = Cluster.Get((await _nodes.Form(1))[0]);
        var removed = new TaskCompletionSource();
        cluster.RegisterOnMemberRemoved(removed.SetResult);

        await cluster.LeaveAsync().WaitAsync(Limit);

        await removed.Task.WaitAsync(Limit);
        Assert.True(cluster.LeaveAsync().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_system_that_is_terminated_leaves_first()
    {
        var systems = await _nodes.Form(2);
        var stays = Cluster.Get(systems[0]);
        var inbox = Inbox.Create(systems[0]);
        stays.Subscribe(inbox.Receiver, ClusterEvent.InitialStateAsEvents, typeof(ClusterEvent.MemberRemoved));

        await systems[1].Terminate().WaitAsync(Limit);

        var removed = Assert.IsType<ClusterEvent.MemberRemoved>(await inbox.ReceiveAsync(Limit));
        Assert.Equal(MemberStatus.Exiting, removed.PreviousStatus);
    }

    [Fact]
    public async Task A_member_may_send_another_away()
    {
        var systems = await _nodes.Form(2);

        Cluster.Get(systems[0]).Leave(Cluster.Get(systems[1]).SelfAddress);

        await systems[1].WhenTerminated.WaitAsync(Limit);
        await Eventually.TrueAsync(() => Cluster.Get(systems[0]).State.Members.Count == 1);
    }

    [Fact]
    public async Task A_member_that_is_downed_ends_and_is_removed()
    {
        var systems = await _nodes.Form(3);
        var inbox = Inbox.Create(systems[0]);
        Cluster
            .Get(systems[0])
            .Subscribe(inbox.Receiver, ClusterEvent.InitialStateAsEvents, typeof(ClusterEvent.MemberRemoved));

        Cluster.Get(systems[0]).Down(Cluster.Get(systems[2]).SelfAddress);

        await systems[2].WhenTerminated.WaitAsync(Limit);
        Assert.IsType<CoordinatedShutdown.ClusterDowningReason>(CoordinatedShutdown.Get(systems[2]).ShutdownReason);
        var removed = Assert.IsType<ClusterEvent.MemberRemoved>(await inbox.ReceiveAsync(Limit));
        Assert.Equal(MemberStatus.Down, removed.PreviousStatus);
        await Nodes.UntilUp(systems[1], 2);
    }

    [Fact]
    public async Task The_wait_for_leaving_can_be_given_up()
    {
        var cluster = Cluster.Get(_nodes.Start());
        using var given = new CancellationTokenSource();

        // Never joined, it has nothing to leave.
        var left = cluster.LeaveAsync(given.Token);
        await given.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
    }

    [Fact]
    public async Task Subscribers_hear_of_the_end()
    {
        var cluster = Cluster.Get((await _nodes.Form(1))[0]);
        var told = new TaskCompletionSource<object>();
        var listener = cluster.System.ActorOf(
            Props.Create(() => new Listener(told)).WithDispatcher("akka.actor.internal-dispatcher")
        );
        cluster.Subscribe(listener, ClusterEvent.InitialStateAsEvents, typeof(ClusterEvent.ClusterShuttingDown));
        // The end of the system would take the listener away before it reads its mail.
        CoordinatedShutdown
            .Get(cluster.System)
            .AddTask(
                CoordinatedShutdown.PhaseBeforeActorSystemTerminate,
                "wait-for-listener",
                async () =>
                {
                    await told.Task;
                    return Done.Instance;
                }
            );

        await cluster.LeaveAsync().WaitAsync(Limit);

        Assert.Same(ClusterEvent.ClusterShuttingDown.Instance, await told.Task.WaitAsync(Limit));
    }

    private sealed class Listener(TaskCompletionSource<object> told) : UntypedActor
    {
        protected override void OnReceive(object message) => told.TrySetResult(message);
    }
}
