using System.Buffers;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Hatchery.Streaming.Transport;

/// <summary>A connected socket whose calls never wait; it tells once when it is worth to try again. The socket stays the caller's.</summary>
internal sealed unsafe class PolledSocket : IDisposable
{
    /// <summary>What a call answers when it would have to wait.</summary>
    public const int Later = -1;

    /// <summary>What a call answers when the connection is over.</summary>
    public const int Broken = -2;

    /// <summary>Stretches that one send takes at most.</summary>
    public const int StretchesMax = 64;

    [ThreadStatic]
    private static MemoryHandle[]? t_pins;

    private readonly SafeSocketHandle _handle;
    private readonly Lock _gate = new();
    private readonly long _id;
    private Action? _reader;
    private Action? _writer;
    private bool _isAdded;
    private bool _isDisposed;

    public PolledSocket(Socket socket)
    {
        socket.Blocking = false;
        _handle = socket.SafeHandle;
        _id = SocketPoller.Shared.Add(this);
    }

    /// <returns>Bytes received, 0 at the peer's end, <see cref="Later"/> or <see cref="Broken"/>.</returns>
    public int Receive(Span<byte> destination)
    {
        fixed (byte* start = destination)
        {
            while (true)
            {
                nint count;
                try
                {
                    count = SocketCalls.Receive(_handle, start, destination.Length, flags: 0);
                }
                catch (ObjectDisposedException)
                {
                    return Broken;
                }
                if (count >= 0)
                    return (int)count;
                if (Marshal.GetLastPInvokeError() is var error and not SocketCalls.Interrupted)
                    return error == SocketCalls.WouldBlock ? Later : Broken;
            }
        }
    }

    /// <summary>Sends as much as the socket takes at once, from the first <see cref="StretchesMax"/> stretches.</summary>
    /// <param name="skipBytes">How much of the first stretch has left already.</param>
    /// <returns>Bytes sent, <see cref="Later"/> or <see cref="Broken"/>.</returns>
    public int Send(ReadOnlySpan<Segment> stretches, int skipBytes)
    {
        var count = Math.Min(stretches.Length, StretchesMax);
        var vectors = stackalloc SocketCalls.IoVector[count];
        var pins = t_pins ??= new MemoryHandle[StretchesMax];
        for (var i = 0; i < count; i++)
        {
            var skip = i == 0 ? skipBytes : 0;
            pins[i] = stretches[i].Memory.Pin();
            vectors[i].Start = (byte*)pins[i].Pointer + skip;
            vectors[i].Length = stretches[i].Length - skip;
        }
        try
        {
            return Send(new SocketCalls.MessageHeader { Vectors = vectors, VectorCount = count });
        }
        finally
        {
            for (var i = 0; i < count; i++)
                pins[i].Dispose();
        }
    }

    /// <summary>Has <paramref name="wake"/> called once, from any thread, when <see cref="Receive"/> has something to say.</summary>
    public void AwaitReadable(Action wake)
    {
        lock (_gate)
        {
            _reader = wake;
            Arm();
        }
    }

    /// <summary>Has <paramref name="wake"/> called once, from any thread, when <see cref="Send"/> has something to say.</summary>
    public void AwaitWritable(Action wake)
    {
        lock (_gate)
        {
            _writer = wake;
            Arm();
        }
    }

    public void Ready(uint events)
    {
        Action? reader = null;
        Action? writer = null;
        lock (_gate)
        {
            const uint Over = SocketCalls.EpollError | SocketCalls.EpollHangUp;
            if ((events & (SocketCalls.EpollIn | Over)) != 0)
                (reader, _reader) = (_reader, null);
            if ((events & (SocketCalls.EpollOut | Over)) != 0)
                (writer, _writer) = (_writer, null);
            if (_reader is not null || _writer is not null)
                Arm();
        }
        reader?.Invoke();
        writer?.Invoke();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            (_reader, _writer) = (null, null);
            SocketPoller.Shared.Remove(_id);
            if (_isAdded && !_handle.IsClosed)
                SocketPoller.Shared.TryControl(SocketCalls.EpollRemove, _handle, _id, events: 0);
        }
    }

    private int Send(SocketCalls.MessageHeader message)
    {
        while (true)
        {
            nint sent;
            try
            {
                sent = SocketCalls.Send(_handle, &message, SocketCalls.NoSignal);
            }
            catch (ObjectDisposedException)
            {
                return Broken;
            }
            if (sent >= 0)
                return (int)sent;
            if (Marshal.GetLastPInvokeError() is var error and not SocketCalls.Interrupted)
                return error == SocketCalls.WouldBlock ? Later : Broken;
        }
    }

    private void Arm()
    {
        if (_isDisposed)
            return;
        var events = (_reader is null ? 0 : SocketCalls.EpollIn) | (_writer is null ? 0 : SocketCalls.EpollOut);
        try
        {
            var operation = _isAdded ? SocketCalls.EpollModify : SocketCalls.EpollAdd;
            _isAdded = SocketPoller.Shared.TryControl(operation, _handle, _id, events);
        }
        catch (ObjectDisposedException)
        {
            // Whoever closed the socket ends the connection.
        }
    }
}
