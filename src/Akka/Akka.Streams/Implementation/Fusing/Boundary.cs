using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Fusing;

/// <summary>Makes the two ends of an asynchronous boundary.</summary>
internal static class Boundary
{
    public static (BoundarySender Sender, BoundaryReceiver Receiver) Create<T>(int capacity)
    {
        var ring = new BoundaryRing<T>(capacity);
        var sender = new BoundarySender<T>(ring);
        var receiver = new BoundaryReceiver<T>(ring);
        (sender.Peer, receiver.Peer) = (receiver.Signal, sender.Signal);
        return (sender, receiver);
    }
}

/// <summary>
/// A stage at the rim of its island: when the island is cut off, it fails first, so that the stages around it hear why.
/// </summary>
internal interface IFedFromOutside;

/// <summary>An end of a boundary between two islands.</summary>
internal abstract class BoundaryLogic(int inCount, int outCount) : GraphStageLogic(inCount, outCount), IFedFromOutside
{
    /// <summary>Tells the other end to look at what the two share.</summary>
    public Action Peer { get; set; } = DoNothing;
}

/// <summary>The end in the upstream island.</summary>
internal abstract class BoundarySender() : BoundaryLogic(1, 0);

/// <summary>The end in the downstream island.</summary>
internal abstract class BoundaryReceiver() : BoundaryLogic(0, 1);

/// <summary>
/// The input buffer of a boundary: a ring with one writer and one reader. Each side marks itself parked when it can do no
/// more; the other side then signals it. Room is handed back in halves of the buffer, so signals are few.
/// </summary>
internal sealed class BoundaryRing<T>
{
    private readonly T?[] _slots;
    private readonly int _mask;
    private readonly int _refill;
    private readonly int _capacity;
    private long _read;
    private long _written;
    private long _granted;

    public BoundaryRing(int capacity)
    {
        _capacity = capacity;
        _refill = Math.Max(1, capacity / 2);
        _granted = capacity;
        _slots = new T?[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)capacity)];
        _mask = _slots.Length - 1;
    }

    public int SenderParked;
    public int ReceiverParked;

    /// <summary>Set by the sender, once: a failure, or <see cref="Completed"/>.</summary>
    public volatile Exception? End;

    /// <summary>Set by the receiver, once.</summary>
    public volatile Exception? Cancellation;

    public static readonly Exception Completed = new InvalidOperationException("completed");

    public bool HasRoom => _written < Volatile.Read(ref _granted);

    public bool IsEmpty => _read == Volatile.Read(ref _written);

    public void Write(T element)
    {
        _slots[_written & _mask] = element;
        Volatile.Write(ref _written, _written + 1);
    }

    /// <summary>Takes an element; true in <paramref name="freed"/> when room was handed back.</summary>
    public T Read(out bool freed)
    {
        ref var slot = ref _slots[_read & _mask];
        var element = slot!;
        slot = default;
        _read++;
        freed = _read + _capacity - _granted >= _refill;
        if (freed)
            Volatile.Write(ref _granted, _read + _capacity);
        return element;
    }
}
