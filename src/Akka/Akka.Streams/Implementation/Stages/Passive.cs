using Akka.Actor;
using Akka.Event;
using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>Yields a task that ends as the stream does at this point.</summary>
internal sealed class TerminationWatcher<T> : GraphStageWithMaterializedValue<FlowShape<T, T>, Task<Done>>
{
    public TerminationWatcher() =>
        Shape = new FlowShape<T, T>(new Inlet<T>("TerminationWatcher.in"), new Outlet<T>("TerminationWatcher.out"));

    public override FlowShape<T, T> Shape { get; }

    public override ILogicAndMaterializedValue<Task<Done>> CreateLogicAndMaterializedValue(
        Attributes inheritedAttributes
    )
    {
        var logic = new Logic(Shape);
        return new LogicAndMaterializedValue<Task<Done>>(logic, logic.Finished.Task);
    }

    private sealed class Logic : InAndOutGraphStageLogic
    {
        private readonly FlowShape<T, T> _shape;

        public Logic(FlowShape<T, T> shape)
            : base(shape)
        {
            _shape = shape;
            SetHandlers(shape.Inlet, shape.Outlet, this);
        }

        public TaskCompletionSource<Done> Finished { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override void OnPush() => Push(_shape.Outlet, Grab(_shape.Inlet));

        public override void OnPull() => Pull(_shape.Inlet);

        public override void OnUpstreamFinish()
        {
            Finished.TrySetResult(Done.Instance);
            CompleteStage();
        }

        public override void OnUpstreamFailure(Exception e)
        {
            Finished.TryFail(e);
            FailStage(e);
        }

        public override void OnDownstreamFinish(Exception cause)
        {
            if (cause is SubscriptionWithCancelException.NonFailureCancellation)
                Finished.TrySetResult(Done.Instance);
            else
                Finished.TryFail(cause);
            InternalOnDownstreamFinish(cause);
        }

        public override void PostStop() => Finished.TryFail(new AbruptStageTerminationException(this));
    }
}

/// <summary>Logs elements, completion and failure at the levels that the attributes say.</summary>
internal sealed class LogStage<T>(string name, Func<T, object>? extract, ILoggingAdapter? log) : LinearStage<T, T>
{
    private static readonly Attributes.LogLevels DefaultLevels = new(
        LogLevel.DebugLevel,
        LogLevel.DebugLevel,
        LogLevel.ErrorLevel
    );

    private readonly string _name = name;
    private readonly Func<T, object>? _extract = extract;
    private readonly ILoggingAdapter? _log = log;

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) =>
        new Logic(this, inheritedAttributes);

    private sealed class Logic : InAndOutGraphStageLogic
    {
        private readonly LogStage<T> _stage;
        private readonly Attributes.LogLevels _levels;
        private readonly Supervision.Decider _decider;

        public Logic(LogStage<T> stage, Attributes attributes)
            : base(stage.Shape)
        {
            _stage = stage;
            _levels = attributes.GetAttribute(DefaultLevels);
            _decider = attributes.Decider();
            SetHandlers(stage.In, stage.Out, this);
        }

        private ILoggingAdapter Logger => _stage._log ?? Log;

        public override void OnPush()
        {
            try
            {
                var element = Grab(_stage.In);
                if (IsOn(_levels.OnElement))
                    Logger.Log(
                        _levels.OnElement,
                        null,
                        $"[{_stage._name}] Element: {_stage._extract?.Invoke(element) ?? element}"
                    );
                Push(_stage.Out, element);
            }
            catch (Exception error)
            {
                if (_decider(error) == Supervision.Directive.Stop)
                    FailStage(error);
                else
                    Pull(_stage.In);
            }
        }

        public override void OnPull() => Pull(_stage.In);

        public override void OnUpstreamFinish()
        {
            if (IsOn(_levels.OnFinish))
                Logger.Log(_levels.OnFinish, null, $"[{_stage._name}] Upstream finished.");
            CompleteStage();
        }

        public override void OnUpstreamFailure(Exception e)
        {
            if (IsOn(_levels.OnFailure))
            {
                // Only the level of errors has a place for the exception.
                var text = $"[{_stage._name}] Upstream failed";
                if (_levels.OnFailure == LogLevel.ErrorLevel)
                    Logger.Log(_levels.OnFailure, e, text + ".");
                else
                    Logger.Log(_levels.OnFailure, null, $"{text}, cause: {e.GetType()} {e.Message}");
            }
            FailStage(e);
        }

        public override void OnDownstreamFinish(Exception cause)
        {
            if (IsOn(_levels.OnFinish))
                Logger.Log(_levels.OnFinish, null, $"[{_stage._name}] Downstream finished, cause: {cause.Message}");
            InternalOnDownstreamFinish(cause);
        }

        private bool IsOn(LogLevel level) => level != Attributes.LogLevels.Off && Logger.IsEnabled(level);
    }
}

/// <summary>Fails when the actor ends.</summary>
internal sealed class WatchActor<T>(IActorRef target) : LinearStage<T, T>
{
    private readonly IActorRef _target = target;

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

    private sealed class Logic : InAndOutGraphStageLogic
    {
        private readonly WatchActor<T> _stage;

        public Logic(WatchActor<T> stage)
            : base(stage.Shape)
        {
            _stage = stage;
            SetHandlers(stage.In, stage.Out, this);
        }

        public override void PreStart() => GetStageActor(Received).Watch(_stage._target);

        public override void OnPush() => Push(_stage.Out, Grab(_stage.In));

        public override void OnPull() => Pull(_stage.In);

        private void Received((IActorRef Sender, object Message) args)
        {
            if (args.Message is Terminated terminated && terminated.ActorRef.Equals(_stage._target))
                FailStage(new WatchedActorTerminatedException("Watch", terminated.ActorRef));
        }
    }
}
