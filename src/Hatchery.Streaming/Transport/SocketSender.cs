namespace Hatchery.Streaming.Transport;

/// <summary>Sends one batch of replies at a time, each in a single send where the socket takes it.</summary>
internal sealed class SocketSender : IDisposable
{
    private readonly PolledSocket _socket;
    private readonly Action _writable;
    private ReplyBatch? _batch;
    private int _segment;
    private int _skip;
    private bool _waiting;
    private volatile bool _isWritable;

    /// <param name="wake">Called from any thread when a send that had to wait may go on: <see cref="TryEnd"/> sends more.</param>
    public SocketSender(PolledSocket socket, Action wake)
    {
        _socket = socket;
        _writable = () =>
        {
            _isWritable = true;
            wake();
        };
    }

    public bool HasFailed { get; private set; }

    public bool IsSending => _batch is not null;

    /// <summary>Takes the batch over; true when it has left already.</summary>
    public bool Send(ReplyBatch batch)
    {
        (_batch, _segment, _skip) = (batch, 0, 0);
        return TryEnd();
    }

    /// <summary>True when the send under way has ended.</summary>
    public bool TryEnd()
    {
        if (_waiting && !_isWritable)
            return false;
        _waiting = false;
        while (_batch is { } batch && !HasFailed && _segment < batch.Segments.Length)
        {
            var sent = _socket.Send(batch.Segments[_segment..], _skip);
            if (sent == PolledSocket.Later)
            {
                _waiting = true;
                _isWritable = false;
                _socket.AwaitWritable(_writable);
                return false;
            }
            HasFailed = sent == PolledSocket.Broken;
            Advance(batch, Math.Max(0, sent));
        }
        Dispose();
        return true;
    }

    public void Dispose()
    {
        _batch?.Release();
        _batch = null;
    }

    private void Advance(ReplyBatch batch, int sent)
    {
        _skip += sent;
        while (_segment < batch.Segments.Length && _skip >= batch.Segments[_segment].Length)
            _skip -= batch.Segments[_segment++].Length;
    }
}
