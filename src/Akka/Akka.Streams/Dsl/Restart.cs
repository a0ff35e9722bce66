using Akka.Streams.Implementation.Stages;

namespace Akka.Streams.Dsl;

/// <summary>Sources that are made again, after a wait, when they end.</summary>
public static class RestartSource
{
    /// <summary>Restarts when the source fails or completes.</summary>
    public static Source<T, NotUsed> WithBackoff<T, TMat>(
        Func<Source<T, TMat>> sourceFactory,
        RestartSettings settings
    ) => Create(sourceFactory, settings, onlyOnFailures: false);

    /// <summary>Restarts when the source fails.</summary>
    public static Source<T, NotUsed> OnFailuresWithBackoff<T, TMat>(
        Func<Source<T, TMat>> sourceFactory,
        RestartSettings settings
    ) => Create(sourceFactory, settings, onlyOnFailures: true);

    private static Source<T, NotUsed> Create<T, TMat>(
        Func<Source<T, TMat>> factory,
        RestartSettings settings,
        bool onlyOnFailures
    ) => Source.FromGraph(new RestartedSource<T, TMat>(factory, settings, onlyOnFailures));
}

/// <summary>Flows that are made again, after a wait, when they end.</summary>
public static class RestartFlow
{
    /// <summary>Restarts when the flow fails or completes, unless upstream has completed.</summary>
    public static Flow<TIn, TOut, NotUsed> WithBackoff<TIn, TOut, TMat>(
        Func<Flow<TIn, TOut, TMat>> flowFactory,
        RestartSettings settings
    ) => Flow.FromGraph(new RestartedFlow<TIn, TOut, TMat>(flowFactory, settings, onlyOnFailures: false));

    /// <summary>Restarts when the flow fails.</summary>
    public static Flow<TIn, TOut, NotUsed> OnFailuresWithBackoff<TIn, TOut, TMat>(
        Func<Flow<TIn, TOut, TMat>> flowFactory,
        RestartSettings settings
    ) => Flow.FromGraph(new RestartedFlow<TIn, TOut, TMat>(flowFactory, settings, onlyOnFailures: true));
}

/// <summary>Sinks that are made again, after a wait, when they cancel.</summary>
public static class RestartSink
{
    /// <summary>Restarts when the sink cancels, for whatever cause.</summary>
    public static Sink<T, NotUsed> WithBackoff<T, TMat>(Func<Sink<T, TMat>> sinkFactory, RestartSettings settings) =>
        Sink.FromGraph(new RestartedSink<T, TMat>(sinkFactory, settings));
}
