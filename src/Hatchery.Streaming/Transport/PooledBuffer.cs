using System.Buffers;

namespace Hatchery.Streaming.Transport;

/// <summary>A rented array that goes back to its pool when the last of its holders releases it; thread-safe.</summary>
internal sealed class PooledBuffer
{
    private byte[]? _array;
    private int _holders = 1;

    private PooledBuffer(byte[] array) => _array = array;

    public byte[] Array => _array ?? throw new ObjectDisposedException(nameof(PooledBuffer));

    public int Length => Array.Length;

    /// <summary>The caller is the only holder, so what the buffer contains may be overwritten.</summary>
    public bool IsSole => Volatile.Read(ref _holders) == 1;

    public static PooledBuffer Rent(int leastBytes) => new(ArrayPool<byte>.Shared.Rent(leastBytes));

    public void Retain() => Interlocked.Increment(ref _holders);

    public void Release()
    {
        var left = Interlocked.Decrement(ref _holders);
        if (left == 0)
            ArrayPool<byte>.Shared.Return(Interlocked.Exchange(ref _array, null)!);
        ObjectDisposedException.ThrowIf(left < 0, this);
    }
}

/// <summary>A stretch of a buffer together with one hold on it, which whoever has the segment owns.</summary>
internal readonly record struct Segment(PooledBuffer Buffer, int Offset, int Length)
{
    public Memory<byte> Memory => new(Buffer.Array, Offset, Length);

    public Span<byte> Span => new(Buffer.Array, Offset, Length);

    public void Release() => Buffer.Release();
}
