using System.Buffers;
using Hatchery.Disks;

namespace Hatchery.Mirroring;

internal enum SendOutcome
{
    /// <summary>Too much waits, or nothing is sent any more.</summary>
    Refused,

    /// <summary>Whoever takes gets it, too.</summary>
    Queued,

    /// <summary>Nobody takes: the caller sees to it that all is taken.</summary>
    First,
}

/// <summary>Frames that wait to be sent, in order: small ones behind one another in pieces, large ones where they lie. Thread-safe; one taker at a time.</summary>
internal sealed class SendBuffer(int maxBytes) : IDisposable
{
    private const int PieceBytes = 64 << 10;

    // Less than this is copied: a piece of its own costs more.
    private const int LargeBytes = 8 << 10;

    private readonly Lock _gate = new();
    private readonly Queue<Piece> _full = new();
    private byte[]? _last;
    private int _lastCount;
    private long _waiting;
    private Piece _taken;
    private bool _isTaken;
    private bool _isEnded;

    /// <summary>Bytes that nobody has taken yet.</summary>
    public long WaitingBytes => Volatile.Read(ref _waiting);

    /// <param name="frame">Where the message's bytes lie; null: they are copied.</param>
    public SendOutcome Add(LayerId cache, MirrorMessage message, FrameBytes? frame)
    {
        Span<byte> head = stackalloc byte[MirrorCodec.HeadMaxBytes];
        head = head[..MirrorCodec.WriteHead(cache, message, head)];
        var bytes = MirrorCodec.BytesOf(message).Span;
        lock (_gate)
        {
            var size = head.Length + bytes.Length;
            if (_isEnded || (_waiting > 0 && _waiting + size > maxBytes))
                return SendOutcome.Refused;
            _waiting += size;
            if (frame is not null && size >= LargeBytes)
            {
                EndPiece();
                frame.Hold();
                _full.Enqueue(new(frame.Framed(head), null, frame));
            }
            else
            {
                Copy(head);
                Copy(bytes);
            }
            if (_isTaken)
                return SendOutcome.Queued;
            _isTaken = true;
            return SendOutcome.First;
        }
    }

    /// <summary>The next that wait, valid up to the next call; empty: nothing waits, and the next to add something is the first again.</summary>
    public ReadOnlyMemory<byte> Take()
    {
        lock (_gate)
        {
            _taken.Release();
            if (_full.Count == 0)
                EndPiece();
            _isTaken = !_isEnded && _full.TryDequeue(out _taken);
            if (!_isTaken)
                _taken = default;
            _waiting -= _taken.Bytes.Length;
            return _taken.Bytes;
        }
    }

    /// <summary>Nobody takes any more.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isEnded)
                return;
            _isEnded = true;
            EndPiece();
            foreach (var piece in _full)
                piece.Release();
            _full.Clear();
            _taken.Release();
            _taken = default;
        }
    }

    private void Copy(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            _last ??= ArrayPool<byte>.Shared.Rent(PieceBytes);
            var part = bytes[..Math.Min(bytes.Length, PieceBytes - _lastCount)];
            part.CopyTo(_last.AsSpan(_lastCount));
            bytes = bytes[part.Length..];
            _lastCount += part.Length;
            if (_lastCount == PieceBytes)
                EndPiece();
        }
    }

    private void EndPiece()
    {
        if (_last is not null)
            _full.Enqueue(new(_last.AsMemory(0, _lastCount), _last, null));
        (_last, _lastCount) = (null, 0);
    }

    private readonly record struct Piece(ReadOnlyMemory<byte> Bytes, byte[]? Pooled, FrameBytes? Frame)
    {
        public void Release()
        {
            if (Pooled is not null)
                ArrayPool<byte>.Shared.Return(Pooled);
            Frame?.Release();
        }
    }
}
