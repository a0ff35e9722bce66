using Akka.Event;
using Akka.Pattern;
using Akka.Streams.Implementation.Fusing;

namespace Akka.Streams.Stage;

/// <summary>Gives a logger on demand.</summary>
public interface IStageLogging
{
    ILoggingAdapter Log { get; }
}

/// <summary>
/// The mutable part of a stage: what it does when its ports are pulled, pushed or closed. Every call to it comes from one
/// thread at a time; what happens elsewhere enters through <see cref="GetAsyncCallback{T}"/>.
/// </summary>
public abstract partial class GraphStageLogic : IStageLogging
{
    public static readonly Action DoNothing = () => { };

    /// <summary>Ignores elements; completes or fails with upstream.</summary>
    public static readonly InHandler EagerTerminateInput = Stage.EagerTerminateInput.Instance;

    /// <summary>Ignores elements and completion; fails with upstream.</summary>
    public static readonly InHandler IgnoreTerminateInput = Stage.IgnoreTerminateInput.Instance;

    /// <summary>Ignores elements, completion and failure.</summary>
    public static readonly InHandler TotallyIgnorantInput = Stage.TotallyIgnorantInput.Instance;

    /// <summary>Ignores demand; ends with downstream.</summary>
    public static readonly OutHandler EagerTerminateOutput = Stage.EagerTerminateOutput.Instance;

    /// <summary>Ignores demand and cancellation.</summary>
    public static readonly OutHandler IgnoreTerminateOutput = Stage.IgnoreTerminateOutput.Instance;

    public readonly int InCount;
    public readonly int OutCount;

    private readonly object?[] _handlers;
    private ILoggingAdapter? _log;
    private GraphInterpreter? _interpreter;

    protected GraphStageLogic(int inCount, int outCount)
    {
        InCount = inCount;
        OutCount = outCount;
        _handlers = new object?[inCount + outCount];
        Ports = new Connection[inCount + outCount];
        OpenPorts = inCount + outCount;
    }

    protected GraphStageLogic(Shape shape)
        : this(shape.Inlets.Length, shape.Outlets.Length)
    {
        PortNumbering.Assign(shape);
    }

    /// <summary>Completes with upstream when the predicate holds.</summary>
    public static InHandler ConditionalTerminateInput(Func<bool> predicate) => new ConditionalTerminateInput(predicate);

    /// <summary>Ends with downstream when the predicate holds.</summary>
    public static OutHandler ConditionalTerminateOutput(Func<bool> predicate) =>
        new ConditionalTerminateOutput(predicate);

    /// <summary>The materializer that runs this stage.</summary>
    protected IMaterializer Materializer => Interpreter.Materializer;

    /// <summary>A materializer that runs further graphs in the actor of this stage.</summary>
    protected IMaterializer SubFusingMaterializer => Interpreter.SubFusingMaterializer;

    public ILoggingAdapter Log =>
        _log ??= Materializer is IMaterializerLoggingProvider provider
            ? provider.MakeLogger(LogSource)
            : NoLogger.Instance;

    protected virtual object LogSource => this;

    /// <summary>If set, the stage lives on when all its ports are closed, until <see cref="CompleteStage"/>.</summary>
    public bool KeepGoingAfterAllPortsClosed => KeepGoing;

    /// <summary>Called once before any other event.</summary>
    public virtual void PreStart() { }

    /// <summary>Called once after the last event, however the stage ends.</summary>
    public virtual void PostStop() { }

    internal Attributes StageAttributes { get; set; } = Attributes.None;

    /// <summary>Connections of the inlets, then of the outlets.</summary>
    internal Connection[] Ports { get; }

    internal int OpenPorts { get; set; }

    internal bool KeepGoing { get; set; }

    internal bool IsFinished { get; set; }

    internal GraphInterpreter Interpreter =>
        _interpreter ?? throw new IllegalStateException("Not yet initialized: only setHandler is allowed");

    internal IInHandler? InHandlerAt(int index) => (IInHandler?)_handlers[index];

    internal IOutHandler? OutHandlerAt(int index) => (IOutHandler?)_handlers[InCount + index];

    protected internal virtual void BeforePreStart() { }

    protected internal virtual void AfterPostStop() => StopStageActor();

    /// <summary>Keeps the stage alive (or not) when all its ports are closed.</summary>
    protected void SetKeepGoing(bool enabled) => KeepGoing = enabled;
}
