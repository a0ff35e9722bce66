namespace Akka.Streams.Implementation.Stages;

/// <summary>Ends of tasks that a stream yields.</summary>
internal static class Promises
{
    /// <summary>Fails the task; who ran the stream is free not to look at it.</summary>
    public static bool TryFail<T>(this TaskCompletionSource<T> promise, Exception error)
    {
        if (!promise.TrySetException(error))
            return false;
        // Looked at: otherwise the runtime reports a failure that nobody has seen.
        _ = promise.Task.Exception;
        return true;
    }
}
