using System.Buffers;
using System.Runtime.InteropServices;

namespace Hatchery.Mirroring;

/// <summary>Arrays of received bytes, each in use by its reader and by the messages whose bytes lie in it. Thread-safe; one reader.</summary>
internal sealed class ReceiveWindow(int maxBytes)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<byte[], int> _holds = [];
    private byte[]? _reading;
    private long _used;
    private TaskCompletionSource? _room;

    /// <summary>Of arrays that messages hold, without the one that is read to.</summary>
    public long UsedBytes
    {
        get
        {
            lock (_gate)
                return _used;
        }
    }

    /// <summary>An array of at least that length to read to, in place of the one before; waits until messages hold no more than they may.</summary>
    public async ValueTask<byte[]> RentAsync(int bytes, CancellationToken cancellation)
    {
        while (!LetGo(out var room))
            await room.WaitAsync(cancellation);
        var array = ArrayPool<byte>.Shared.Rent(bytes);
        lock (_gate)
            (_reading, _holds[array]) = (array, 1);
        return array;
    }

    /// <summary>Bytes of the array that is read to are a message's, who is to <see cref="Release"/> them.</summary>
    public void Hold()
    {
        lock (_gate)
            _holds[_reading!]++;
    }

    /// <summary>No message holds the array that is read to: it may be filled anew.</summary>
    public bool IsFree
    {
        get
        {
            lock (_gate)
                return _holds[_reading!] == 1;
        }
    }

    /// <summary>Once for each hold, by any part of the array.</summary>
    public void Release(ReadOnlyMemory<byte> held)
    {
        if (!MemoryMarshal.TryGetArray(held, out var part))
            throw new ArgumentException("not of this window", nameof(held));
        TaskCompletionSource? room;
        lock (_gate)
        {
            Release(part.Array!);
            (room, _room) = (_room, null);
        }
        room?.SetResult();
    }

    /// <summary>Nothing is read any more.</summary>
    public void End() => LetGo(out _);

    private void Release(byte[] array)
    {
        if (--_holds[array] > 0)
            return;
        _holds.Remove(array);
        if (array != _reading)
            _used -= array.Length;
        ArrayPool<byte>.Shared.Return(array);
    }

    /// <summary>What is not read to any more counts as used while messages hold it.</summary>
    private bool LetGo(out Task room)
    {
        room = Task.CompletedTask;
        lock (_gate)
        {
            if (_reading is { } array)
            {
                _reading = null;
                _used += array.Length;
                Release(array);
            }
            if (_used <= maxBytes)
                return true;
            room = (_room ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            return false;
        }
    }
}
