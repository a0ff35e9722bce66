using System.Diagnostics;
using Akka.Actor;
using Akka.Event;
using Akka.Remote.Transport;

namespace Akka.Remote.Associations;

/// <summary>
/// All that this system has with the system at one address: what waits to be sent there, which start of it is known, which
/// starts are cut off. A thread sends over a connection that this side opened; another, in the part for inbound traffic,
/// reads the connection that the other side opened. One lock guards the state; nothing that may wait is done under it.
/// </summary>
internal sealed partial class Association(Remoting remoting, Address remote)
{
    private const int MostQuarantined = 64;

    // Heartbeats of a few kinds, once a second: more are of no use to anybody.
    private const int MostPriority = 256;

    private readonly object _lock = new();
    private readonly Queue<OutboundMessage> _priority = new();
    private readonly Queue<OutboundMessage> _ordinary = new();
    private readonly Queue<OutboundSystemMessage> _unacknowledged = new();
    private readonly Dictionary<int, long> _quarantined = [];
    private readonly RateLimitedLog _full = new(remoting.Log);
    private Thread? _sender;
    private TcpConnection? _connection;
    private TcpConnection? _inbound;
    private Thread? _receiver;
    private int? _uid;
    private long _gatedUntil;
    private long _lastSequence;
    private long _lastSent;
    private long _lastDelivered;
    private int _lastDeliveredOf;
    private int _userMessages;
    private bool _reached;
    private bool _stopping;
    private bool _toldOfOwnQuarantine;

    public Address Remote { get; } = remote;

    private RemoteSettings Settings => remoting.Provider.RemoteSettings;

    private bool IsGated => _gatedUntil != 0 && Stopwatch.GetTimestamp() < _gatedUntil;

    private bool IsPeerQuarantined => _uid is { } known && IsQuarantined(known);

    private bool HasMessages => _priority.Count > 0 || _ordinary.Count > 0;

    /// <summary>Takes a message of an actor.</summary>
    public void Send(object message, IActorRef? sender, RemoteActorRef recipient)
    {
        var priority = PriorityMessages.IsPriority(message);
        bool open;
        lock (_lock)
        {
            open = !_stopping && !IsGated;
            if (open && (priority ? _priority.Count < MostPriority : _userMessages < Settings.LogBufferSizeExceeding))
            {
                (priority ? _priority : _ordinary).Enqueue(new OutboundMessage(recipient, sender, message, null));
                _userMessages += priority ? 0 : 1;
                WakeSender();
                return;
            }
        }
        if (open && !priority)
            _full.Write(
                LogLevel.WarningLevel,
                $"{Settings.LogBufferSizeExceeding} messages wait for {Remote} (akka.remote.log-buffer-size-exceeding): more are dropped until it takes them"
            );
        Drop(message, sender, recipient);
    }

    /// <summary>Takes a system message: it is sent until the other system has acknowledged it.</summary>
    public void SendSystem(SerializedMessage message, RemoteActorRef recipient, bool isWatch)
    {
        int? overflowed = null;
        lock (_lock)
        {
            // Nothing of a start that is cut off is worth a try, and one after it knows nothing of what this is about, but that those who are
            // watched are dead.
            if (_stopping || (!isWatch && IsPeerQuarantined))
                return;
            if (_unacknowledged.Count >= Settings.SysMsgBufferSize)
            {
                overflowed = _uid;
                ForgetSystemMessages();
            }
            else
            {
                var kept = new OutboundSystemMessage(
                    ++_lastSequence,
                    recipient,
                    message,
                    Stopwatch.GetTimestamp(),
                    isWatch
                );
                _unacknowledged.Enqueue(kept);
                _ordinary.Enqueue(new OutboundMessage(recipient, null, message, kept));
                WakeSender();
                return;
            }
        }
        remoting.Log.Error(
            "{0} system messages for {1} wait for their acknowledgement (akka.remote.system-message-buffer-size): they are given up",
            Settings.SysMsgBufferSize,
            Remote
        );
        if (overflowed is { } uid)
            Quarantine(uid);
    }

    /// <summary>Cuts one start of the other system off.</summary>
    public void Quarantine(int uid)
    {
        TcpConnection?[] connections = [];
        OutboundMessage[] dropped = [];
        lock (_lock)
        {
            if (!MarkQuarantined(uid))
                return;
            if (_uid == uid)
            {
                connections = [_connection, _inbound];
                ForgetSystemMessages();
                dropped = TakeAll();
                Gate();
            }
        }
        Drop(dropped);
        remoting.Events.Notify(new QuarantinedEvent(Remote, uid));
        foreach (var connection in connections)
            connection?.CloseWith(GoodbyeReason.Quarantined);
    }

    /// <summary>Tries nothing for a while.</summary>
    public void GateForNow()
    {
        TcpConnection? connection;
        OutboundMessage[] dropped;
        lock (_lock)
        {
            Gate();
            connection = _connection;
            dropped = TakeAll();
        }
        connection?.Dispose();
        Drop(dropped);
    }

    /// <summary>Waits until all is sent and acknowledged, for so long, and ends both connections.</summary>
    public void Shutdown(TimeSpan flushWait)
    {
        var deadline = Stopwatch.GetTimestamp() + (long)(flushWait.TotalSeconds * Stopwatch.Frequency);
        Thread?[] threads;
        TcpConnection?[] connections;
        OutboundMessage[] left;
        lock (_lock)
        {
            while (_sender is not null && !IsGated && (HasMessages || _sending || _unacknowledged.Count > 0))
            {
                var wait = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), deadline);
                if (wait <= TimeSpan.Zero)
                    break;
                Monitor.Wait(_lock, wait);
            }
            _stopping = true;
            left = TakeAll();
            threads = [_sender, _receiver];
            connections = [_connection, _inbound];
            Monitor.PulseAll(_lock);
        }
        Drop(left);
        foreach (var connection in connections)
            connection?.CloseWith(GoodbyeReason.Shutdown);
        foreach (var thread in threads)
        {
            if (thread != Thread.CurrentThread)
                thread?.Join(TimeSpan.FromSeconds(1));
        }
    }

    /// <summary>Takes note of which start of the other system is there; false when that one is cut off.</summary>
    private bool MeetPeer(int uid, out int? restarted)
    {
        restarted = null;
        lock (_lock)
        {
            if (IsQuarantined(uid))
                return false;
            if (_uid is { } before && before != uid)
            {
                // System messages were for actors of the start before, which are dead; who watches them is to hear of it.
                ForgetSystemMessages(besides: message => message.IsWatch);
                MarkQuarantined(before);
                _toldOfOwnQuarantine = false;
                restarted = before;
            }
            _uid = uid;
            return true;
        }
    }

    private void Restarted(int uid)
    {
        remoting.Log.Warning("The system at {0} has started again; its former start is quarantined", Remote);
        remoting.Events.Notify(new QuarantinedEvent(Remote, uid));
    }

    private bool IsQuarantined(int uid)
    {
        if (!_quarantined.TryGetValue(uid, out var since))
            return false;
        if (Settings.QuarantineDuration is not { } duration || Stopwatch.GetElapsedTime(since) < duration)
            return true;
        _quarantined.Remove(uid);
        return false;
    }

    private bool MarkQuarantined(int uid)
    {
        if (IsQuarantined(uid))
            return false;
        if (_quarantined.Count >= MostQuarantined)
            _quarantined.Remove(_quarantined.MinBy(entry => entry.Value).Key);
        _quarantined.Add(uid, Stopwatch.GetTimestamp());
        return true;
    }

    private void Gate() =>
        _gatedUntil = Stopwatch.GetTimestamp() + (long)(Settings.RetryGateClosedFor.TotalSeconds * Stopwatch.Frequency);

    private void ForgetSystemMessages(Func<OutboundSystemMessage, bool>? besides = null)
    {
        for (var left = _unacknowledged.Count; left > 0; left--)
        {
            var message = _unacknowledged.Dequeue();
            if (besides?.Invoke(message) == true)
                _unacknowledged.Enqueue(message);
        }
        for (var left = _ordinary.Count; left > 0; left--)
        {
            var message = _ordinary.Dequeue();
            if (message.System is null || besides?.Invoke(message.System) == true)
                _ordinary.Enqueue(message);
        }
    }

    /// <summary>Takes what actors sent; system messages stay.</summary>
    private OutboundMessage[] TakeAll()
    {
        var dropped = _priority.Concat(_ordinary).Where(message => message.System is null).ToArray();
        var kept = _ordinary.Where(message => message.System is not null).ToArray();
        _priority.Clear();
        _ordinary.Clear();
        foreach (var message in kept)
            _ordinary.Enqueue(message);
        _userMessages = 0;
        return dropped;
    }

    private void Drop(OutboundMessage[] messages)
    {
        foreach (var message in messages)
            Drop(message.Message, message.Sender, message.Recipient);
    }

    private void Drop(object message, IActorRef? sender, RemoteActorRef recipient)
    {
        // A heartbeat that is not sent is no loss to report: that is what it is for.
        if (!PriorityMessages.IsPriority(message))
            remoting.System.DeadLetters.Tell(
                new DeadLetter(message, sender ?? remoting.System.DeadLetters, recipient),
                sender
            );
    }
}
