using System.Buffers;
using Hatchery.Disks;

namespace Hatchery.Mirroring;

/// <summary>Frames that wait to be sent, one behind the other: all that was queued while one batch is on its way goes with the next. Thread-safe; one reader.</summary>
internal sealed class SendBuffer(int maxBytes) : IDisposable
{
    private const int KeptBytes = 256 << 10;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _filled = new(0);
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(KeptBytes);
    private byte[]? _sending;
    private int _count;
    private bool _isEnded;

    /// <summary>False: too much waits, or nothing is sent any more.</summary>
    public bool TryAdd(LayerId cache, MirrorMessage message)
    {
        var bytes = MirrorCodec.BytesOf(message).Span;
        var most = MirrorCodec.HeadMaxBytes + bytes.Length;
        lock (_gate)
        {
            if (_isEnded || (_count > 0 && _count + most > maxBytes))
                return false;
            Reserve(_count + most);
            var head = MirrorCodec.WriteHead(cache, message, _buffer.AsSpan(_count));
            bytes.CopyTo(_buffer.AsSpan(_count + head));
            var isFirst = _count == 0;
            _count += head + bytes.Length;
            if (isFirst)
                _filled.Release();
        }
        return true;
    }

    /// <summary>Everything that waits; valid up to the next call.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> TakeAsync(CancellationToken cancellation)
    {
        await _filled.WaitAsync(cancellation);
        lock (_gate)
        {
            var next = _sending is { } used && used.Length <= 2 * KeptBytes ? used : null;
            if (next is null && _sending is not null)
                ArrayPool<byte>.Shared.Return(_sending);
            var (taken, count) = (_buffer, _count);
            (_buffer, _count, _sending) = (next ?? ArrayPool<byte>.Shared.Rent(KeptBytes), 0, taken);
            return taken.AsMemory(0, count);
        }
    }

    /// <summary>The reader has ended.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isEnded)
                return;
            _isEnded = true;
            ArrayPool<byte>.Shared.Return(_buffer);
            if (_sending is not null)
                ArrayPool<byte>.Shared.Return(_sending);
            (_buffer, _sending, _count) = ([], null, 0);
        }
    }

    private void Reserve(int bytes)
    {
        if (bytes <= _buffer.Length)
            return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(bytes, (int)Math.Min(2L * _buffer.Length, int.MaxValue / 2)));
        _buffer.AsSpan(0, _count).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
