using System.Runtime.InteropServices;
using Hatchery.Disks;

namespace Hatchery.Mirroring;

/// <summary>
/// The streamer's side of one mirrored write cache: what the device's host appends goes to every member, and is acknowledged when every member
/// has it. No threads, no clock, no sockets: who drives it calls it from one thread at a time, gives the monotonic time, and calls
/// <see cref="Tick"/> about ten times a second.
/// </summary>
/// <remarks>
/// The own copy is the host's: a write is acknowledged to the device when the own write cache has it and <see cref="IStreamerPort.Acknowledged"/>
/// has passed it; a flush, when both have synced what had been acknowledged. The host appends in the order of the file, sends no append before its
/// own write cache was given the same bytes, and stops at once when <see cref="IStreamerPort.End"/> is called.
/// </remarks>
public sealed partial class StreamerCore
{
    private readonly string _self;
    private readonly CopyIdentity _identity;
    private readonly MirrorSettings _settings;
    private readonly IStreamerPort _port;
    private readonly SortedDictionary<string, MemberLink> _links = new(StringComparer.Ordinal);
    private MemberLink[]? _linkArray;
    private readonly Queue<PendingAppend> _pending = new();
    private SessionRow _row;
    private CachePosition _head;
    private CachePosition _acknowledged;
    private CachePosition _syncWanted;
    private CachePosition _syncedSaid;
    private TimeSpan _now;
    private TimeSpan _paused;
    private TimeSpan _askAt;
    private bool _isAsking;
    private int _asked;
    private int _confirmed;

    /// <param name="row">The session's row; its members' copies end at the seal.</param>
    /// <param name="seal">Where the write cache ended when the epoch was opened: all of it is synced at every member.</param>
    public StreamerCore(
        string self,
        SessionRow row,
        CopyIdentity identity,
        CachePosition seal,
        MirrorSettings settings,
        IStreamerPort port,
        TimeSpan now
    )
    {
        (_self, _row, Epoch, _identity, _settings, _port, _now) = (self, row, row.Epoch, identity, settings, port, now);
        _head = _acknowledged = _syncWanted = _syncedSaid = seal;
        foreach (var member in row.Members)
            if (member != self)
                Add(
                    new(member, isMember: true)
                    {
                        Appended = seal,
                        Synced = seal,
                        SyncAsked = seal,
                    }
                );
    }

    public bool IsEnded { get; private set; }

    public Epoch Epoch { get; }

    /// <summary>The session row as far as is known.</summary>
    public SessionRow Row => _row;

    /// <summary>Where the write cache ends, with what is under way.</summary>
    public CachePosition Head => _head;

    /// <summary>Bytes that not every member has yet.</summary>
    public long PendingBytes { get; private set; }

    /// <summary>False: the host takes no further writes from its device until something is acknowledged.</summary>
    public bool HasRoom => PendingBytes < _settings.WindowBytes;

    /// <summary>No other server needs what is appended or synced: the host may leave it out until that changes.</summary>
    public bool IsAlone => _links.Count == 0;

    /// <summary>A copy is being made at a further server.</summary>
    public bool IsJoining => _joiner is not null;

    /// <summary>Begins to connect, and to ask for members.</summary>
    /// <param name="row">As it is confirmed to be open, with the same members.</param>
    public void Start(SessionRow row, TimeSpan now)
    {
        Now(now);
        (_row, _askAt) = (row, _now);
        foreach (var link in Links())
            link.AwaySince = link.ConnectAt = _now;
        Tick(now);
    }

    /// <summary>The next bytes of the write cache: what the host's own copy has been given.</summary>
    /// <param name="at">The end of what was appended before, or offset 0 of a segment with a higher number.</param>
    /// <param name="bytes">Not to be changed before <see cref="IStreamerPort.Acknowledged"/> passes them.</param>
    public void Append(CachePosition at, ReadOnlyMemory<byte> bytes, TimeSpan now)
    {
        Now(now);
        if (IsEnded)
            return;
        if (at != _head && (at.Offset != 0 || at.Segment <= _head.Segment) && IsNeeded())
            throw new ArgumentException($"{at} does not follow {_head}", nameof(at));
        _head = at.Plus(bytes.Length);
        var message = new MirrorMessage.Append(at, bytes) { Epoch = Epoch };
        var isKept = false;
        foreach (var link in Links())
        {
            if (link.Stage == LinkStage.Waiting && at.Offset == 0)
                BeginCopying(link, at.Segment);
            isKept |= link.IsRequired;
            if (link.TakesAppends)
                _port.Send(link.Server, message);
            if (!link.IsRequired && link.Lag(_head, bytes.Length) > _settings.JoinWindowBytes)
                Fail(link, "it does not keep up");
        }
        if (isKept)
        {
            _pending.Enqueue(new(at, bytes, _now));
            PendingBytes += bytes.Length;
        }
        Acknowledge();
    }

    /// <summary>Asks for everything up to there to be durable at every other member; the host syncs its own copy beside it.</summary>
    /// <param name="upTo">No further than <see cref="Head"/>.</param>
    public void Sync(CachePosition upTo, TimeSpan now)
    {
        Now(now);
        if (IsEnded)
            return;
        if (upTo > _syncWanted)
            _syncWanted = upTo;
        foreach (var link in Links())
            if (link.IsRequired && link.TakesAppends)
                AskSync(link, upTo);
        SaySynced();
    }

    /// <summary>
    /// Asks every other member whether this still is the newest epoch. A login may share the session, and so read, once
    /// <see cref="IStreamerPort.Confirmed"/> has passed the answer: a streamer that was cut off may not know that the device went on elsewhere.
    /// </summary>
    /// <returns>A number, one higher each time.</returns>
    public int Confirm(TimeSpan now)
    {
        Now(now);
        _asked++;
        foreach (var link in Links())
            if (!IsEnded && link.IsRequired && link.TakesAppends)
                Ping(link);
        SayConfirmed();
        return _asked;
    }

    public void Connected(string server, TimeSpan now)
    {
        Now(now);
        if (IsEnded || !_links.TryGetValue(server, out var link) || link.Stage != LinkStage.Away)
            return;
        (link.Stage, link.HeardAt, link.PingedAt) = (LinkStage.Greeting, _now, null);
        Send(link, link.IsMember ? new MirrorMessage.Promise() : new MirrorMessage.Join(_identity));
    }

    /// <summary>There is no connection, or no longer.</summary>
    public void Disconnected(string server, string reason, TimeSpan now)
    {
        Now(now);
        if (IsEnded || !_links.TryGetValue(server, out var link) || link.Stage == LinkStage.Leaving)
            return;
        // Where no connection can be made, nobody listens any more: its process is dead, and writes wait for it.
        if (!link.IsMember || link.Stage == LinkStage.Away)
        {
            Fail(link, reason);
            return;
        }
        link.AwaySince = link.ConnectAt = _now;
        (link.Stage, link.PingedAt) = (LinkStage.Away, null);
        link.Pings.Clear();
    }

    public void Received(string server, MirrorMessage message, TimeSpan now)
    {
        Now(now);
        if (IsEnded || !_links.TryGetValue(server, out var link) || link.Stage is LinkStage.Leaving or LinkStage.Away)
            return;
        (link.HeardAt, link.PingedAt) = (_now, null);
        // One of a lower epoch answers what an earlier session of this server sent on the same connection.
        if (message is MirrorMessage.Refused refused && refused.Epoch >= Epoch)
        {
            // Somebody else has the device: what is under way here was never acknowledged, and never will be.
            if (refused.Epoch > Epoch)
                End($"{server} has promised {refused.Epoch}");
            else
                Fail(link, $"it refuses: {refused.Reason}");
            return;
        }
        if (message.Epoch == Epoch && !Take(link, message))
            Fail(link, $"it answers {message.GetType().Name} to what nobody asked");
    }

    /// <summary>Looks after what is due.</summary>
    public void Tick(TimeSpan now)
    {
        Now(now);
        if (IsEnded)
            return;
        foreach (var link in Links())
            if (link.Stage != LinkStage.Leaving)
                Tick(link);
        TickRow();
        TickMembers();
    }

    private bool Take(MemberLink link, MirrorMessage message)
    {
        switch (message)
        {
            case MirrorMessage.Pong:
                if (link.Pings.TryDequeue(out var asked))
                    link.Confirmed = asked;
                SayConfirmed();
                return true;
            case MirrorMessage.Promised promised when link.Stage == LinkStage.Greeting && link.IsMember:
                Resume(link, promised.State);
                return true;
            case MirrorMessage.Appended { End: var end } when link.TakesAppends && end > link.Appended && end <= _head:
                link.Appended = end;
                link.CatchUp();
                Acknowledge();
                return true;
            case MirrorMessage.Synced { UpTo: var upTo } when upTo > link.Synced && upTo <= link.SyncAsked:
                link.Synced = upTo;
                link.SyncSince = upTo < link.SyncAsked ? _now : null;
                SaySynced();
                Settle(link);
                return true;
            default:
                return TakeOfJoin(link, message);
        }
    }

    /// <summary>After a broken connection: the member says what it has, and gets what is missing from what is kept.</summary>
    private void Resume(MemberLink link, CopyState copy)
    {
        var isHere = copy.End == _head || (_pending.Count > 0 && copy.End >= _pending.Peek().At && copy.End <= _head);
        // The header of a segment is its first append: a copy that ends at the seal lacks it from there.
        var isBefore = _pending.Count > 0 && _pending.Peek().At.Offset == 0 && copy.End == link.Appended;
        if (copy.Condition != CopyCondition.Whole || copy.End < link.Appended || !(isHere || isBefore))
        {
            Fail(link, $"its copy ends at {copy.End} ({copy.Condition}), where {link.Appended} was acknowledged");
            return;
        }
        (link.Stage, link.AwaySince, link.Appended) = (LinkStage.Live, null, copy.End);
        foreach (var append in _pending)
            if (append.End > copy.End)
                _port.Send(link.Server, new MirrorMessage.Append(append.At, append.Bytes) { Epoch = Epoch });
        link.SyncAsked = link.Synced;
        AskSync(link, _syncWanted);
        if (_confirmed < _asked)
            Ping(link);
        Acknowledge();
    }

    private void Acknowledge()
    {
        var upTo = _head;
        foreach (var link in Links())
            if (link.IsRequired && link.Appended < upTo)
                upTo = link.Appended;
        if (upTo <= _acknowledged)
            return;
        _acknowledged = upTo;
        while (_pending.TryPeek(out var append) && append.End <= upTo)
            PendingBytes -= _pending.Dequeue().Bytes.Length;
        _port.Acknowledged(upTo);
    }

    private void SaySynced()
    {
        var upTo = _syncWanted;
        foreach (var link in Links())
            if (link.IsRequired && link.Synced < upTo)
                upTo = link.Synced;
        if (upTo <= _syncedSaid)
            return;
        _syncedSaid = upTo;
        _port.Synced(upTo);
    }

    private void Ping(MemberLink link)
    {
        link.Pings.Enqueue(_asked);
        link.PingedAt ??= _now;
        Send(link, new MirrorMessage.Ping());
    }

    private void SayConfirmed()
    {
        var upTo = _asked;
        foreach (var link in Links())
            if (link.IsRequired && link.Confirmed < upTo)
                upTo = link.Confirmed;
        if (IsEnded || upTo <= _confirmed)
            return;
        _confirmed = upTo;
        _port.Confirmed(upTo);
    }

    private void AskSync(MemberLink link, CachePosition upTo)
    {
        if (upTo <= link.SyncAsked)
            return;
        link.SyncAsked = upTo;
        link.SyncSince ??= _now;
        Send(link, new MirrorMessage.Sync(upTo));
    }

    private void Tick(MemberLink link)
    {
        if (Overdue(link) is { } reason)
        {
            Fail(link, reason);
            return;
        }
        if (link.ConnectAt <= _now)
        {
            link.ConnectAt = null;
            _port.Connect(link.Server);
        }
        if (
            link.Stage is not (LinkStage.Away or LinkStage.Greeting)
            && link.PingedAt is null
            && link.HeardAt + _settings.PingInterval <= _now
        )
        {
            Ping(link);
        }
    }

    private string? Overdue(MemberLink link)
    {
        if (link.AwaySince + _settings.MemberTimeout <= _now && link.IsMember)
            return "it cannot be reached";
        if (link.PingedAt + _settings.MemberTimeout <= _now)
            return "it does not answer";
        if (!link.IsRequired)
            return link.StepSince + _settings.JoinTimeout <= _now ? "it takes too long for a step of its copy" : null;
        foreach (var append in _pending)
            if (append.End > link.Appended)
                return append.Since + _settings.WorkTimeout <= _now
                    ? "its disk is too slow to write"
                    : SyncOverdue(link);
        return SyncOverdue(link);
    }

    private string? SyncOverdue(MemberLink link) =>
        link.SyncSince + _settings.WorkTimeout <= _now ? "its disk is too slow to sync" : null;

    /// <summary>Time in which this process stood still is nobody's fault: it counts for nothing, and what came meanwhile is heard first.</summary>
    private void Now(TimeSpan now)
    {
        var (gap, most) = (now - _paused - _now, _settings.MemberTimeout / 2);
        if (gap > most)
            _paused += gap - most;
        _now = now - _paused;
    }

    private void Send(MemberLink link, MirrorMessage message) =>
        _port.Send(link.Server, message with { Epoch = Epoch });

    private void End(string reason)
    {
        IsEnded = true;
        foreach (var link in Links())
            _port.Disconnect(link.Server);
        _port.End(reason);
    }

    /// <summary>In the order of their names; one that goes while they are looked at is still seen.</summary>
    private MemberLink[] Links() => _linkArray ??= [.. _links.Values];

    private void Add(MemberLink link)
    {
        _links.Add(link.Server, link);
        _linkArray = null;
    }

    private void Remove(MemberLink link)
    {
        _links.Remove(link.Server);
        _linkArray = null;
    }

    private bool IsNeeded()
    {
        foreach (var link in Links())
            if (link.IsRequired || link.TakesAppends)
                return true;
        return false;
    }
}

/// <param name="Since">When it was appended.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PendingAppend(CachePosition At, ReadOnlyMemory<byte> Bytes, TimeSpan Since)
{
    public CachePosition End => At.Plus(Bytes.Length);
}
