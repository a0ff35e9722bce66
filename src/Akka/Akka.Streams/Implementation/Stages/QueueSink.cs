using Akka.Pattern;
using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>Gives elements to who pulls them from the queue that it yields.</summary>
internal sealed class QueueSink<T> : SinkStage<T, ISinkQueue<T>>
{
    protected override (GraphStageLogic Logic, ISinkQueue<T> Value) Create(Attributes attributes)
    {
        var logic = new Logic(Shape, attributes.GetMandatoryAttribute<Attributes.InputBuffer>().Max);
        return (logic, logic);
    }

    private sealed class Logic : SinkLogic<T>, ISinkQueue<T>, ICancelableSinkQueue
    {
        private readonly int _size;
        private readonly Queue<T> _buffer = new();
        private readonly Action<TaskCompletionSource<Util.Option<T>>> _pull;
        private readonly Action _cancel;

        /// <summary>Pulls made and not answered; they are answered when the stage stops.</summary>
        private readonly HashSet<TaskCompletionSource<Util.Option<T>>> _open = [];
        private TaskCompletionSource<Util.Option<T>>? _waiting;
        private bool _isEnded;
        private Exception? _failure;
        private bool _hasStopped;

        public Logic(SinkShape<T> shape, int size)
            : base(shape)
        {
            if (size < 1)
                throw new ArgumentException("The input buffer needs room for one element", nameof(size));
            _size = size;
            _pull = GetAsyncCallback<TaskCompletionSource<Util.Option<T>>>(Pulled);
            _cancel = GetAsyncCallback(CompleteStage);
        }

        public Task<Util.Option<T>> PullAsync()
        {
            var promise = new TaskCompletionSource<Util.Option<T>>(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_open)
            {
                if (_hasStopped)
                    return Task.FromException<Util.Option<T>>(StreamDetachedException.Instance);
                _open.Add(promise);
            }
            _pull(promise);
            return promise.Task;
        }

        public void Cancel() => _cancel();

        public override void PreStart()
        {
            // The queue outlives its inlet until the end has been fetched.
            SetKeepGoing(true);
            Pull(In);
        }

        public override void OnPush()
        {
            var element = Grab(In);
            if (_waiting is { } waiting)
            {
                _waiting = null;
                Answer(waiting, element);
            }
            else
            {
                _buffer.Enqueue(element);
            }
            if (_buffer.Count < _size)
                Pull(In);
        }

        public override void OnUpstreamFinish()
        {
            _isEnded = true;
            AnswerEnd();
        }

        public override void OnUpstreamFailure(Exception e)
        {
            (_isEnded, _failure) = (true, e);
            AnswerEnd();
        }

        public override void PostStop()
        {
            TaskCompletionSource<Util.Option<T>>[] open;
            lock (_open)
            {
                _hasStopped = true;
                open = [.. _open];
            }
            foreach (var promise in open)
                promise.TryFail(new StreamDetachedException());
        }

        private void Pulled(TaskCompletionSource<Util.Option<T>> promise)
        {
            if (_waiting is not null)
            {
                Close(promise);
                promise.TryFail(
                    new IllegalStateException(
                        "You have to wait for previous future to be resolved to send another request"
                    )
                );
                return;
            }
            if (_buffer.TryDequeue(out var element))
            {
                Answer(promise, element);
                TryPull(In);
                return;
            }
            _waiting = promise;
            AnswerEnd();
        }

        private void AnswerEnd()
        {
            if (!_isEnded || _waiting is not { } waiting)
                return;
            _waiting = null;
            Close(waiting);
            if (_failure is null)
                waiting.TrySetResult(Util.Option<T>.None);
            else
                waiting.TryFail(_failure);
            CompleteStage();
        }

        private void Answer(TaskCompletionSource<Util.Option<T>> promise, T element)
        {
            Close(promise);
            promise.TrySetResult(new Util.Option<T>(element));
        }

        private void Close(TaskCompletionSource<Util.Option<T>> promise)
        {
            lock (_open)
                _open.Remove(promise);
        }
    }
}
