namespace Hatchery.Streaming.Transport;

/// <summary>Reads a socket into pooled buffers and cuts what came at the ends of requests. While nothing comes it holds no buffer.</summary>
internal sealed class SocketReceiver : IDisposable
{
    private const int BufferBytes = 256 * 1024;
    private const int LeastRoom = 4096;

    private readonly PolledSocket _socket;
    private readonly ConnectionEngine _engine;
    private readonly Action _readable;
    private PooledBuffer? _buffer;
    private int _start;
    private int _end;
    private int _wanted;
    private bool _waiting;
    private volatile bool _isReadable;

    /// <param name="wake">Called from any thread when <see cref="TryTake"/> may have more.</param>
    public SocketReceiver(PolledSocket socket, ConnectionEngine engine, Action wake)
    {
        (_socket, _engine) = (socket, engine);
        _readable = () =>
        {
            _isReadable = true;
            wake();
        };
    }

    /// <summary>The peer closed, or the socket failed.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Nothing has come since the socket was found empty.</summary>
    public bool IsWaiting => _waiting && !_isReadable;

    /// <summary>All whole requests at hand; null when there are none yet: the wake-up tells when to ask again.</summary>
    public ReceivedBatch? TryTake()
    {
        while (!HasEnded && !IsWaiting)
        {
            if (Cut() is { } batch)
                return batch;
            Receive();
        }
        return null;
    }

    public void Dispose()
    {
        HasEnded = true;
        DropBuffer();
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
        var count = _socket.Receive(_buffer!.Array.AsSpan(_end));
        _waiting = count == PolledSocket.Later;
        if (count > 0)
        {
            _end += count;
            return;
        }
        if (!_waiting)
        {
            HasEnded = true;
            return;
        }
        if (_start == _end)
            DropBuffer();
        _isReadable = false;
        _socket.AwaitReadable(_readable);
    }

    private void DropBuffer()
    {
        _buffer?.Release();
        (_buffer, _start, _end) = (null, 0, 0);
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
