using Akka.Streams.Stage;
using Akka.Streams.Supervision;

namespace Akka.Streams.Implementation.Stages;

/// <summary>Folds elements with a function that yields a task; emits the result, or every step of it.</summary>
internal sealed class AggregateAsync<TIn, TOut>(TOut zero, Func<TOut, TIn, Task<TOut>> aggregate, bool emitsSteps)
    : LinearStage<TIn, TOut>
{
    private readonly TOut _zero = zero;
    private readonly Func<TOut, TIn, Task<TOut>> _aggregate = aggregate;
    private readonly bool _emitsSteps = emitsSteps;

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) =>
        new Logic(this, inheritedAttributes);

    private sealed class Logic : InAndOutGraphStageLogic
    {
        private readonly AggregateAsync<TIn, TOut> _stage;
        private readonly Decider _decider;
        private readonly Action<Task<TOut>> _completed;
        private TOut _value;
        private bool _isBusy;

        public Logic(AggregateAsync<TIn, TOut> stage, Attributes attributes)
            : base(stage.Shape)
        {
            _stage = stage;
            _value = stage._zero;
            _decider = attributes.Decider();
            _completed = GetAsyncCallback<Task<TOut>>(Completed);
            SetHandlers(stage.In, stage.Out, this);
        }

        public override void PreStart()
        {
            if (_stage._emitsSteps)
                Emit(_stage.Out, _value);
        }

        public override void OnPush()
        {
            try
            {
                var task = _stage._aggregate(_value, Grab(_stage.In));
                _isBusy = true;
                if (task.IsCompleted)
                    Completed(task);
                else
                    task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(() => _completed(task));
            }
            catch (Exception error)
            {
                Failed(error);
            }
        }

        public override void OnPull()
        {
            if (!_isBusy)
                TryPull(_stage.In);
        }

        public override void OnUpstreamFinish()
        {
            if (!_isBusy)
                Finish();
        }

        private void Completed(Task<TOut> task)
        {
            _isBusy = false;
            if (task.IsCompletedSuccessfully && task.Result is null)
            {
                Failed(NullElement.Exception());
            }
            else if (task.IsCompletedSuccessfully)
            {
                _value = task.Result;
                if (_stage._emitsSteps)
                    Push(_stage.Out, _value);
            }
            else
            {
                Failed(task.Exception as Exception ?? new TaskCanceledException(task));
            }
            if (IsClosed(_stage.In))
                Finish();
            else if (IsAvailable(_stage.Out))
                TryPull(_stage.In);
        }

        private void Failed(Exception error)
        {
            switch (_decider(error))
            {
                case Directive.Stop:
                    FailStage(error);
                    return;
                case Directive.Restart:
                    _value = _stage._zero;
                    break;
            }
            if (IsAvailable(_stage.Out))
                TryPull(_stage.In);
        }

        private void Finish()
        {
            if (_stage._emitsSteps)
                CompleteStage();
            else if (!IsClosed(_stage.Out))
                Emit(_stage.Out, _value, CompleteStage);
        }
    }
}
