using Akka.Actor;
using Akka.Streams.Supervision;
using Decider = Akka.Streams.Supervision.Decider;

namespace Akka.Streams;

/// <summary>Settings of a materializer, read from <c>akka.stream.materializer</c> unless told.</summary>
public sealed class ActorMaterializerSettings
{
    /// <summary>Elements that an asynchronous boundary asks for at first.</summary>
    public readonly int InitialInputBufferSize;

    /// <summary>Elements that an asynchronous boundary holds at most.</summary>
    public readonly int MaxInputBufferSize;

    /// <summary>The dispatcher, by its path, of the actors that run streams; empty for the default one.</summary>
    public readonly string Dispatcher;

    public readonly Decider SupervisionDecider;

    /// <summary>Whether starts and ends of islands are logged.</summary>
    public readonly bool IsDebugLogging;

    /// <summary>Events that an island runs before other actors have their turn.</summary>
    public readonly int SyncProcessingLimit;

    private ActorMaterializerSettings(
        int initialInputBufferSize,
        int maxInputBufferSize,
        string dispatcher,
        Decider supervisionDecider,
        bool isDebugLogging,
        int syncProcessingLimit
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(initialInputBufferSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxInputBufferSize, initialInputBufferSize);
        ArgumentOutOfRangeException.ThrowIfLessThan(syncProcessingLimit, 1);
        InitialInputBufferSize = initialInputBufferSize;
        MaxInputBufferSize = maxInputBufferSize;
        Dispatcher = dispatcher;
        SupervisionDecider = supervisionDecider;
        IsDebugLogging = isDebugLogging;
        SyncProcessingLimit = syncProcessingLimit;
    }

    /// <summary>The settings in the configuration of the actor system.</summary>
    public static ActorMaterializerSettings Create(ActorSystem system)
    {
        system.Settings.InjectTopLevelFallback(ActorMaterializer.DefaultConfig());
        var config = system.Settings.Config.GetConfig("akka.stream.materializer")!;
        return new ActorMaterializerSettings(
            config.GetInt("initial-input-buffer-size", 4),
            config.GetInt("max-input-buffer-size", 16),
            config.GetString("dispatcher", string.Empty),
            Deciders.StoppingDecider,
            config.GetBoolean("debug-logging", false),
            config.GetInt("sync-processing-limit", 1000)
        );
    }

    public ActorMaterializerSettings WithInputBuffer(int initialSize, int maxSize) =>
        new(initialSize, maxSize, Dispatcher, SupervisionDecider, IsDebugLogging, SyncProcessingLimit);

    public ActorMaterializerSettings WithDispatcher(string dispatcher) =>
        new(
            InitialInputBufferSize,
            MaxInputBufferSize,
            dispatcher,
            SupervisionDecider,
            IsDebugLogging,
            SyncProcessingLimit
        );

    public ActorMaterializerSettings WithSupervisionStrategy(Decider decider) =>
        new(InitialInputBufferSize, MaxInputBufferSize, Dispatcher, decider, IsDebugLogging, SyncProcessingLimit);

    public ActorMaterializerSettings WithDebugLogging(bool isEnabled) =>
        new(InitialInputBufferSize, MaxInputBufferSize, Dispatcher, SupervisionDecider, isEnabled, SyncProcessingLimit);

    public ActorMaterializerSettings WithSyncProcessingLimit(int limit) =>
        new(InitialInputBufferSize, MaxInputBufferSize, Dispatcher, SupervisionDecider, IsDebugLogging, limit);

    internal Attributes ToAttributes() =>
        new(
            new Attributes.InputBuffer(InitialInputBufferSize, MaxInputBufferSize),
            new ActorAttributes.SupervisionStrategy(SupervisionDecider),
            new ActorAttributes.Dispatcher(Dispatcher),
            Attributes.CancellationStrategy.Default
        );
}
