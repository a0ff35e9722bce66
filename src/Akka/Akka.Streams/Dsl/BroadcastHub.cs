namespace Akka.Streams.Dsl;

/// <summary>A sink that yields a source, which can be run any number of times while the sink runs.</summary>
public class BroadcastHub
{
    /// <summary>A hub that holds up to 256 elements for slow consumers.</summary>
    public static Sink<T, Source<T, NotUsed>> Sink<T>() => Sink<T>(256);

    /// <summary>
    /// A hub that holds up to <paramref name="bufferSize"/> elements, a power of two, for slow consumers; then, or without
    /// consumers, upstream waits.
    /// </summary>
    public static Sink<T, Source<T, NotUsed>> Sink<T>(int bufferSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bufferSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(bufferSize, 4096);
        if (!System.Numerics.BitOperations.IsPow2(bufferSize))
            throw new ArgumentException("Buffer size must be a power of two", nameof(bufferSize));
        return Dsl.Sink.FromGraph(new Implementation.Stages.BroadcastHubSink<T>(bufferSize));
    }
}
