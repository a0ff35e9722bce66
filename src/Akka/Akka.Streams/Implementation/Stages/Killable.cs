using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>Ends once, with a failure or without, and tells whoever listens.</summary>
internal sealed class KillSignal
{
    private readonly Lock _sync = new();
    private readonly HashSet<Action> _listeners = [];
    private bool _hasEnded;
    private Exception? _failure;
    private CancellationTokenRegistration _registration;

    public void TryEnd(Exception? failure)
    {
        Action[] listeners;
        lock (_sync)
        {
            if (_hasEnded)
                return;
            (_hasEnded, _failure) = (true, failure);
            listeners = [.. _listeners];
            _listeners.Clear();
        }
        foreach (var listener in listeners)
            listener();
    }

    /// <summary>Ends when the token is cancelled.</summary>
    public void EndWith(CancellationToken token, bool gracefully) =>
        _registration = token.UnsafeRegister(
            _ => TryEnd(gracefully ? null : new OperationCanceledException(token)),
            null
        );

    /// <summary>True when it has ended; otherwise the listener is going to be called, until <see cref="Leave"/>.</summary>
    public bool HasEndedOrListen(Action listener)
    {
        lock (_sync)
            return _hasEnded || !_listeners.Add(listener);
    }

    public void Leave(Action listener)
    {
        lock (_sync)
            _listeners.Remove(listener);
        _registration.Unregister();
    }

    public Exception? Failure => _failure;
}

/// <summary>A logic that a signal ends.</summary>
internal abstract class KillableLogic : GraphStageLogic
{
    private readonly KillSignal _signal;
    private readonly Action _ended;

    protected KillableLogic(Shape shape, KillSignal signal)
        : base(shape)
    {
        _signal = signal;
        _ended = GetAsyncCallback(End);
    }

    public override void PreStart()
    {
        if (_signal.HasEndedOrListen(_ended))
            End();
    }

    public override void PostStop() => _signal.Leave(_ended);

    private void End()
    {
        if (_signal.Failure is { } failure)
            FailStage(failure);
        else
            CompleteStage();
    }

    protected void Connect<T>(Inlet<T> from, Outlet<T> to, bool isOneOfTwo)
    {
        SetHandler(
            from,
            onPush: () => Push(to, Grab(from)),
            onUpstreamFinish: isOneOfTwo ? () => Complete(to) : null,
            onUpstreamFailure: isOneOfTwo ? error => Fail(to, error) : null
        );
        SetHandler(to, onPull: () => Pull(from), onDownstreamFinish: isOneOfTwo ? cause => Cancel(from, cause) : null);
    }
}

/// <summary>A flow that a signal ends.</summary>
internal sealed class KillableFlow<T, TMat>(Func<(KillSignal Signal, TMat Value)> create)
    : GraphStageWithMaterializedValue<FlowShape<T, T>, TMat>
{
    public override FlowShape<T, T> Shape { get; } =
        new(new Inlet<T>("KillSwitch.in"), new Outlet<T>("KillSwitch.out"));

    public override ILogicAndMaterializedValue<TMat> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
    {
        var (signal, value) = create();
        return new LogicAndMaterializedValue<TMat>(new Logic(Shape, signal), value);
    }

    private sealed class Logic : KillableLogic
    {
        public Logic(FlowShape<T, T> shape, KillSignal signal)
            : base(shape, signal) => Connect(shape.Inlet, shape.Outlet, isOneOfTwo: false);
    }
}

/// <summary>A bidirectional flow that a signal ends.</summary>
internal sealed class KillableBidi<T1, T2>(Func<(KillSignal Signal, UniqueKillSwitch Value)> create)
    : GraphStageWithMaterializedValue<BidiShape<T1, T1, T2, T2>, UniqueKillSwitch>
{
    public override BidiShape<T1, T1, T2, T2> Shape { get; } =
        new(
            new Inlet<T1>("KillSwitchBidi.in1"),
            new Outlet<T1>("KillSwitchBidi.out1"),
            new Inlet<T2>("KillSwitchBidi.in2"),
            new Outlet<T2>("KillSwitchBidi.out2")
        );

    public override ILogicAndMaterializedValue<UniqueKillSwitch> CreateLogicAndMaterializedValue(
        Attributes inheritedAttributes
    )
    {
        var (signal, value) = create();
        return new LogicAndMaterializedValue<UniqueKillSwitch>(new Logic(Shape, signal), value);
    }

    private sealed class Logic : KillableLogic
    {
        public Logic(BidiShape<T1, T1, T2, T2> shape, KillSignal signal)
            : base(shape, signal)
        {
            Connect(shape.Inlet1, shape.Outlet1, isOneOfTwo: true);
            Connect(shape.Inlet2, shape.Outlet2, isOneOfTwo: true);
        }
    }
}
