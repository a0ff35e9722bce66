namespace Akka.Actor;

/// <summary>Asks: sends a message and gives the answer as a task.</summary>
public static class Futures
{
    /// <summary>Asks; without a time-out the one of <c>akka.actor.ask-timeout</c> holds.</summary>
    public static Task<object> Ask(this ICanTell self, object message, TimeSpan? timeout = null) =>
        self.Ask<object>(message, timeout, CancellationToken.None);

    /// <summary>Asks until <paramref name="cancellationToken"/> is cancelled.</summary>
    public static Task<object> Ask(this ICanTell self, object message, CancellationToken cancellationToken) =>
        self.Ask<object>(message, null, cancellationToken);

    /// <summary>Asks.</summary>
    public static Task<object> Ask(
        this ICanTell self,
        object message,
        TimeSpan? timeout,
        CancellationToken cancellationToken
    ) => self.Ask<object>(message, timeout, cancellationToken);

    /// <summary>Asks; fails with <see cref="AskTimeoutException"/>, with the cause of a <see cref="Status.Failure"/>, or with <see cref="ArgumentException"/> on an answer of another type.</summary>
    public static Task<T> Ask<T>(this ICanTell self, object message, TimeSpan? timeout = null) =>
        self.Ask<T>(message, timeout, CancellationToken.None);

    /// <summary>Asks until <paramref name="cancellationToken"/> is cancelled.</summary>
    public static Task<T> Ask<T>(this ICanTell self, object message, CancellationToken cancellationToken) =>
        self.Ask<T>(message, null, cancellationToken);

    /// <summary>Asks.</summary>
    public static Task<T> Ask<T>(
        this ICanTell self,
        object message,
        TimeSpan? timeout,
        CancellationToken cancellationToken
    ) => self.Ask<T>(_ => message, timeout, cancellationToken);

    /// <summary>Asks with a message that carries the reference to answer to.</summary>
    public static async Task<T> Ask<T>(
        this ICanTell self,
        Func<IActorRef, object> messageFactory,
        TimeSpan? timeout,
        CancellationToken cancellationToken
    )
    {
        var provider =
            Provider(self)
            ?? throw new ArgumentException(
                "Unable to resolve the target Provider, are you sure that the target is an actor?",
                nameof(self)
            );
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var reference = new FutureActorRef<T>(result, provider);
        var limit = timeout ?? provider.Settings.AskTimeout;
        using var timer = limit == Timeout.InfiniteTimeSpan ? default : new AskTimer<T>(result, limit);
        await using var registration = cancellationToken
            .UnsafeRegister(static (state, token) => ((TaskCompletionSource<T>)state!).TrySetCanceled(token), result)
            .ConfigureAwait(false);
        try
        {
            self.Tell(messageFactory(reference), reference);
            return await result.Task.ConfigureAwait(false);
        }
        finally
        {
            reference.Finish();
        }
    }

    internal static IActorRefProvider? Provider(ICanTell self) =>
        self switch
        {
            ActorSelection selection => Provider(selection.Anchor),
            Nobody => ActorCell.Current?.SystemImpl.Provider,
            IInternalActorRef reference => reference.Provider,
            _ => ActorCell.Current?.SystemImpl.Provider,
        };

    private readonly struct AskTimer<T> : IDisposable
    {
        private readonly System.Threading.Timer? _timer;

        public AskTimer(TaskCompletionSource<T> result, TimeSpan limit)
        {
            // The runtime's own timers are the cheapest to set and take back, which nearly every ask does.
            _timer = new System.Threading.Timer(
                state => result.TrySetException(new AskTimeoutException($"Timeout after {(TimeSpan)state!} seconds")),
                limit,
                limit > TimeSpan.Zero ? limit : TimeSpan.Zero,
                Timeout.InfiniteTimeSpan
            );
        }

        public void Dispose() => _timer?.Dispose();
    }
}
