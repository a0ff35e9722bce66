using Akka.Streams.Dsl;
using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>Emits what producers, each with a bounded credit, send to it.</summary>
internal sealed class MergeHubSource<T>(int bufferSize) : SourceStage<T, Sink<T, NotUsed>>
{
    private readonly int _bufferSize = bufferSize;

    protected override (GraphStageLogic Logic, Sink<T, NotUsed> Value) Create(Attributes attributes)
    {
        var logic = new Logic(this);
        return (logic, Sink.FromGraph(new PlainSink<T>((shape, _) => new Producer(shape, logic, _bufferSize))));
    }

    private sealed class Logic : SourceLogic<T>
    {
        private readonly Queue<(Producer Producer, T Element)> _queue = new();
        private readonly HashSet<Producer> _producers = [];
        private readonly Action<(Producer, T)> _offer;
        private bool _hasStopped;

        public Logic(MergeHubSource<T> stage)
            : base(stage.Shape) => _offer = GetAsyncCallback<(Producer, T)>(Offered);

        public bool TryRegister(Producer producer)
        {
            lock (_producers)
                return !_hasStopped && _producers.Add(producer);
        }

        public void Leave(Producer producer)
        {
            lock (_producers)
                _producers.Remove(producer);
        }

        public void Offer(Producer producer, T element) => _offer((producer, element));

        public override void OnPull()
        {
            if (_queue.TryDequeue(out var next))
                Send(next.Producer, next.Element);
        }

        public override void PostStop()
        {
            Producer[] producers;
            lock (_producers)
            {
                _hasStopped = true;
                producers = [.. _producers];
            }
            foreach (var producer in producers)
                producer.Stop();
        }

        private void Offered((Producer Producer, T Element) offer)
        {
            if (IsAvailable(Out) && _queue.Count == 0)
                Send(offer.Producer, offer.Element);
            else
                _queue.Enqueue(offer);
        }

        private void Send(Producer producer, T element)
        {
            Push(Out, element);
            producer.Consumed();
        }
    }

    private sealed class Producer : SinkLogic<T>
    {
        private readonly Logic _hub;
        private readonly Action<int> _credited;
        private readonly Action<NotUsed> _stopped;
        private readonly int _batch;
        private int _credit;

        /// <summary>Counted by the hub: elements gone since credit was last given.</summary>
        private int _consumed;

        public Producer(SinkShape<T> shape, Logic hub, int credit)
            : base(shape)
        {
            _hub = hub;
            _credit = credit;
            _batch = (credit + 1) / 2;
            _credited = GetAsyncCallback<int>(Credited);
            _stopped = GetAsyncCallback<NotUsed>(_ => CompleteStage());
        }

        /// <summary>Called by the hub; credit comes back in halves of the buffer, so signals are few.</summary>
        public void Consumed()
        {
            if (++_consumed < _batch)
                return;
            _consumed = 0;
            _credited(_batch);
        }

        public void Stop() => _stopped(NotUsed.Instance);

        public override void PreStart()
        {
            if (_hub.TryRegister(this))
                Pull(In);
            else
                CompleteStage();
        }

        public override void OnPush()
        {
            _hub.Offer(this, Grab(In));
            if (--_credit > 0)
                Pull(In);
        }

        public override void OnUpstreamFailure(Exception e) =>
            throw new MergeHub.ProducerFailed("Upstream producer failed with exception, removing from MergeHub now", e);

        public override void PostStop() => _hub.Leave(this);

        private void Credited(int credit)
        {
            _credit += credit;
            TryPull(In);
        }
    }
}
