using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Fusing;

/// <summary>Emits what the ring holds; a failure overtakes it, completion does not.</summary>
internal sealed class BoundaryReceiver<T> : BoundaryReceiver, IOutHandler
{
    private readonly BoundaryRing<T> _ring;
    private readonly Outlet<T> _out = new("boundary.out") { Id = 0 };
    private readonly Wake _wake;

    public BoundaryReceiver(BoundaryRing<T> ring)
    {
        _ring = ring;
        _wake = new Wake(this);
        SetHandler(_out, this);
    }

    public void Signal() => _wake.Signal();

    public void OnPull() => Deliver();

    public void OnDownstreamFinish(Exception cause)
    {
        Cancel(cause);
        CompleteStage();
    }

    public override void PostStop()
    {
        if (_ring.End is null && _ring.Cancellation is null)
            Cancel(new AbruptTerminationException(Interpreter.Island.Self!));
    }

    public override void PreStart() => Deliver();

    private void Cancel(Exception cause)
    {
        _ring.Cancellation = cause;
        Peer();
    }

    private void Deliver()
    {
        if (_ring.End is { } failure && !ReferenceEquals(failure, BoundaryRing<T>.Completed))
        {
            Fail(_out, failure);
            return;
        }
        if (_ring.IsEmpty)
        {
            Interlocked.Exchange(ref _ring.ReceiverParked, 1);
            // The end is read before the ring: elements written before it are not lost.
            var hasEnded = _ring.End is not null;
            if (_ring.IsEmpty)
            {
                if (hasEnded)
                    Finish();
                return;
            }
            Interlocked.Exchange(ref _ring.ReceiverParked, 0);
        }
        if (!IsAvailable(_out))
            return;
        var element = _ring.Read(out var freed);
        if (freed)
            WakeSender();
        Push(_out, element);
        if (ReferenceEquals(_ring.End, BoundaryRing<T>.Completed) && _ring.IsEmpty)
            Complete(_out);
    }

    private void Finish()
    {
        if (ReferenceEquals(_ring.End, BoundaryRing<T>.Completed))
            Complete(_out);
        else
            Fail(_out, _ring.End!);
    }

    private void WakeSender()
    {
        Interlocked.MemoryBarrier();
        if (_ring.SenderParked != 0 && Interlocked.Exchange(ref _ring.SenderParked, 0) != 0)
            Peer();
    }

    private sealed class Wake(BoundaryReceiver<T> receiver) : IslandSignal(receiver)
    {
        protected override void Handle() => receiver.Deliver();
    }
}
