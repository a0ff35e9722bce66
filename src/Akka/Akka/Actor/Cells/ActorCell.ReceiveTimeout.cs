using System.Diagnostics;
using Akka.Dispatch;

namespace Akka.Actor;

public partial class ActorCell
{
    private ReceiveTimeoutClock? _receiveTimeout;

    /// <inheritdoc/>
    public TimeSpan? ReceiveTimeout => _receiveTimeout?.Timeout;

    /// <inheritdoc/>
    public void SetReceiveTimeout(TimeSpan? timeout = null)
    {
        CancelReceiveTimeout();
        if (timeout is { } duration && duration > TimeSpan.Zero && duration != Timeout.InfiniteTimeSpan)
            _receiveTimeout = new ReceiveTimeoutClock(this, duration);
    }

    private void CancelReceiveTimeout()
    {
        _receiveTimeout?.Cancel();
        _receiveTimeout = null;
    }

    private void PauseReceiveTimeout() => _receiveTimeout?.Pause();

    private void RearmReceiveTimeout()
    {
        if (_pendingTasks == 0)
            _receiveTimeout?.Arm();
    }

    /// <summary>
    /// Keeps one timer for any number of messages: a message only notes the time, and the timer, when it is due, looks
    /// how long ago that was.
    /// </summary>
    // One that was set by the message that does not count itself runs from now.
    private void ArmNewReceiveTimeout()
    {
        if (_receiveTimeout?.IsNew == true)
            RearmReceiveTimeout();
    }

    private sealed class ReceiveTimeoutClock(ActorCell cell, TimeSpan timeout) : IRunnable
    {
        private readonly Lock _lock = new();
        private readonly Cancelable _calledOff = new(cell.SystemImpl.Scheduler);
        private long _since;
        private bool _paused = true;
        private bool _scheduled;
        private bool _cancelled;

        public TimeSpan Timeout => timeout;

        public bool IsNew => Volatile.Read(ref _since) == 0;

        public void Pause() => Volatile.Write(ref _paused, true);

        public void Arm()
        {
            Volatile.Write(ref _since, Stopwatch.GetTimestamp());
            Volatile.Write(ref _paused, false);
            if (!Volatile.Read(ref _scheduled))
                Schedule(timeout);
        }

        public void Cancel()
        {
            lock (_lock)
                _cancelled = true;
            // Leaves the scheduler at once: a long time-out must not keep a stopped actor.
            _calledOff.Cancel();
        }

        public void Run()
        {
            TimeSpan left;
            lock (_lock)
            {
                if (_cancelled)
                    return;
                left =
                    timeout
                    - (
                        Volatile.Read(ref _paused) ? TimeSpan.Zero : Stopwatch.GetElapsedTime(Volatile.Read(ref _since))
                    );
                if (left <= TimeSpan.Zero)
                {
                    Volatile.Write(ref _scheduled, false);
                    cell._self.Tell(global::Akka.Actor.ReceiveTimeout.Instance, null);
                    return;
                }
            }
            Schedule(left);
        }

        public void Execute() => Run();

        private void Schedule(TimeSpan delay)
        {
            Volatile.Write(ref _scheduled, true);
            cell.SystemImpl.Scheduler.Advanced.ScheduleOnce(delay, this, _calledOff);
        }
    }
}
