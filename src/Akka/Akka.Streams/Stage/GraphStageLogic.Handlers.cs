using Akka.Pattern;
using Akka.Streams.Implementation.Fusing;

namespace Akka.Streams.Stage;

public abstract partial class GraphStageLogic
{
    /// <summary>Sets who reacts to events at the inlet, from now on.</summary>
    protected internal void SetHandler<T>(Inlet<T> inlet, IInHandler handler)
    {
        _handlers[Index(inlet)] = handler;
        if (Ports[inlet.Id] is { } connection)
            connection.InHandler = handler;
    }

    /// <summary>Sets delegates that react to events at the inlet; absent ones complete or fail the stage.</summary>
    protected internal void SetHandler<T>(
        Inlet<T> inlet,
        Action onPush,
        Action? onUpstreamFinish = null,
        Action<Exception>? onUpstreamFailure = null
    ) => SetHandler(inlet, new LambdaInHandler(onPush, onUpstreamFinish, onUpstreamFailure));

    /// <summary>Sets who reacts to events at the outlet, from now on.</summary>
    protected internal void SetHandler<T>(Outlet<T> outlet, IOutHandler handler)
    {
        _handlers[InCount + Index(outlet)] = handler;
        if (Ports[InCount + outlet.Id] is { } connection)
            connection.OutHandler = handler;
    }

    /// <summary>Sets delegates that react to events at the outlet; an absent one ends the stage.</summary>
    protected internal void SetHandler<T>(
        Outlet<T> outlet,
        Action onPull,
        Action<Exception>? onDownstreamFinish = null
    ) => SetHandler(outlet, new LambdaOutHandler(onPull, onDownstreamFinish));

    /// <summary>Sets one handler for both ports.</summary>
    protected internal void SetHandler<TIn, TOut>(
        Inlet<TIn> inlet,
        Outlet<TOut> outlet,
        InAndOutGraphStageLogic handler
    )
    {
        SetHandler(inlet, (IInHandler)handler);
        SetHandler(outlet, (IOutHandler)handler);
    }

    /// <summary>Sets one handler for both ports.</summary>
    protected internal void SetHandlers<TIn, TOut>(
        Inlet<TIn> inlet,
        Outlet<TOut> outlet,
        InAndOutGraphStageLogic handler
    ) => SetHandler(inlet, outlet, handler);

    protected IInHandler GetHandler<T>(Inlet<T> inlet) =>
        (IInHandler)(_handlers[Index(inlet)] ?? throw NoHandler(inlet));

    protected IOutHandler GetHandler<T>(Outlet<T> outlet) =>
        (IOutHandler)(_handlers[InCount + Index(outlet)] ?? throw NoHandler(outlet));

    internal IllegalStateException NoHandler(object port) =>
        new($"No handler defined in stage [{this}] for port [{port}]");

    private int Index<T>(Inlet<T> inlet) =>
        (uint)inlet.Id < (uint)InCount ? inlet.Id : throw new ArgumentException($"{inlet} is no inlet of this stage");

    private int Index<T>(Outlet<T> outlet) =>
        (uint)outlet.Id < (uint)OutCount
            ? outlet.Id
            : throw new ArgumentException($"{outlet} is no outlet of this stage");

    private Connection ConnectionOf<T>(Inlet<T> inlet) =>
        (uint)inlet.Id < (uint)InCount && Ports[inlet.Id] is { } connection ? connection : throw NotStarted(inlet);

    private Connection ConnectionOf<T>(Outlet<T> outlet) =>
        (uint)outlet.Id < (uint)OutCount && Ports[InCount + outlet.Id] is { } connection
            ? connection
            : throw NotStarted(outlet);

    private static IllegalStateException NotStarted(object port) =>
        new($"Port [{port}] is not connected yet: before PreStart only SetHandler is allowed");
}
