using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Fusing;

/// <summary>Writes what it gets into the ring while there is room.</summary>
internal sealed class BoundarySender<T> : BoundarySender, IInHandler
{
    private readonly BoundaryRing<T> _ring;
    private readonly Inlet<T> _in = new("boundary.in") { Id = 0 };
    private readonly Wake _wake;

    public BoundarySender(BoundaryRing<T> ring)
    {
        _ring = ring;
        _wake = new Wake(this);
        SetHandler(_in, this);
    }

    public void Signal() => _wake.Signal();

    public override void PreStart() => PullOrPark();

    public void OnPush()
    {
        _ring.Write(Grab(_in));
        WakeReceiver();
        PullOrPark();
    }

    public void OnUpstreamFinish() => End(BoundaryRing<T>.Completed);

    public void OnUpstreamFailure(Exception e) => End(e);

    public override void PostStop()
    {
        if (_ring.End is null && _ring.Cancellation is null)
            End(new AbruptTerminationException(Interpreter.Island.Self!));
    }

    private void End(Exception end)
    {
        _ring.End = end;
        Peer();
    }

    private void WakeReceiver()
    {
        Interlocked.MemoryBarrier();
        if (_ring.ReceiverParked != 0 && Interlocked.Exchange(ref _ring.ReceiverParked, 0) != 0)
            Peer();
    }

    private void PullOrPark()
    {
        if (IsClosed(_in))
            return;
        if (_ring.Cancellation is { } cause)
        {
            Cancel(_in, cause);
            return;
        }
        if (!_ring.HasRoom)
        {
            Interlocked.Exchange(ref _ring.SenderParked, 1);
            if (!_ring.HasRoom)
                return;
            Interlocked.Exchange(ref _ring.SenderParked, 0);
        }
        TryPull(_in);
    }

    private sealed class Wake(BoundarySender<T> sender) : IslandSignal(sender)
    {
        protected override void Handle() => sender.PullOrPark();
    }
}
