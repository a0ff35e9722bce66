using Akka.Actor;
using Akka.Streams.Stage;

namespace Akka.Streams;

/// <summary>The actor that ran a stream stopped before the stream had ended.</summary>
public sealed class AbruptTerminationException(IActorRef actor)
    : Exception($"Processor actor [{actor}] terminated abruptly")
{
    public readonly IActorRef Actor = actor;
}

/// <summary>A stage was stopped from outside before it had ended.</summary>
public sealed class AbruptStageTerminationException(GraphStageLogic logic)
    : Exception(
        $"GraphStage {logic} terminated abruptly, caused by for example materializer or actor system termination."
    );

/// <summary>A buffer is full and its strategy is to fail.</summary>
public sealed class BufferOverflowException : Exception
{
    public BufferOverflowException(string message)
        : base(message) { }

    public BufferOverflowException(string message, Exception innerException)
        : base(message, innerException) { }
}

/// <summary>The stream ended without an element where one was needed.</summary>
public sealed class NoSuchElementException(string message) : Exception(message);

/// <summary>The stream holds more than its limit.</summary>
public sealed class StreamLimitReachedException(long max) : Exception($"Limit of {max} reached");

/// <summary>A graph could not be materialized.</summary>
public sealed class MaterializationException(string message, Exception innerException)
    : Exception(message, innerException);

/// <summary>The source queue's stream is gone.</summary>
public class StreamDetachedException : Exception
{
    public static readonly StreamDetachedException Instance = new();

    public StreamDetachedException()
        : this("Stream is terminated. MaterializedValue is detached") { }

    public StreamDetachedException(string message)
        : base(message) { }

    public StreamDetachedException(string message, Exception innerException)
        : base(message, innerException) { }
}

/// <summary>An actor that the stream watched or asked has ended.</summary>
public sealed class WatchedActorTerminatedException(string stageName, IActorRef actorRef)
    : AkkaException($"Actor watched by [{stageName}] has terminated! Was: {actorRef}");

/// <summary>Causes of a cancellation that are no failures.</summary>
public static class SubscriptionWithCancelException
{
    /// <summary>A cancellation that is no failure.</summary>
    public abstract class NonFailureCancellation : Exception
    {
        private protected NonFailureCancellation(string message)
            : base(message) { }
    }

    /// <summary>Downstream has all the elements it wants.</summary>
    public sealed class NoMoreElementsNeeded : NonFailureCancellation
    {
        public static readonly NoMoreElementsNeeded Instance = new();

        private NoMoreElementsNeeded()
            : base("No more elements needed") { }
    }

    /// <summary>The stage downstream has completed.</summary>
    public sealed class StageWasCompleted : NonFailureCancellation
    {
        public static readonly StageWasCompleted Instance = new();

        private StageWasCompleted()
            : base("Stage was completed") { }
    }
}
