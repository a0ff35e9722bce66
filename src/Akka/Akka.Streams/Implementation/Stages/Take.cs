using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>Emits the first elements, then completes.</summary>
internal sealed class Take<T>(long count) : LinearStage<T, T>
{
    private readonly long _count = count;

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

    private sealed class Logic : InAndOutGraphStageLogic
    {
        private readonly Take<T> _stage;
        private long _left;

        public Logic(Take<T> stage)
            : base(stage.Shape)
        {
            _stage = stage;
            _left = stage._count;
            SetHandlers(stage.In, stage.Out, this);
        }

        public override void PreStart()
        {
            if (_left <= 0)
                CompleteStage();
        }

        public override void OnPush()
        {
            Push(_stage.Out, Grab(_stage.In));
            if (--_left == 0)
                CompleteStage();
        }

        public override void OnPull() => Pull(_stage.In);
    }
}

/// <summary>Emits elements while a predicate holds, then completes.</summary>
internal sealed class TakeWhile<T>(Predicate<T> predicate, bool inclusive) : LinearStage<T, T>
{
    private readonly Predicate<T> _predicate = predicate;
    private readonly bool _inclusive = inclusive;

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) =>
        new Logic(this, inheritedAttributes);

    private sealed class Logic(TakeWhile<T> stage, Attributes attributes) : SupervisedLogic<T, T>(stage, attributes)
    {
        protected override void Handle(T element)
        {
            if (stage._predicate(element))
            {
                Push(Out, element);
                return;
            }
            if (stage._inclusive)
                Push(Out, element);
            CompleteStage();
        }
    }
}

/// <summary>Emits elements for some time, then completes.</summary>
internal sealed class TakeWithin<T>(TimeSpan duration) : LinearStage<T, T>
{
    private readonly TimeSpan _duration = duration;

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

    private sealed class Logic : LinearTimerLogic<T, T>
    {
        private readonly TakeWithin<T> _stage;

        public Logic(TakeWithin<T> stage)
            : base(stage) => _stage = stage;

        public override void PreStart() => ScheduleOnce(TimerKey, _stage._duration);

        public override void OnPush() => Push(Out, Grab(In));

        public override void OnPull() => Pull(In);

        protected internal override void OnTimer(object timerKey) => CompleteStage();
    }
}

/// <summary>Drops the first elements.</summary>
internal sealed class Skip<T>(long count) : LinearStage<T, T>
{
    private readonly long _count = count;

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

    private sealed class Logic : InAndOutGraphStageLogic
    {
        private readonly Skip<T> _stage;
        private long _left;

        public Logic(Skip<T> stage)
            : base(stage.Shape)
        {
            _stage = stage;
            _left = stage._count;
            SetHandlers(stage.In, stage.Out, this);
        }

        public override void OnPush()
        {
            if (_left > 0)
            {
                _left--;
                Grab(_stage.In);
                Pull(_stage.In);
            }
            else
            {
                Push(_stage.Out, Grab(_stage.In));
            }
        }

        public override void OnPull() => Pull(_stage.In);
    }
}

/// <summary>Drops elements while a predicate holds.</summary>
internal sealed class SkipWhile<T>(Predicate<T> predicate) : LinearStage<T, T>
{
    private readonly Predicate<T> _predicate = predicate;

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) =>
        new Logic(this, inheritedAttributes);

    private sealed class Logic(SkipWhile<T> stage, Attributes attributes) : SupervisedLogic<T, T>(stage, attributes)
    {
        private bool _done;

        protected override void Handle(T element)
        {
            if (!_done && stage._predicate(element))
            {
                Pull(In);
                return;
            }
            _done = true;
            Push(Out, element);
        }
    }
}
