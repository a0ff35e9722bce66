using System.Buffers.Binary;
using System.Net.Sockets;
using Akka.Actor;

namespace Akka.Remote.Transport;

/// <summary>What a peer sent is not what it may send.</summary>
internal sealed class ProtocolException(string message) : IOException(message);

/// <summary>
/// Frames over one socket, on threads of remoting's own: one may read and any may write. Blocking calls, so that the
/// runtime's thread pool, which user code may fill up, has no part in heartbeats.
/// </summary>
internal sealed class TcpConnection : IDisposable
{
    private readonly Socket _socket;
    private readonly Lock _writing = new();
    private readonly FrameBuffer _small = new();
    private Stream _stream;
    private byte[] _buffer = new byte[64 * 1024];
    private int _begin;
    private int _end;
    private int _closed;

    public TcpConnection(Socket socket)
    {
        _socket = socket;
        Peer = socket.RemoteEndPoint?.ToString() ?? "";
        _stream = new NetworkStream(socket, ownsSocket: false);
    }

    public string Peer { get; }

    public bool IsClosed => Volatile.Read(ref _closed) != 0;

    /// <summary>Longer frames are not read.</summary>
    public int LargestFrameBytes { get; set; } = Hello.LargestFrameBytes;

    /// <summary>True when the next frame is here already.</summary>
    public bool HasFrame =>
        _end - _begin >= FrameBuffer.LengthBytes
        && BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_begin)) <= _end - _begin - FrameBuffer.LengthBytes;

    public TimeSpan Timeout
    {
        set =>
            _socket.ReceiveTimeout =
                value == System.Threading.Timeout.InfiniteTimeSpan ? 0 : (int)value.TotalMilliseconds;
    }

    public TimeSpan WriteTimeout
    {
        set =>
            _socket.SendTimeout = value == System.Threading.Timeout.InfiniteTimeSpan ? 0 : (int)value.TotalMilliseconds;
    }

    /// <summary>A connection to a host.</summary>
    /// <exception cref="SocketException">It cannot be reached in time.</exception>
    public static TcpConnection Connect(TcpSettings settings, IScheduler scheduler, string host, int port)
    {
        var address = settings.Resolve(host);
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        // The socket blocks, in the system call, from here to its end: one that once did not would have the thread pool
        // wake its readers. So the time-out has to come from another thread.
        var late = false;
        var timeout = scheduler.Advanced.ScheduleOnceCancelable(
            settings.ConnectionTimeout,
            () =>
            {
                Volatile.Write(ref late, true);
                Abort(socket);
            }
        );
        try
        {
            settings.Apply(socket);
            socket.Connect(address, port);
            return new TcpConnection(socket);
        }
        catch (Exception cause)
        {
            socket.Dispose();
            if (Volatile.Read(ref late) && cause is SocketException or ObjectDisposedException or IOException)
                throw new SocketException((int)SocketError.TimedOut);
            throw;
        }
        finally
        {
            timeout.Cancel();
        }
    }

    /// <summary>Lets TLS, made on the bare stream, carry everything from now on.</summary>
    public void Secure(Func<Stream, Stream> tls) => _stream = tls(_stream);

    /// <summary>Waits for the first byte; false when the peer closes without one.</summary>
    /// <exception cref="SocketException">The connection broke, or nothing came in time.</exception>
    public bool BeginsToSpeak()
    {
        Span<byte> first = stackalloc byte[1];
        return _socket.Receive(first, SocketFlags.Peek) > 0;
    }

    /// <summary>The next frame; its body holds until the next call. False at the end of the stream.</summary>
    /// <exception cref="ProtocolException">The frame is longer than may be, or empty.</exception>
    /// <exception cref="IOException">The connection broke, or nothing came in time.</exception>
    public bool TryReadFrame(out FrameType type, out ReadOnlySpan<byte> body)
    {
        type = default;
        body = default;
        if (!Fill(FrameBuffer.LengthBytes))
            return false;
        var length = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_begin));
        if (length <= 0 || length > LargestFrameBytes)
            throw new ProtocolException(
                $"a frame of {(uint)length} bytes, where {LargestFrameBytes} may be: not this protocol, or a larger maximum-frame-size there"
            );
        if (!Fill(FrameBuffer.LengthBytes + length))
            throw new ProtocolException("the stream ended within a frame");
        type = (FrameType)_buffer[_begin + FrameBuffer.LengthBytes];
        body = _buffer.AsSpan(_begin + FrameBuffer.LengthBytes + 1, length - 1);
        _begin += FrameBuffer.LengthBytes + length;
        return true;
    }

    /// <summary>Sends all of a buffer and empties it.</summary>
    public void Write(FrameBuffer buffer)
    {
        lock (_writing)
            _stream.Write(buffer.Written);
        buffer.Clear();
    }

    /// <summary>Sends one small frame.</summary>
    public void Write<T>(T state, Action<FrameBuffer, T> frame)
    {
        lock (_writing)
        {
            frame(_small, state);
            _stream.Write(_small.Written);
            _small.Clear();
        }
    }

    public void SendHeartbeat() => Write(0, static (buffer, _) => Empty(buffer, FrameType.Heartbeat));

    public void SendAck(long sequence) =>
        Write(
            sequence,
            static (buffer, number) =>
            {
                buffer.Begin(FrameType.Ack);
                buffer.Int64(number);
                buffer.End();
            }
        );

    /// <summary>Says why and closes; never waits for a peer that does not read.</summary>
    public void CloseWith(GoodbyeReason reason)
    {
        try
        {
            if (_writing.TryEnter())
            {
                try
                {
                    _socket.SendTimeout = 200;
                    _small.Begin(FrameType.Goodbye);
                    _small.Byte((byte)reason);
                    _small.End();
                    _stream.Write(_small.Written);
                }
                finally
                {
                    _small.Clear();
                    _writing.Exit();
                }
            }
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // There is nobody to be told any more.
        }
        Dispose();
    }

    /// <summary>Ends reads and writes of any thread.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0)
            Abort(_socket);
    }

    private static void Abort(Socket socket)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // The peer was first.
        }
        socket.Dispose();
    }

    private static void Empty(FrameBuffer buffer, FrameType type)
    {
        buffer.Begin(type);
        buffer.End();
    }

    private bool Fill(int count)
    {
        if (_end - _begin >= count)
            return true;
        if (_begin > 0)
        {
            _buffer.AsSpan(_begin, _end - _begin).CopyTo(_buffer);
            _end -= _begin;
            _begin = 0;
        }
        if (_buffer.Length < count)
            Array.Resize(
                ref _buffer,
                Math.Max(count, Math.Min(_buffer.Length * 2, LargestFrameBytes + FrameBuffer.LengthBytes))
            );
        while (_end < count)
        {
            var read = _stream.Read(_buffer, _end, _buffer.Length - _end);
            if (read == 0)
            {
                if (_end > 0)
                    throw new ProtocolException("the stream ended within a frame");
                return false;
            }
            _end += read;
        }
        return true;
    }
}
