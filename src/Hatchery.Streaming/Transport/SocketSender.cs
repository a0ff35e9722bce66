using System.Net.Sockets;

namespace Hatchery.Streaming.Transport;

/// <summary>Sends one batch of replies at a time, each in a single send.</summary>
internal sealed class SocketSender : IDisposable
{
    private readonly Socket _socket;
    private readonly SocketAsyncEventArgs _send = new();
    private readonly List<ArraySegment<byte>> _list = [];
    private ReplyBatch? _batch;
    private volatile bool _left;
    private bool _disposed;

    /// <param name="wake">Called from any thread when a send that had to wait has ended.</param>
    public SocketSender(Socket socket, Action wake)
    {
        _socket = socket;
        _send.Completed += (_, _) =>
        {
            _left = true;
            wake();
        };
    }

    public bool HasFailed { get; private set; }

    public bool IsSending => _batch is not null;

    /// <summary>Takes the batch over; true when it has left already.</summary>
    public bool Send(ReplyBatch batch)
    {
        _batch = batch;
        _left = false;
        try
        {
            Fill(batch);
            if (_socket.SendAsync(_send))
                return false;
        }
        catch (Exception closed) when (closed is ObjectDisposedException or SocketException)
        {
            HasFailed = true;
        }
        _left = true;
        return TryEnd();
    }

    /// <summary>True when the send under way has ended.</summary>
    public bool TryEnd()
    {
        if (_batch is null || !_left)
            return _batch is null;
        if (_send.SocketError != SocketError.Success || _send.BytesTransferred != _batch.Bytes)
            HasFailed = true;
        _batch.Release();
        _batch = null;
        return true;
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        // A send under way still reads the buffers: then they are left to the collector, not to the pool.
        if (_batch is not null && !_left)
            return;
        _batch?.Release();
        _batch = null;
        _send.Dispose();
    }

    private void Fill(ReplyBatch batch)
    {
        if (batch.Segments.Count == 1)
        {
            var only = batch.Segments[0];
            _send.BufferList = null;
            _send.SetBuffer(only.Buffer.Array, only.Offset, only.Length);
            return;
        }
        _list.Clear();
        foreach (var segment in batch.Segments)
            _list.Add(new(segment.Buffer.Array, segment.Offset, segment.Length));
        _send.SetBuffer(null, 0, 0);
        _send.BufferList = _list;
    }
}
