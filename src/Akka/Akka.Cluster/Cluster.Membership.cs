using Akka.Actor;
using Akka.Cluster.Daemon;
using Akka.Event;

namespace Akka.Cluster;

public partial class Cluster
{
    private static readonly TimeSpan DefaultJoinTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Joins the cluster of another node; the node's own address founds one. What comes of it is told by events.</summary>
    public void Join(Address address) => _daemon.Tell(new JoinTo(FillLocal(address)));

    /// <summary>Joins, and is done when this node is Up.</summary>
    /// <exception cref="ClusterJoinFailedException">It was not within <c>retry-unsuccessful-join-after</c>.</exception>
    public Task JoinAsync(Address address, CancellationToken token = default)
    {
        var up = WhenUp($"Node has not managed to join the cluster using provided address: {address}", token);
        Join(address);
        return up;
    }

    /// <summary>Joins the cluster of the first of these nodes that is in one; the first in the list founds one if there is none.</summary>
    public void JoinSeedNodes(IEnumerable<Address> seedNodes) =>
        _daemon.Tell(new JoinSeeds([.. seedNodes.Select(FillLocal)]));

    /// <summary>Joins the cluster of one of these nodes, and is done when this node is Up.</summary>
    /// <exception cref="ClusterJoinFailedException">It was not within <c>retry-unsuccessful-join-after</c>.</exception>
    public Task JoinSeedNodesAsync(IEnumerable<Address> seedNodes, CancellationToken token = default)
    {
        var seeds = seedNodes.ToArray();
        var up = WhenUp(
            $"Node has not managed to join the cluster using provided seed node addresses: {string.Join(", ", seeds.AsEnumerable())}.",
            token
        );
        JoinSeedNodes(seeds);
        return up;
    }

    /// <summary>The member at that address leaves in good order.</summary>
    public void Leave(Address address)
    {
        if (FillLocal(address).Equals(SelfAddress))
            _ = LeaveAsync();
        else
            _daemon.Tell(new LeaveNode(FillLocal(address)));
    }

    /// <summary>This node leaves in good order; done when it is out.</summary>
    public Task LeaveAsync() => LeaveAsync(CancellationToken.None);

    /// <summary>This node leaves in good order; done when it is out.</summary>
    /// <param name="cancellationToken">Ends the wait, not the leaving.</param>
    public Task LeaveAsync(CancellationToken cancellationToken)
    {
        if (_isTerminated)
            return Task.CompletedTask;
        _daemon.Tell(new LeaveNode(SelfAddress));
        return _ended.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Declares the member at that address dead.</summary>
    public void Down(Address address) => _daemon.Tell(new DownNode(FillLocal(address)));

    /// <summary>Runs <paramref name="callback"/> once when this node is Up, also when it is already.</summary>
    public void RegisterOnMemberUp(Action callback) => _daemon.Tell(new CallWhenUp(callback));

    /// <summary>Runs <paramref name="callback"/> once when this node is out of the cluster, also when it is already.</summary>
    public void RegisterOnMemberRemoved(Action callback) => _ = RunWhenEnded(callback);

    /// <summary>Sends what happens, after all of the state in one message.</summary>
    /// <param name="subscriber">Who is told; forgotten when it stops.</param>
    /// <param name="to">Of which kinds: types that the events are, or derive from.</param>
    public void Subscribe(IActorRef subscriber, params Type[] to) =>
        Subscribe(subscriber, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsSnapshot, to);

    /// <summary>Sends what happens, after what was before.</summary>
    /// <exception cref="ArgumentException">No type is given, or one that is no event.</exception>
    public void Subscribe(
        IActorRef subscriber,
        ClusterEvent.SubscriptionInitialStateMode initialStateMode,
        params Type[] to
    )
    {
        if (to.Length == 0)
            throw new ArgumentException("At least one `IClusterDomainEvent` class is required", nameof(to));
        if (
            !to.All(type =>
                typeof(ClusterEvent.IClusterDomainEvent).IsAssignableFrom(type)
                || type == typeof(ClusterEvent.MembershipChanged)
            )
        )
            throw new ArgumentException(
                $"Subscribe to `IClusterDomainEvent` or subclasses, was [{string.Join(", ", to.Select(type => type.Name))}]",
                nameof(to)
            );
        _daemon.Tell(new Subscribe(subscriber, initialStateMode, to));
    }

    /// <summary>Sends nothing more.</summary>
    public void Unsubscribe(IActorRef subscriber) => _daemon.Tell(new Unsubscribe(subscriber, null));

    /// <summary>Sends no more events of that kind.</summary>
    public void Unsubscribe(IActorRef subscriber, Type to) => _daemon.Tell(new Unsubscribe(subscriber, to));

    /// <summary>Sends all of the state once, as <see cref="ClusterEvent.CurrentClusterState"/>.</summary>
    public void SendCurrentClusterState(IActorRef receiver) => _daemon.Tell(new SendState(receiver));

    private async Task WhenUp(string failure, CancellationToken token)
    {
        var up = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        RegisterOnMemberUp(() => up.TrySetResult());
        try
        {
            await up.Task.WaitAsync(Settings.RetryUnsuccessfulJoinAfter ?? DefaultJoinTimeout, token);
        }
        catch (TimeoutException)
        {
            throw new ClusterJoinFailedException(failure);
        }
    }

    private async Task RunWhenEnded(Action callback)
    {
        await _ended.Task.ConfigureAwait(false);
        try
        {
            callback();
        }
        catch (Exception cause)
        {
            _log.Error(cause, "A callback for the end of the membership failed: {0}", cause.Message);
        }
    }

    private Address FillLocal(Address address) =>
        address.HasLocalScope && address.System == SelfAddress.System ? SelfAddress : address;
}
