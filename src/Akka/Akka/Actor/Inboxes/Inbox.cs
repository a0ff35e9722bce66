namespace Akka.Actor;

/// <summary>What receives messages for code that is no actor.</summary>
public interface IInboxable : ICanWatch
{
    /// <summary>The reference that messages to this inbox are sent to.</summary>
    IActorRef Receiver { get; }

    /// <summary>The next message; waits for <c>akka.actor.inbox.default-timeout</c>.</summary>
    /// <exception cref="TimeoutException">None came in time.</exception>
    object Receive();

    /// <summary>The next message.</summary>
    /// <exception cref="TimeoutException">None came within <paramref name="timeout"/>.</exception>
    object Receive(TimeSpan timeout);

    /// <summary>The next message; a <see cref="Status.Failure"/> when none came in time.</summary>
    Task<object> ReceiveAsync();

    /// <inheritdoc cref="ReceiveAsync()"/>
    Task<object> ReceiveAsync(TimeSpan timeout);

    /// <summary>The next message that <paramref name="predicate"/> holds for; the others stay.</summary>
    /// <exception cref="TimeoutException">None came in time.</exception>
    object ReceiveWhere(Predicate<object> predicate);

    /// <inheritdoc cref="ReceiveWhere(Predicate{object})"/>
    object ReceiveWhere(Predicate<object> predicate, TimeSpan timeout);

    /// <summary>Sends a message with this inbox as its sender.</summary>
    void Send(IActorRef target, object message);
}

/// <summary>An actor whose messages code that is no actor takes out one by one.</summary>
public class Inbox : IInboxable, IDisposable
{
    private static long s_last;

    private readonly ActorSystem _system;
    private readonly TimeSpan _timeout;

    private Inbox(ActorSystem system)
    {
        _system = system;
        var config = system.Settings.Config;
        _timeout = config.GetTimeSpan("akka.actor.inbox.default-timeout");
        var most = config.GetInt("akka.actor.inbox.inbox-size");
        Receiver = ((ExtendedActorSystem)system).SystemActorOf(
            Props.Create(() => new InboxActor(most)),
            $"inbox-{Interlocked.Increment(ref s_last)}"
        );
    }

    /// <summary>A new, empty inbox; it holds at most <c>akka.actor.inbox.inbox-size</c> messages.</summary>
    public static Inbox Create(ActorSystem system) => new(system);

    public IActorRef Receiver { get; }

    public IActorRef Watch(IActorRef subject)
    {
        Receiver.Tell(new InboxActor.StartWatch(subject, null), ActorRefs.NoSender);
        return subject;
    }

    public IActorRef WatchWith(IActorRef subject, object message)
    {
        Receiver.Tell(new InboxActor.StartWatch(subject, message), ActorRefs.NoSender);
        return subject;
    }

    public IActorRef Unwatch(IActorRef subject)
    {
        Receiver.Tell(new InboxActor.StopWatch(subject), ActorRefs.NoSender);
        return subject;
    }

    public void Send(IActorRef target, object message) => target.Tell(message, Receiver);

    public object Receive() => Receive(_timeout);

    public object Receive(TimeSpan timeout) => ReceiveWhere(_ => true, timeout);

    public object ReceiveWhere(Predicate<object> predicate) => ReceiveWhere(predicate, _timeout);

    public object ReceiveWhere(Predicate<object> predicate, TimeSpan timeout)
    {
        var answer = Ask(predicate, timeout).GetAwaiter().GetResult();
        return answer is Status.Failure { Cause: TimeoutException cause } ? throw cause : answer;
    }

    public Task<object> ReceiveAsync() => ReceiveAsync(_timeout);

    public Task<object> ReceiveAsync(TimeSpan timeout) => Ask(_ => true, timeout);

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
            _system.Stop(Receiver);
    }

    private async Task<object> Ask(Predicate<object> predicate, TimeSpan timeout)
    {
        var taken = new TaskCompletionSource<object>(TaskCreationOptions.RunContinuationsAsynchronously);
        Receiver.Tell(new InboxActor.Take(predicate, taken), ActorRefs.NoSender);
        try
        {
            return await taken.Task.WaitAsync(timeout > TimeSpan.Zero ? timeout : TimeSpan.Zero).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            var late = new Status.Failure(
                new TimeoutException($"Inbox {Receiver.Path} received nothing that was asked for within {timeout}")
            );
            // A message that came in this moment after all must not be lost.
            return taken.TrySetResult(late) ? late : await taken.Task.ConfigureAwait(false);
        }
    }
}
