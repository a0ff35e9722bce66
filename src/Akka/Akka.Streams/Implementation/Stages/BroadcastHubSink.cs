using Akka.Streams.Dsl;
using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>Sends every element to all consumers; the slowest one sets the pace.</summary>
internal sealed class BroadcastHubSink<T>(int bufferSize) : SinkStage<T, Source<T, NotUsed>>
{
    private readonly int _bufferSize = bufferSize;

    protected override (GraphStageLogic Logic, Source<T, NotUsed> Value) Create(Attributes attributes)
    {
        var logic = new Logic(this);
        var source = new PlainSource<T>((stage, _) => new Consumer(stage.Shape, logic));
        return (logic, Source.FromGraph(source));
    }

    private sealed class Logic : SinkLogic<T>
    {
        private readonly int _bufferSize;

        /// <summary>What some consumer has not got: the elements from _head on, before _tail.</summary>
        private readonly T[] _ring;
        private readonly Dictionary<Consumer, Position> _positions = [];
        private readonly HashSet<Consumer> _consumers = [];
        private readonly Action<Consumer> _joined;
        private readonly Action<Consumer> _left;
        private readonly Action<Consumer> _wanted;
        private long _head;
        private long _tail;
        private Exception? _failure;
        private bool _isEnding;
        private bool _hasStopped;

        public Logic(BroadcastHubSink<T> stage)
            : base(stage.Shape)
        {
            _bufferSize = stage._bufferSize;
            _ring = new T[_bufferSize];
            _joined = GetAsyncCallback<Consumer>(Joined);
            _left = GetAsyncCallback<Consumer>(Left);
            _wanted = GetAsyncCallback<Consumer>(Wanted);
        }

        public Exception? Failure => _failure;

        public bool TryJoin(Consumer consumer)
        {
            lock (_consumers)
            {
                if (_hasStopped || !_consumers.Add(consumer))
                    return false;
            }
            _joined(consumer);
            return true;
        }

        public void Leave(Consumer consumer)
        {
            lock (_consumers)
                _consumers.Remove(consumer);
            _left(consumer);
        }

        public void Want(Consumer consumer) => _wanted(consumer);

        public override void PreStart()
        {
            SetKeepGoing(true);
            Pull(In);
        }

        public override void OnPush()
        {
            _ring[_tail++ & (_bufferSize - 1)] = Grab(In);
            Deliver();
        }

        public override void OnUpstreamFinish()
        {
            _isEnding = true;
            Deliver();
        }

        public override void OnUpstreamFailure(Exception e)
        {
            _failure = e;
            FailStage(e);
        }

        public override void PostStop()
        {
            Consumer[] consumers;
            lock (_consumers)
            {
                if (!_isEnding)
                    _failure ??= new AbruptStageTerminationException(this);
                _hasStopped = true;
                consumers = [.. _consumers];
            }
            foreach (var consumer in consumers)
                consumer.End(_failure);
        }

        private void Joined(Consumer consumer)
        {
            _positions[consumer] = new Position { Next = _head };
            Deliver();
        }

        private void Left(Consumer consumer)
        {
            _positions.Remove(consumer);
            Deliver();
        }

        private void Wanted(Consumer consumer)
        {
            if (!_positions.TryGetValue(consumer, out var position))
                return;
            position.Wanted++;
            Deliver();
        }

        private void Deliver()
        {
            var slowest = _tail;
            foreach (var (consumer, position) in _positions)
            {
                while (position.Wanted > 0 && position.Next < _tail)
                {
                    consumer.Send(_ring[position.Next & (_bufferSize - 1)]);
                    position.Next++;
                    position.Wanted--;
                }
                slowest = Math.Min(slowest, position.Next);
            }
            if (_positions.Count > 0)
            {
                for (; _head < slowest; _head++)
                    _ring[_head & (_bufferSize - 1)] = default!;
            }
            if (_isEnding && (_head == _tail || _positions.Count == 0))
                CompleteStage();
            else if (_tail - _head < _bufferSize)
                TryPull(In);
        }

        private sealed class Position
        {
            public long Next { get; set; }

            public int Wanted { get; set; }
        }
    }

    private sealed class Consumer : SourceLogic<T>
    {
        private readonly Logic _hub;
        private readonly Action<T> _sent;
        private readonly Action<Exception?> _ended;

        public Consumer(SourceShape<T> shape, Logic hub)
            : base(shape)
        {
            _hub = hub;
            _sent = GetAsyncCallback<T>(element => Push(Out, element));
            _ended = GetAsyncCallback<Exception?>(Ended);
        }

        public void Send(T element) => _sent(element);

        public void End(Exception? failure) => _ended(failure);

        public override void PreStart()
        {
            if (!_hub.TryJoin(this))
                Ended(_hub.Failure);
        }

        public override void OnPull() => _hub.Want(this);

        public override void PostStop() => _hub.Leave(this);

        private void Ended(Exception? failure)
        {
            if (failure is null)
                CompleteStage();
            else
                FailStage(failure);
        }
    }
}
