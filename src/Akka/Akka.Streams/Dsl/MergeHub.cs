using Akka.Streams.Stage;

namespace Akka.Streams.Dsl;

/// <summary>A source that yields a sink, which any number of streams can be run into while the source runs.</summary>
public sealed class MergeHub
{
    private MergeHub() { }

    /// <summary>A hub that takes up to 16 elements from each producer ahead of demand.</summary>
    public static Source<T, Sink<T, NotUsed>> Source<T>() => Source<T>(16);

    /// <summary>A hub that takes up to <paramref name="perProducerBufferSize"/> elements from each producer.</summary>
    public static Source<T, Sink<T, NotUsed>> Source<T>(int perProducerBufferSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(perProducerBufferSize, 1);
        return Dsl.Source.FromGraph(new Implementation.Stages.MergeHubSource<T>(perProducerBufferSize));
    }

    /// <summary>A producer has failed; the others and the hub go on.</summary>
    public sealed class ProducerFailed(string message, Exception cause) : Exception(message, cause);
}
