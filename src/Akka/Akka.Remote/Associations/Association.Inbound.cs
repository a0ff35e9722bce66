using System.Net.Sockets;
using Akka.Event;
using Akka.Remote.Transport;

namespace Akka.Remote.Associations;

internal sealed partial class Association
{
    // What an old connection may still need to hand over what it has read.
    private static readonly TimeSpan HandOver = TimeSpan.FromSeconds(5);

    /// <summary>Takes the connection that the other system opened, in place of one before it; null when it may talk.</summary>
    public HandshakeAnswer.Refusal? Accept(TcpConnection connection, int uid)
    {
        TcpConnection? old;
        Thread? oldReceiver;
        lock (_lock)
        {
            if (IsQuarantined(uid))
                return new HandshakeAnswer.Refusal(
                    RefusalReason.Quarantined,
                    $"{remoting.DefaultAddress} has quarantined this start of {Remote}; it has to be started again"
                );
            (old, oldReceiver) = (_inbound, _receiver);
        }
        // One thread at a time hands over the messages of one system, or their order were lost.
        old?.Dispose();
        if (oldReceiver?.Join(HandOver) == false)
            return new HandshakeAnswer.Refusal(RefusalReason.Busy, "the connection before this one has not ended yet");
        TcpConnection? outbound = null;
        lock (_lock)
        {
            if (_stopping)
                return new HandshakeAnswer.Refusal(RefusalReason.ShuttingDown, $"{remoting.DefaultAddress} shuts down");
            if (_receiver is not null)
                return new HandshakeAnswer.Refusal(RefusalReason.Busy, "another connection was faster");
            _inbound = connection;
            _receiver = Thread.CurrentThread;
        }
        if (!MeetPeer(uid, out var restarted))
        {
            LeaveInbound(connection);
            return new HandshakeAnswer.Refusal(RefusalReason.Quarantined, "quarantined");
        }
        lock (_lock)
        {
            // The numbers of system messages are those of one start.
            if (_lastDeliveredOf != uid)
                (_lastDeliveredOf, _lastDelivered) = (uid, 0);
            // It is there: what was not tried for a while is tried again.
            _gatedUntil = 0;
            if (restarted is not null)
                outbound = _connection;
            Monitor.PulseAll(_lock);
        }
        outbound?.Dispose();
        if (restarted is { } before)
            Restarted(before);
        return null;
    }

    /// <summary>Says welcome, and reads until the connection ends.</summary>
    public void Receive(TcpConnection connection)
    {
        try
        {
            // Beside the payload there are two paths, at most as long as those of a greeting.
            connection.LargestFrameBytes = remoting.Tcp.MaximumFrameSizeBytes + (2 * Hello.LargestFrameBytes);
            connection.Timeout = remoting.Tcp.AcceptableSilence;
            var welcome = new FrameBuffer();
            new HandshakeAnswer.Welcome(remoting.Uid, remoting.Tcp.MaximumFrameSizeBytes).Write(welcome);
            connection.Write(welcome);
            connection.WriteTimeout = System.Threading.Timeout.InfiniteTimeSpan;
            remoting.Events.Notify(new AssociatedEvent(remoting.DefaultAddress, Remote, inbound: true));
            ReadFrames(connection);
        }
        catch (Exception broken) when (broken is IOException or SocketException or InvalidOperationException)
        {
            if (broken is ProtocolException)
                remoting.PeerTrouble.Write(LogLevel.WarningLevel, $"{Remote} is cut off: {broken.Message}");
            else
                remoting.Log.Debug("connection of {0} ended: {1}", Remote, broken.Message);
        }
        finally
        {
            connection.Dispose();
            LeaveInbound(connection);
        }
        remoting.Events.Notify(new DisassociatedEvent(remoting.DefaultAddress, Remote, inbound: true));
    }

    private void LeaveInbound(TcpConnection connection)
    {
        lock (_lock)
        {
            if (_inbound == connection)
                _inbound = null;
            if (_receiver == Thread.CurrentThread)
                _receiver = null;
        }
    }

    private void ReadFrames(TcpConnection connection)
    {
        var envelopes = new EnvelopeReader(remoting.Provider, remoting.DefaultAddress);
        var acknowledge = false;
        while (connection.TryReadFrame(out var type, out var body))
        {
            var reader = new FrameReader(body);
            switch (type)
            {
                case FrameType.Message when envelopes.TryRead(ref reader, out var envelope):
                    remoting.Inbound.Dispatch(envelope, Remote);
                    break;
                case FrameType.SystemMessage
                    when reader.TryInt64(out var sequence) && envelopes.TryRead(ref reader, out var envelope):
                    acknowledge = true;
                    if (sequence > _lastDelivered)
                    {
                        remoting.Inbound.Dispatch(envelope, Remote);
                        _lastDelivered = sequence;
                    }
                    break;
                case FrameType.ForgetReferences:
                    envelopes.ForgetReferences();
                    break;
                case FrameType.Heartbeat:
                    connection.SendHeartbeat();
                    break;
                case FrameType.Goodbye when reader.TryByte(out var reason):
                    PeerLeaves((GoodbyeReason)reason);
                    break;
                default:
                    throw new ProtocolException($"a frame of type {(byte)type} that cannot be read");
            }
            // When nothing more is here at the moment: one answer for all that came together.
            if (acknowledge && !connection.HasFrame)
            {
                connection.SendAck(_lastDelivered);
                acknowledge = false;
            }
        }
    }
}
