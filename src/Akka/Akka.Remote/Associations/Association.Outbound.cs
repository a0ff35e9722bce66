using System.Diagnostics;
using Akka.Event;
using Akka.Remote.Transport;

namespace Akka.Remote.Associations;

internal sealed partial class Association
{
    private const int FlushAtBytes = 64 * 1024;
    private const int BatchMessages = 256;

    // How long a thread with no connection and nothing to do stays.
    private static readonly TimeSpan IdleBeforeEnd = TimeSpan.FromSeconds(5);

    private readonly List<OutboundMessage> _batch = [];
    private bool _senderWaits;
    private bool _sending;
    private int _largestPayload;

    private void WakeSender()
    {
        if (_sender is null)
        {
            _sender = new Thread(SendLoop) { IsBackground = true, Name = $"akka-remote to {Remote.HostPort()}" };
            _sender.Start();
        }
        else if (_senderWaits)
        {
            // Once is enough, and it takes its time to get the lock.
            _senderWaits = false;
            Monitor.PulseAll(_lock);
        }
    }

    private void SendLoop()
    {
        while (WaitForWork())
        {
            if (Connect(out var uid) is { } connection)
                Pump(connection, uid);
        }
    }

    /// <summary>Waits until there is a reason to connect; false when the thread is to end.</summary>
    private bool WaitForWork()
    {
        lock (_lock)
        {
            while (!_stopping)
            {
                GiveUpOldSystemMessages();
                if (!IsGated && (HasMessages || _unacknowledged.Count > 0))
                    return true;
                var gate = _gatedUntil == 0 ? TimeSpan.Zero : TimeLeft(_gatedUntil);
                var pending = _unacknowledged.Count > 0;
                if (!WaitFor(pending && gate > TimeSpan.Zero ? gate : IdleBeforeEnd) && !pending && !HasMessages)
                    break;
            }
            _sender = null;
            Monitor.PulseAll(_lock);
            return false;
        }
    }

    private bool WaitFor(TimeSpan time)
    {
        _senderWaits = true;
        // Whoever waits for this thread to be done looks again.
        Monitor.PulseAll(_lock);
        var woken = Monitor.Wait(_lock, time);
        _senderWaits = false;
        return woken;
    }

    private static TimeSpan TimeLeft(long until)
    {
        var left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), until);
        return left > TimeSpan.FromMilliseconds(1) ? left : TimeSpan.FromMilliseconds(1);
    }

    private void GiveUpOldSystemMessages()
    {
        if (!_unacknowledged.TryPeek(out var oldest))
            return;
        var limit =
            _reached && !IsPeerQuarantined
                ? Settings.QuarantineSilentSystemTimeout
                : Settings.InitialSysMsgDeliveryTimeout;
        if (Stopwatch.GetElapsedTime(oldest.SinceTicks) < limit)
            return;
        remoting.Log.Error(
            "{0} system messages for {1} could not be delivered within {2}: they are given up",
            _unacknowledged.Count,
            Remote,
            limit
        );
        ForgetSystemMessages();
        // Outside the lock, on a thread that may wait.
        if (_uid is { } uid)
            ThreadPool.UnsafeQueueUserWorkItem(_ => Quarantine(uid), null);
    }

    private TcpConnection? Connect(out int uid)
    {
        TcpConnection? connection = null;
        uid = 0;
        try
        {
            connection = TcpConnection.Connect(remoting.Tcp, remoting.System.Scheduler, Remote.Host!, Remote.Port ?? 0);
            connection.Timeout = remoting.Tcp.ConnectionTimeout;
            connection.WriteTimeout = remoting.Tcp.ConnectionTimeout;
            if (remoting.Tls is { } tls)
                connection.Secure(stream => tls.AsClient(stream, Remote.Host!));
            var welcome = Greet(connection);
            uid = welcome.Uid;
            if (!MeetPeer(uid, out var restarted))
            {
                connection.CloseWith(GoodbyeReason.Quarantined);
                throw new RemoteTransportException(
                    "The remote system has a UID that has been quarantined. Association aborted."
                );
            }
            if (restarted is { } before)
                Restarted(before);
            connection.Timeout = remoting.Tcp.AcceptableSilence;
            connection.WriteTimeout = Timeout.InfiniteTimeSpan;
            lock (_lock)
            {
                // Either may have come about while it was being connected.
                if (_stopping || IsQuarantined(uid))
                {
                    connection.Dispose();
                    return null;
                }
                if (restarted is not null)
                    _inbound?.Dispose();
                _connection = connection;
                _reached = true;
                _gatedUntil = 0;
                _largestPayload = Math.Min(welcome.MaximumFrameSizeBytes, remoting.Tcp.MaximumFrameSizeBytes);
            }
            remoting.Events.Notify(new AssociatedEvent(remoting.DefaultAddress, Remote, inbound: false));
            return connection;
        }
        catch (Exception cause)
        {
            connection?.Dispose();
            if (!_stopping)
                Fail(cause);
            return null;
        }
    }

    private HandshakeAnswer.Welcome Greet(TcpConnection connection)
    {
        var buffer = new FrameBuffer();
        new Hello(remoting.DefaultAddress, remoting.Uid, Remote, remoting.Tcp.MaximumFrameSizeBytes).Write(buffer);
        connection.Write(buffer);
        if (!connection.TryReadFrame(out var type, out var body))
            throw new RemoteTransportException(
                remoting.Tls is null
                    ? "it closed the connection without an answer: it is no system of this kind, or has TLS enabled, which is not enabled here"
                    : "it closed the connection without an answer: it does not trust the certificate of this system, as its log says, or is no system of this kind"
            );
        if (!HandshakeAnswer.TryRead(type, body, out var answer))
            throw new RemoteTransportException("its answer is not of this protocol");
        if (answer is HandshakeAnswer.Welcome welcome)
            return welcome;
        var refusal = (HandshakeAnswer.Refusal)answer!;
        if (refusal.Reason == RefusalReason.Quarantined)
            TellOfOwnQuarantine();
        throw new RemoteTransportException($"it refused: {refusal.Text}");
    }

    private void Fail(Exception cause)
    {
        remoting.Events.Notify(
            new AssociationErrorEvent(
                new RemoteTransportException(
                    $"Association with remote system {Remote} has failed; address is now gated for {Settings.RetryGateClosedFor.TotalMilliseconds} ms. Reason: {cause.Message}",
                    cause
                ),
                remoting.DefaultAddress,
                Remote,
                inbound: false,
                LogLevel.WarningLevel
            )
        );
        GateForNow();
    }

    /// <summary>Sends until the connection or this system ends.</summary>
    private void Pump(TcpConnection connection, int uid)
    {
        var answers = new Thread(() => ReadAnswers(connection))
        {
            IsBackground = true,
            Name = $"akka-remote answers of {Remote.HostPort()}",
        };
        answers.Start();
        Exception? broken = null;
        try
        {
            var buffer = new FrameBuffer();
            var writer = new EnvelopeWriter(remoting.DefaultAddress, remoting.System.DeadLetters);
            SendAgain(connection, writer, buffer);
            var lastHeartbeat = Stopwatch.GetTimestamp();
            while (TakeBatch(connection))
            {
                // Also when there is much to send: its echo is all that comes back of messages that nobody acknowledges.
                if (_batch.Count == 0 || Stopwatch.GetElapsedTime(lastHeartbeat) >= remoting.Tcp.HeartbeatInterval)
                {
                    connection.SendHeartbeat();
                    lastHeartbeat = Stopwatch.GetTimestamp();
                }
                foreach (var message in _batch)
                {
                    Write(writer, buffer, message);
                    if (buffer.Count < FlushAtBytes)
                        continue;
                    connection.Write(buffer);
                    // Heartbeats do not wait for the rest of the batch.
                    while (TryTakePriority(out var heartbeat))
                        Write(writer, buffer, heartbeat);
                }
                if (buffer.Count > 0)
                    connection.Write(buffer);
            }
        }
        catch (Exception cause)
        {
            broken = cause;
        }
        Leave(connection, uid, answers, broken);
    }

    private void Leave(TcpConnection connection, int uid, Thread answers, Exception? broken)
    {
        bool stopping;
        bool restarted;
        lock (_lock)
        {
            _sending = false;
            stopping = _stopping;
            restarted = _uid != uid;
            if (!stopping)
                _connection = null;
            Monitor.PulseAll(_lock);
        }
        if (stopping)
            // Whoever shuts down says goodbye on it.
            return;
        connection.Dispose();
        answers.Join();
        remoting.Events.Notify(new DisassociatedEvent(remoting.DefaultAddress, Remote, inbound: false));
        // What starts again at once is not to wait for the one before it.
        if (restarted)
            return;
        if (broken is null)
            GateForNow();
        else
            Fail(broken);
    }

    /// <summary>What was sent on a connection before this one and may not have come through.</summary>
    private void SendAgain(TcpConnection connection, EnvelopeWriter writer, FrameBuffer buffer)
    {
        OutboundSystemMessage[] again;
        lock (_lock)
            again = [.. _unacknowledged.Where(message => message.Sequence <= _lastSent)];
        foreach (var message in again)
        {
            writer.Write(buffer, message);
            if (buffer.Count >= FlushAtBytes)
                connection.Write(buffer);
        }
        if (buffer.Count > 0)
            connection.Write(buffer);
    }

    /// <summary>Takes what to send next, heartbeats first; nothing when a heartbeat of the connection is due. False at its end.</summary>
    private bool TakeBatch(TcpConnection connection)
    {
        _batch.Clear();
        lock (_lock)
        {
            _sending = false;
            while (!HasMessages)
            {
                if (_stopping || connection.IsClosed)
                    return false;
                if (!WaitFor(remoting.Tcp.HeartbeatInterval))
                    return !connection.IsClosed;
            }
            if (connection.IsClosed)
                return false;
            while (_priority.TryDequeue(out var message))
                Take(message);
            while (_batch.Count < BatchMessages && _ordinary.TryDequeue(out var message))
                Take(message);
            _sending = true;
            return true;
        }

        void Take(OutboundMessage message)
        {
            _batch.Add(message);
            if (message.System is { } system)
                _lastSent = system.Sequence;
            else if (!PriorityMessages.IsPriority(message.Message))
                _userMessages--;
        }
    }

    private bool TryTakePriority(out OutboundMessage message)
    {
        lock (_lock)
            return _priority.TryDequeue(out message);
    }

    private void Write(EnvelopeWriter writer, FrameBuffer buffer, OutboundMessage message)
    {
        if (message.System is { } system)
        {
            writer.Write(buffer, system);
            return;
        }
        if (Settings.LogSend)
            remoting.Log.Debug("sending message {0} to {1}", message.Message.GetType(), message.Recipient.Path);
        if (!remoting.TrySerialize(message.Message, message.Recipient, out var serialized))
            return;
        if (serialized.Bytes.Length > _largestPayload)
            remoting.TooLarge(message, serialized.Bytes.Length, _largestPayload);
        else
            writer.Write(buffer, message.Recipient, message.Sender, serialized);
    }

    /// <summary>Reads what comes back on the connection for sending: acknowledgements, heartbeats, a goodbye.</summary>
    private void ReadAnswers(TcpConnection connection)
    {
        try
        {
            while (connection.TryReadFrame(out var type, out var body))
            {
                var reader = new FrameReader(body);
                if (type == FrameType.Ack && reader.TryInt64(out var sequence))
                    Acknowledge(sequence);
                else if (type == FrameType.Goodbye && reader.TryByte(out var reason))
                    PeerLeaves((GoodbyeReason)reason);
            }
        }
        catch (Exception broken)
        {
            // The sending thread finds the connection closed and says so.
            remoting.Log.Debug("connection to {0} ended: {1}", Remote, broken.Message);
        }
        connection.Dispose();
        lock (_lock)
            Monitor.PulseAll(_lock);
    }

    private void Acknowledge(long sequence)
    {
        lock (_lock)
        {
            while (_unacknowledged.TryPeek(out var oldest) && oldest.Sequence <= sequence)
                _unacknowledged.Dequeue();
            if (_unacknowledged.Count == 0)
                Monitor.PulseAll(_lock);
        }
    }

    private void PeerLeaves(GoodbyeReason reason)
    {
        if (reason == GoodbyeReason.Quarantined)
            TellOfOwnQuarantine();
        else
            remoting.Log.Info("The system at {0} shuts down", Remote);
    }

    private void TellOfOwnQuarantine()
    {
        lock (_lock)
        {
            if (_toldOfOwnQuarantine)
                return;
            _toldOfOwnQuarantine = true;
        }
        remoting.Events.Notify(new ThisActorSystemQuarantinedEvent(remoting.DefaultAddress, Remote));
    }
}
