using System.Net.Sockets;

namespace Hatchery.Streaming.Transport;

/// <summary>Reads a socket into pooled buffers and cuts what came at the ends of requests.</summary>
internal sealed class SocketReceiver : IDisposable
{
    private const int BufferBytes = 256 * 1024;
    private const int LeastRoom = 4096;

    private readonly Socket _socket;
    private readonly ConnectionEngine _engine;
    private readonly SocketAsyncEventArgs _receive = new();
    private PooledBuffer? _buffer;
    private int _start;
    private int _end;
    private int _wanted;
    private bool _receiving;
    private volatile bool _arrived;
    private bool _disposed;

    /// <param name="wake">Called from any thread when <see cref="TryTake"/> may have more.</param>
    public SocketReceiver(Socket socket, ConnectionEngine engine, Action wake)
    {
        (_socket, _engine) = (socket, engine);
        _receive.Completed += (_, _) =>
        {
            _arrived = true;
            wake();
        };
    }

    /// <summary>The peer closed, or the socket failed.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>A receive is under way and nothing came of it yet.</summary>
    public bool IsWaiting => _receiving && !_arrived;

    /// <summary>All whole requests at hand; null when there are none yet: the wake-up tells when to ask again.</summary>
    public ReceivedBatch? TryTake()
    {
        while (!HasEnded)
        {
            if (_receiving)
            {
                if (!_arrived)
                    return null;
                Arrived();
                continue;
            }
            if (Cut() is { } batch)
                return batch;
            Receive();
        }
        return null;
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        // A receive under way still writes into the buffer: then it is left to the collector, not to the pool.
        if (!_receiving || _arrived)
        {
            _buffer?.Release();
            _receive.Dispose();
        }
        _buffer = null;
    }

    private ReceivedBatch? Cut()
    {
        var at = _start;
        _wanted = 0;
        while (_buffer is not null && at < _end)
        {
            var length = _engine.Measure(_buffer.Array.AsSpan(at, _end - at));
            if (length == 0 || length > _end - at)
            {
                _wanted = length;
                break;
            }
            at += length;
            if (_engine.IsOneAtATime)
                break;
        }
        if (at == _start)
            return null;
        _buffer!.Retain();
        var batch = new ReceivedBatch(new(_buffer, _start, at - _start));
        _start = at;
        return batch;
    }

    private void Receive()
    {
        MakeRoom();
        _receive.SetBuffer(_buffer!.Array, _end, _buffer.Length - _end);
        _arrived = false;
        _receiving = true;
        try
        {
            if (!_socket.ReceiveAsync(_receive))
                _arrived = true;
        }
        catch (Exception closed) when (closed is ObjectDisposedException or SocketException)
        {
            (_receiving, HasEnded) = (false, true);
        }
    }

    private void Arrived()
    {
        _receiving = false;
        if (_receive.SocketError != SocketError.Success || _receive.BytesTransferred == 0)
            HasEnded = true;
        else
            _end += _receive.BytesTransferred;
    }

    /// <summary>Keeps the beginning of a request that is not whole, in a buffer that holds all of it.</summary>
    private void MakeRoom()
    {
        var partial = _end - _start;
        if (partial == 0 && _buffer is { IsSole: true })
            _start = _end = 0;
        var needed = Math.Max(_wanted, partial + LeastRoom);
        if (_buffer is not null && _buffer.Length - _start >= needed && _buffer.Length - _end > 0)
            return;
        var larger = PooledBuffer.Rent(Math.Max(needed, BufferBytes));
        if (partial > 0)
            _buffer!.Array.AsSpan(_start, partial).CopyTo(larger.Array);
        _buffer?.Release();
        (_buffer, _start, _end) = (larger, 0, partial);
    }
}
