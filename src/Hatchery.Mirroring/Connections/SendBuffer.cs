using System.Buffers;
using Hatchery.Disks;

namespace Hatchery.Mirroring;

/// <summary>Frames that wait to be sent, one behind the other, in pieces: all that was queued while one is on its way goes with the next. Thread-safe; one reader.</summary>
internal sealed class SendBuffer(int maxBytes) : IDisposable
{
    private const int PieceBytes = 256 << 10;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _filled = new(0);
    private readonly Queue<byte[]> _full = new();
    private byte[]? _last;
    private int _lastCount;
    private byte[]? _sending;
    private bool _isEnded;

    /// <summary>False: too much waits, or nothing is sent any more.</summary>
    public bool TryAdd(LayerId cache, MirrorMessage message)
    {
        Span<byte> head = stackalloc byte[MirrorCodec.HeadMaxBytes];
        head = head[..MirrorCodec.WriteHead(cache, message, head)];
        var bytes = MirrorCodec.BytesOf(message).Span;
        lock (_gate)
        {
            var waiting = ((long)_full.Count * PieceBytes) + _lastCount;
            if (_isEnded || (waiting > 0 && waiting + head.Length + bytes.Length > maxBytes))
                return false;
            Add(head);
            Add(bytes);
            if (waiting == 0)
                _filled.Release();
        }
        return true;
    }

    /// <summary>The next that wait; valid up to the next call.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> TakeAsync(CancellationToken cancellation)
    {
        await _filled.WaitAsync(cancellation);
        lock (_gate)
        {
            Return(_sending);
            var count = PieceBytes;
            if (!_full.TryDequeue(out _sending))
                (_sending, count, _last, _lastCount) = (_last!, _lastCount, null, 0);
            if (_full.Count > 0 || _lastCount > 0)
                _filled.Release();
            return _sending.AsMemory(0, count);
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
            foreach (var piece in _full)
                Return(piece);
            Return(_last);
            Return(_sending);
            _full.Clear();
            (_last, _sending) = (null, null);
        }
    }

    private void Add(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            _last ??= ArrayPool<byte>.Shared.Rent(PieceBytes);
            var part = bytes[..Math.Min(bytes.Length, PieceBytes - _lastCount)];
            part.CopyTo(_last.AsSpan(_lastCount));
            bytes = bytes[part.Length..];
            _lastCount += part.Length;
            if (_lastCount < PieceBytes)
                continue;
            _full.Enqueue(_last);
            (_last, _lastCount) = (null, 0);
        }
    }

    private static void Return(byte[]? piece)
    {
        if (piece is not null)
            ArrayPool<byte>.Shared.Return(piece);
    }
}
