using Akka.Streams.Stage;
using Akka.Streams.Supervision;

namespace Akka.Streams.Implementation.Stages;

/// <summary>
/// Runs a function that yields a task for each element, up to <c>parallelism</c> at a time, and emits the results, in the
/// order of the elements or as they come.
/// </summary>
internal sealed class SelectAsync<TIn, TOut>(int parallelism, Func<TIn, Task<TOut>> function, bool isOrdered)
    : LinearStage<TIn, TOut>
{
    private readonly int _parallelism = parallelism;
    private readonly Func<TIn, Task<TOut>> _function = function;
    private readonly bool _isOrdered = isOrdered;

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) =>
        new Logic(this, inheritedAttributes);

    private sealed class Logic : InAndOutGraphStageLogic
    {
        private readonly SelectAsync<TIn, TOut> _stage;
        private readonly Decider _decider;
        private readonly Action<Task<TOut>> _completed;

        /// <summary>Ordered: every task; unordered: those that are done.</summary>
        private readonly Queue<Task<TOut>> _buffer = new();
        private int _inFlight;

        public Logic(SelectAsync<TIn, TOut> stage, Attributes attributes)
            : base(stage.Shape)
        {
            _stage = stage;
            _decider = attributes.Decider();
            _completed = GetAsyncCallback<Task<TOut>>(Completed);
            SetHandlers(stage.In, stage.Out, this);
        }

        private int Todo => _stage._isOrdered ? _buffer.Count : _inFlight + _buffer.Count;

        public override void OnPush()
        {
            if (Start(Grab(_stage.In)) is { } task)
            {
                if (_stage._isOrdered)
                    _buffer.Enqueue(task);
                if (task.IsCompleted)
                {
                    if (!_stage._isOrdered)
                        _buffer.Enqueue(task);
                    if (StopsFor(task))
                        return;
                    PushNext();
                }
                else
                {
                    _inFlight++;
                    task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(() => _completed(task));
                }
            }
            PullIfRoom();
        }

        public override void OnPull()
        {
            PushNext();
            PullIfRoom();
        }

        public override void OnUpstreamFinish()
        {
            if (Todo == 0)
                CompleteStage();
        }

        private Task<TOut>? Start(TIn element)
        {
            try
            {
                return _stage._function(element);
            }
            catch (Exception error)
            {
                return Task.FromException<TOut>(error);
            }
        }

        private void Completed(Task<TOut> task)
        {
            _inFlight--;
            if (!_stage._isOrdered)
                _buffer.Enqueue(task);
            if (StopsFor(task))
                return;
            PushNext();
            PullIfRoom();
        }

        private void PushNext()
        {
            while (_buffer.TryPeek(out var task) && task.IsCompleted)
            {
                if (IsDropped(task))
                {
                    _ = _buffer.Dequeue();
                    continue;
                }
                if (!IsAvailable(_stage.Out))
                    return;
                _ = _buffer.Dequeue();
                Push(_stage.Out, task.Result);
            }
            if (Todo == 0 && IsClosed(_stage.In))
                CompleteStage();
        }

        private void PullIfRoom()
        {
            if (Todo < _stage._parallelism)
                TryPull(_stage.In);
        }

        /// <summary>A failure that is not survived ends the stage at once, whatever is before it.</summary>
        private bool StopsFor(Task<TOut> task)
        {
            if (ErrorOf(task) is not { } error || _decider(error) != Directive.Stop)
                return false;
            FailStage(error);
            return true;
        }

        private static bool IsDropped(Task<TOut> task) => ErrorOf(task) is not null;

        private static Exception? ErrorOf(Task<TOut> task) =>
            task.IsCanceled ? new TaskCanceledException(task)
            : task.Exception is { } errors
                ? errors.InnerExceptions.Count == 1 ? errors.InnerException
                    : errors
            : task.Result is null ? NullElement.Exception()
            : null;
    }
}
