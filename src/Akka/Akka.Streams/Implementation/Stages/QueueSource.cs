using Akka.Pattern;
using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>Emits what is offered to the queue that it yields.</summary>
internal sealed class QueueSource<T>(int bufferSize, OverflowStrategy strategy)
    : SourceStage<T, ISourceQueueWithComplete<T>>
{
    private readonly int _bufferSize = bufferSize;
    private readonly OverflowStrategy _strategy = strategy;

    protected override (GraphStageLogic Logic, ISourceQueueWithComplete<T> Value) Create(Attributes attributes)
    {
        var logic = new Logic(this);
        return (logic, logic);
    }

    /// <summary>An element and who waits to hear what became of it.</summary>
    private sealed record Offer(T Element)
    {
        public TaskCompletionSource<IQueueOfferResult> Promise { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Logic : SourceLogic<T>, ISourceQueueWithComplete<T>
    {
        private readonly QueueSource<T> _stage;
        private readonly BoundedBuffer<T> _buffer;
        private readonly TaskCompletionSource<Done> _completion = new(
            TaskCreationOptions.RunContinuationsAsynchronously
        );
        private readonly Action<Offer> _offer;
        private readonly Action<NotUsed> _complete;
        private readonly Action<Exception> _fail;

        /// <summary>Offers made and not answered; they are answered when the stage stops.</summary>
        private readonly HashSet<Offer> _open = [];
        private Offer? _waiting;
        private bool _isEnding;
        private bool _hasStopped;

        public Logic(QueueSource<T> stage)
            : base(stage.Shape)
        {
            _stage = stage;
            _buffer = new BoundedBuffer<T>(stage._bufferSize, stage._strategy);
            _offer = GetAsyncCallback<Offer>(Offered);
            _complete = GetAsyncCallback<NotUsed>(_ => End());
            _fail = GetAsyncCallback<Exception>(FailWith);
        }

        public Task<IQueueOfferResult> OfferAsync(T element)
        {
            var offer = new Offer(element);
            lock (_open)
            {
                if (_hasStopped)
                    return Task.FromException<IQueueOfferResult>(StreamDetachedException.Instance);
                _open.Add(offer);
            }
            _offer(offer);
            return offer.Promise.Task;
        }

        public Task WatchCompletionAsync() => _completion.Task;

        public void Complete() => _complete(NotUsed.Instance);

        public void Fail(Exception ex) => _fail(ex);

        public override void OnPull()
        {
            if (_buffer.Count > 0)
            {
                Push(Out, _buffer.Take());
                if (_waiting is { } waiting)
                {
                    _waiting = null;
                    _buffer.Offer(waiting.Element);
                    Answer(waiting, QueueOfferResult.Enqueued.Instance);
                }
            }
            else if (_waiting is { } waiting)
            {
                _waiting = null;
                Push(Out, waiting.Element);
                Answer(waiting, QueueOfferResult.Enqueued.Instance);
            }
            EndIfEmpty();
        }

        public override void OnDownstreamFinish(Exception cause)
        {
            if (_waiting is { } waiting)
                Answer(waiting, QueueOfferResult.QueueClosed.Instance);
            if (cause is SubscriptionWithCancelException.NonFailureCancellation)
                _completion.TrySetResult(Done.Instance);
            else
                _completion.TryFail(cause);
            base.OnDownstreamFinish(cause);
        }

        public override void PostStop()
        {
            Offer[] open;
            lock (_open)
            {
                _hasStopped = true;
                open = [.. _open];
            }
            foreach (var offer in open)
            {
                if (_completion.Task.IsCompleted)
                    Answer(offer, QueueOfferResult.QueueClosed.Instance);
                else
                    offer.Promise.TryFail(new StreamDetachedException());
            }
            _completion.TryFail(new AbruptStageTerminationException(this));
        }

        private void Offered(Offer offer)
        {
            if (_isEnding)
            {
                Answer(offer, QueueOfferResult.QueueClosed.Instance);
            }
            else if (IsAvailable(Out) && _buffer.Count == 0)
            {
                Push(Out, offer.Element);
                Answer(offer, QueueOfferResult.Enqueued.Instance);
            }
            else if (_stage._bufferSize == 0 && _waiting is null)
            {
                _waiting = offer;
            }
            else if (_buffer.IsFull)
            {
                Overflow(offer);
            }
            else
            {
                _buffer.Offer(offer.Element);
                Answer(offer, QueueOfferResult.Enqueued.Instance);
            }
        }

        private void Overflow(Offer offer)
        {
            switch (_stage._strategy)
            {
                case OverflowStrategy.Backpressure when _waiting is null:
                    _waiting = offer;
                    break;
                case OverflowStrategy.Backpressure:
                    Refuse(
                        offer,
                        new IllegalStateException(
                            "You have to wait for previous offer to be resolved to send another request"
                        )
                    );
                    break;
                case OverflowStrategy.Fail:
                    var overflow = new BufferOverflowException(
                        $"Buffer overflow (max capacity was: {_stage._bufferSize})!"
                    );
                    Answer(offer, new QueueOfferResult.Failure(overflow));
                    FailWith(overflow);
                    break;
                case OverflowStrategy.DropHead or OverflowStrategy.DropBuffer when _waiting is { } waiting:
                    // Without a buffer the waiting offer is all that can be dropped.
                    Answer(waiting, QueueOfferResult.Dropped.Instance);
                    _waiting = offer;
                    break;
                case var _ when _waiting is null && _buffer.Offer(offer.Element):
                    Answer(offer, QueueOfferResult.Enqueued.Instance);
                    break;
                default:
                    Answer(offer, QueueOfferResult.Dropped.Instance);
                    break;
            }
        }

        private void End()
        {
            _isEnding = true;
            EndIfEmpty();
        }

        private void EndIfEmpty()
        {
            if (!_isEnding || _buffer.Count > 0 || _waiting is not null)
                return;
            _completion.TrySetResult(Done.Instance);
            CompleteStage();
        }

        private void FailWith(Exception error)
        {
            _completion.TryFail(error);
            FailStage(error);
        }

        private void Refuse(Offer offer, Exception error)
        {
            lock (_open)
                _open.Remove(offer);
            offer.Promise.TryFail(error);
        }

        private void Answer(Offer offer, IQueueOfferResult result)
        {
            lock (_open)
                _open.Remove(offer);
            offer.Promise.TrySetResult(result);
        }
    }
}
