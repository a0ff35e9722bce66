using Akka.Streams.Stage;
using Akka.Streams.Supervision;

namespace Akka.Streams.Implementation.Stages;

/// <summary>Emits the start value, then every step of folding the elements.</summary>
internal sealed class Scan<TIn, TOut>(TOut zero, Func<TOut, TIn, TOut> aggregate) : LinearStage<TIn, TOut>
{
    private readonly TOut _zero = zero;
    private readonly Func<TOut, TIn, TOut> _aggregate = aggregate;

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) =>
        new Logic(this, inheritedAttributes);

    private sealed class Logic(Scan<TIn, TOut> stage, Attributes attributes)
        : SupervisedLogic<TIn, TOut>(stage, attributes)
    {
        private TOut _value = stage._zero;
        private bool _hasEmittedZero;
        private bool _hasEnded;

        public override void OnPull()
        {
            if (_hasEmittedZero)
            {
                Pull(In);
                return;
            }
            EmitZero();
            if (_hasEnded)
                CompleteStage();
        }

        public override void OnUpstreamFinish()
        {
            if (_hasEmittedZero)
                CompleteStage();
            else if (IsAvailable(Out))
                OnPull();
            else
                _hasEnded = true;
        }

        protected override void Handle(TIn element)
        {
            _value = stage._aggregate(_value, element);
            Push(Out, _value);
        }

        /// <summary>A restarted scan emits its start value again.</summary>
        protected override void Restart()
        {
            _value = stage._zero;
            Push(Out, _value);
        }

        private void EmitZero()
        {
            _hasEmittedZero = true;
            Push(Out, _value);
        }
    }
}

/// <summary>Emits the result of folding all elements.</summary>
internal sealed class Aggregate<TIn, TOut>(TOut zero, Func<TOut, TIn, TOut> aggregate) : LinearStage<TIn, TOut>
{
    private readonly TOut _zero = zero;
    private readonly Func<TOut, TIn, TOut> _aggregate = aggregate;

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) =>
        new Logic(this, inheritedAttributes);

    private sealed class Logic(Aggregate<TIn, TOut> stage, Attributes attributes)
        : SupervisedLogic<TIn, TOut>(stage, attributes)
    {
        private TOut _value = stage._zero;

        public override void OnPull()
        {
            if (!HasBeenPulled(In))
                TryPull(In);
        }

        public override void OnUpstreamFinish() => Emit(Out, _value, CompleteStage);

        protected override void Handle(TIn element)
        {
            _value = stage._aggregate(_value, element);
            Pull(In);
        }

        protected override void Restart() => _value = stage._zero;
    }
}

/// <summary>Emits the result of folding all elements, the first of which is the start.</summary>
internal sealed class Sum<T>(Func<T, T, T> reduce) : LinearStage<T, T>
{
    private readonly Func<T, T, T> _reduce = reduce;

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) =>
        new Logic(this, inheritedAttributes);

    private sealed class Logic(Sum<T> stage, Attributes attributes) : SupervisedLogic<T, T>(stage, attributes)
    {
        private bool _hasValue;
        private T _value = default!;

        public override void OnPull()
        {
            if (!HasBeenPulled(In))
                TryPull(In);
        }

        public override void OnUpstreamFinish()
        {
            if (_hasValue)
                Emit(Out, _value, CompleteStage);
            else
                FailStage(new NoSuchElementException("Sum over empty stream"));
        }

        protected override void Handle(T element)
        {
            _value = _hasValue ? stage._reduce(_value, element) : element;
            _hasValue = true;
            Pull(In);
        }

        protected override void Restart() => _hasValue = false;
    }
}
