using System.Buffers;
using System.Runtime.InteropServices;

namespace Hatchery.Mirroring;

/// <summary>Bytes of messages that were received and are still in use, each in an array of its own. Thread-safe; one taker.</summary>
internal sealed class ReceiveWindow(int maxBytes)
{
    private readonly Lock _gate = new();
    private long _used;
    private TaskCompletionSource? _room;

    public long UsedBytes
    {
        get
        {
            lock (_gate)
                return _used;
        }
    }

    /// <summary>An array of at least that length, to be given back by <see cref="Release"/>; waits until there is room.</summary>
    public async ValueTask<byte[]> RentAsync(int bytes, CancellationToken cancellation)
    {
        var array = ArrayPool<byte>.Shared.Rent(bytes);
        while (!TryTake(array.Length, out var room))
            await room.WaitAsync(cancellation);
        return array;
    }

    /// <summary>A copy of bytes, to be given back by <see cref="Release"/>; waits until there is room.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> KeepAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        var array = await RentAsync(bytes.Length, cancellation);
        bytes.CopyTo(array);
        return array.AsMemory(0, bytes.Length);
    }

    /// <summary>Once for each array, by any part of it.</summary>
    public void Release(ReadOnlyMemory<byte> kept)
    {
        if (!MemoryMarshal.TryGetArray(kept, out var part))
            throw new ArgumentException("not of this window", nameof(kept));
        var array = part.Array!;
        ArrayPool<byte>.Shared.Return(array);
        TaskCompletionSource? room;
        lock (_gate)
        {
            _used -= array.Length;
            (room, _room) = (_room, null);
        }
        room?.SetResult();
    }

    private bool TryTake(int bytes, out Task room)
    {
        room = Task.CompletedTask;
        lock (_gate)
        {
            var hasRoom = _used == 0 || _used + bytes <= maxBytes;
            if (hasRoom)
                _used += bytes;
            else
                room = (_room ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            return hasRoom;
        }
    }
}
