using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>While downstream is slower, folds elements into batches of up to some weight.</summary>
internal sealed class Batch<TIn, TOut>(
    long max,
    Func<TIn, long> cost,
    Func<TIn, TOut> seed,
    Func<TOut, TIn, TOut> aggregate
) : LinearStage<TIn, TOut>
{
    private readonly long _max = max;
    private readonly Func<TIn, long> _cost = cost;
    private readonly Func<TIn, TOut> _seed = seed;
    private readonly Func<TOut, TIn, TOut> _aggregate = aggregate;

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) =>
        new Logic(this, inheritedAttributes);

    private sealed class Logic(Batch<TIn, TOut> stage, Attributes attributes)
        : SupervisedLogic<TIn, TOut>(stage, attributes)
    {
        private bool _hasBatch;
        private TOut _batch = default!;
        private long _left = stage._max;
        private bool _hasPending;
        private TIn _pending = default!;

        public override void PreStart() => Pull(In);

        public override void OnPull()
        {
            if (_hasBatch)
            {
                Flush();
                if (IsClosed(In))
                {
                    if (!_hasBatch)
                        CompleteStage();
                }
                else if (!_hasPending)
                {
                    TryPull(In);
                }
                return;
            }
            if (IsClosed(In))
                CompleteStage();
            else
                TryPull(In);
        }

        public override void OnUpstreamFinish()
        {
            if (!_hasBatch)
                CompleteStage();
        }

        protected override void Handle(TIn element)
        {
            var cost = stage._cost(element);
            if (!_hasBatch)
            {
                Begin(element, cost);
            }
            else if (_left < cost)
            {
                (_pending, _hasPending) = (element, true);
            }
            else
            {
                _batch = stage._aggregate(_batch, element);
                _left -= cost;
            }
            if (IsAvailable(Out))
                Flush();
            if (!_hasPending)
                TryPull(In);
        }

        protected override void Restart()
        {
            (_hasBatch, _batch, _hasPending, _pending) = (false, default!, false, default!);
            _left = stage._max;
        }

        protected override void Continue()
        {
            if (!_hasPending)
                TryPull(In);
        }

        private void Begin(TIn element, long cost)
        {
            _batch = stage._seed(element);
            _hasBatch = true;
            _left = stage._max - cost;
        }

        private void Flush()
        {
            Push(Out, _batch);
            (_hasBatch, _batch, _left) = (false, default!, stage._max);
            if (!_hasPending)
                return;
            var element = _pending;
            (_hasPending, _pending) = (false, default!);
            try
            {
                Begin(element, stage._cost(element));
            }
            catch (Exception error)
            {
                Failed(error);
            }
        }
    }
}
