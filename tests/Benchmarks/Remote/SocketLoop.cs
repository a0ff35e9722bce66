using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Hatchery.Benchmarks;

/// <summary>Two threads and a socket: frames with their length, batched as they come, copied out one by one, counted and answered.</summary>
internal sealed class SocketLoop : IDisposable
{
    private const int LengthBytes = 4;
    private const int BatchBytes = 64 * 1024;

    // What an address, a serializer and a type take beside the payload.
    private const int HeaderBytes = 16;

    private readonly Socket _near;
    private readonly Socket _far;
    private readonly int _payloadBytes;
    private readonly byte[] _batch = new byte[BatchBytes];
    private readonly byte[] _answers = new byte[BatchBytes];
    private int _answersEnd;

    public SocketLoop(int payloadBytes)
    {
        _payloadBytes = payloadBytes;
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        _near = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _near.Connect(listener.LocalEndPoint!);
        _far = listener.Accept();
        _far.NoDelay = true;
        new Thread(Serve) { IsBackground = true }.Start();
    }

    private int FrameBytes => LengthBytes + HeaderBytes + _payloadBytes;

    /// <summary>Sends so many frames; each <paramref name="perAnswer"/> of them are answered, and two answers may be missing.</summary>
    public void Send(int count, int perAnswer)
    {
        var answersDue = 0;
        var used = 0;
        for (var i = 1; i <= count; i++)
        {
            // The first byte asks for an answer.
            Write(_batch.AsSpan(used, FrameBytes), i % perAnswer == 0);
            used += FrameBytes;
            if (i % perAnswer == 0)
                answersDue++;
            if (i != count && used + FrameBytes <= BatchBytes)
                continue;
            _near.Send(_batch, 0, used, SocketFlags.None);
            used = 0;
            while (answersDue > (i == count ? 0 : 1))
            {
                Take();
                answersDue--;
            }
        }
    }

    /// <summary>Sends so many frames and waits each time for the answer.</summary>
    public void Turn(int count)
    {
        for (var i = 0; i < count; i++)
        {
            Write(_batch.AsSpan(0, FrameBytes), asks: true);
            _near.Send(_batch, 0, FrameBytes, SocketFlags.None);
            Take();
        }
    }

    public void Dispose()
    {
        _near.Dispose();
        _far.Dispose();
    }

    private void Write(Span<byte> frame, bool asks)
    {
        BinaryPrimitives.WriteInt32BigEndian(frame, FrameBytes - LengthBytes);
        frame[LengthBytes] = asks ? (byte)1 : (byte)0;
    }

    private void Take()
    {
        while (_answersEnd < FrameBytes)
            _answersEnd += _near.Receive(_answers, _answersEnd, BatchBytes - _answersEnd, SocketFlags.None);
        _answersEnd -= FrameBytes;
        _answers.AsSpan(FrameBytes, _answersEnd).CopyTo(_answers);
    }

    private void Serve()
    {
        var buffer = new byte[BatchBytes];
        var answer = new byte[FrameBytes];
        Write(answer, asks: false);
        var end = 0;
        try
        {
            while (_far.Receive(buffer, end, buffer.Length - end, SocketFlags.None) is > 0 and var read)
            {
                end += read;
                var begin = 0;
                for (; end - begin >= FrameBytes; begin += FrameBytes)
                {
                    var payload = buffer.AsSpan(begin + LengthBytes + HeaderBytes, _payloadBytes).ToArray();
                    if (buffer[begin + LengthBytes] == 1 && payload.Length == _payloadBytes)
                        _far.Send(answer);
                }
                buffer.AsSpan(begin, end - begin).CopyTo(buffer);
                end -= begin;
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
        {
            // The benchmark is over.
        }
    }
}
