namespace Akka.Streams;

/// <summary>What became of an element offered to a source queue.</summary>
public interface IQueueOfferResult;

/// <summary>The kinds of answers of a source queue.</summary>
public sealed class QueueOfferResult
{
    /// <summary>The element is in the stream or in its buffer.</summary>
    public sealed class Enqueued : IQueueOfferResult
    {
        public static readonly Enqueued Instance = new();

        private Enqueued() { }
    }

    /// <summary>The element was dropped: the buffer is full.</summary>
    public sealed class Dropped : IQueueOfferResult
    {
        public static readonly Dropped Instance = new();

        private Dropped() { }
    }

    /// <summary>The element was refused for a reason.</summary>
    public sealed class Failure(Exception cause) : IQueueOfferResult
    {
        public Exception Cause { get; } = cause;
    }

    /// <summary>The stream has completed.</summary>
    public sealed class QueueClosed : IQueueOfferResult
    {
        public static readonly QueueClosed Instance = new();

        private QueueClosed() { }
    }
}

/// <summary>Takes elements for a stream, from any thread.</summary>
public interface ISourceQueue<in T>
{
    /// <summary>
    /// Offers an element; the task ends when it is in the stream or its buffer, or refused. Under back pressure wait for it
    /// before the next offer.
    /// </summary>
    Task<IQueueOfferResult> OfferAsync(T element);

    /// <summary>Ends when the stream does, and fails when it fails.</summary>
    Task WatchCompletionAsync();
}

/// <summary>A source queue that can be ended.</summary>
public interface ISourceQueueWithComplete<in T> : ISourceQueue<T>
{
    /// <summary>Completes the stream once what was taken is emitted.</summary>
    void Complete();

    /// <summary>Fails the stream at once.</summary>
    void Fail(Exception ex);

    new Task WatchCompletionAsync();
}

/// <summary>Gives elements out of a stream.</summary>
public interface ISinkQueue<T>
{
    /// <summary>The next element; none when the stream has completed. One call at a time.</summary>
    Task<Util.Option<T>> PullAsync();
}
