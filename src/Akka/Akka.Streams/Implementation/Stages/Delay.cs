using System.Diagnostics;
using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>Emits every element some time after it came.</summary>
internal sealed class Delay<T>(TimeSpan delay, DelayOverflowStrategy strategy) : LinearStage<T, T>
{
    private readonly TimeSpan _delay = delay;
    private readonly DelayOverflowStrategy _strategy = strategy;

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) =>
        new Logic(this, inheritedAttributes.GetMandatoryAttribute<Attributes.InputBuffer>().Max);

    private sealed class Logic(Delay<T> stage, int size) : LinearTimerLogic<T, T>(stage)
    {
        private readonly Delay<T> _stage = stage;
        private readonly LinkedList<(long Arrived, T Element)> _buffer = [];

        public override void PreStart() => Pull(In);

        public override void OnPush()
        {
            if (_buffer.Count >= size)
                MakeRoom();
            if (_buffer.Count < size)
                _buffer.AddLast((Stopwatch.GetTimestamp(), Grab(In)));
            EmitDue();
            PullIfWanted();
        }

        public override void OnPull()
        {
            EmitDue();
            PullIfWanted();
        }

        public override void OnUpstreamFinish()
        {
            if (_buffer.Count == 0)
                CompleteStage();
        }

        protected internal override void OnTimer(object timerKey)
        {
            EmitDue();
            PullIfWanted();
        }

        private void PullIfWanted()
        {
            if (_stage._strategy != DelayOverflowStrategy.Backpressure || _buffer.Count < size)
                TryPull(In);
        }

        private void MakeRoom()
        {
            switch (_stage._strategy)
            {
                case DelayOverflowStrategy.EmitEarly:
                    if (IsAvailable(Out))
                        EmitHead();
                    else
                        _buffer.RemoveFirst();
                    break;
                case DelayOverflowStrategy.DropHead:
                    _buffer.RemoveFirst();
                    break;
                case DelayOverflowStrategy.DropTail:
                    _buffer.RemoveLast();
                    break;
                case DelayOverflowStrategy.DropBuffer:
                    _buffer.Clear();
                    break;
                case DelayOverflowStrategy.DropNew:
                    Grab(In);
                    break;
                default:
                    throw new BufferOverflowException(
                        $"Buffer overflow for Delay combinator (max capacity was: {size})!"
                    );
            }
        }

        private void EmitHead()
        {
            var element = _buffer.First!.Value.Element;
            _buffer.RemoveFirst();
            Push(Out, element);
        }

        private void EmitDue()
        {
            if (_buffer.Count == 0 || !IsAvailable(Out))
                return;
            var left = _stage._delay - Stopwatch.GetElapsedTime(_buffer.First!.Value.Arrived);
            if (left > TimeSpan.Zero)
            {
                if (!IsTimerActive(TimerKey))
                    ScheduleOnce(TimerKey, left);
                return;
            }
            EmitHead();
            if (_buffer.Count == 0 && IsClosed(In))
                CompleteStage();
        }
    }
}
