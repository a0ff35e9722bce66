using System.Collections.Immutable;
using Hatchery.Disks;

namespace Hatchery.Mirroring;

/// <summary>
/// One server's copy of one write cache, as others may append to it: messages and ends of disk work in, messages and disk work out. No
/// threads, no clock, no files.
/// </summary>
/// <remarks>
/// Appends are taken from one connection only: the one on which the highest epoch was last promised. Bytes that an older connection still
/// carries are dropped without an answer, as nobody is there to hear one.
/// </remarks>
public sealed class MemberCore
{
    private readonly IMemberPort _port;
    private readonly Queue<(long Connection, Epoch Epoch, bool IsAnswered)> _work = new();

    // Writes that came behind them may end before them.
    private readonly Queue<(long Connection, Epoch Epoch)> _syncs = new();
    private long? _streamer;
    private CachePosition _end;
    private bool _takesMore;
    private bool _isJoining;
    private bool _isBroken;
    private (int Segment, long LengthBytes, ImmutableArray<byte> Sha256)? _offer;

    /// <param name="promised">The promise that lies on the disk.</param>
    /// <param name="found">The copy as it was found there.</param>
    public MemberCore(IMemberPort port, Epoch promised, CopyState found)
    {
        (_port, Promised, _end) = (port, promised, found.End);
        IsLost = found.Condition == CopyCondition.Lost;
    }

    /// <summary>The lowest epoch that this copy takes anything from.</summary>
    public Epoch Promised { get; private set; }

    /// <summary>A sync of the copy failed.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Where the copy ends, with what is on its way to the disk.</summary>
    public CachePosition End => _end;

    public void Receive(long connection, MirrorMessage message)
    {
        if (message.Epoch < Promised)
        {
            Refuse(connection, MirrorRefusal.Fenced);
            return;
        }
        switch (message)
        {
            case MirrorMessage.Promise:
                Take(connection, message.Epoch);
                _work.Enqueue((connection, message.Epoch, IsAnswered: true));
                _port.StorePromise(message.Epoch);
                return;
            case MirrorMessage.Join join:
                Take(connection, message.Epoch);
                (_isJoining, _isBroken, _takesMore, _offer) = (true, false, false, null);
                // A server that joins answers when it is prepared.
                _work.Enqueue((connection, message.Epoch, IsAnswered: false));
                _port.StorePromise(message.Epoch);
                _work.Enqueue((connection, message.Epoch, IsAnswered: true));
                _port.PrepareJoin(join.Identity);
                return;
        }
        if (_streamer != connection)
            return;
        // Nobody may write in an epoch that was not promised first.
        if (message.Epoch > Promised)
        {
            Refuse(connection, MirrorRefusal.Misplaced);
            return;
        }
        // A machine that writes nothing for long is not to have fewer copies than its streamer knows of.
        if (IsLost || (_isBroken && message is not MirrorMessage.Fetch))
        {
            Refuse(connection, IsLost ? MirrorRefusal.Lost : MirrorRefusal.NotWritten);
            return;
        }
        if (message is MirrorMessage.Ping)
            _port.Send(connection, new MirrorMessage.Pong { Epoch = message.Epoch });
        else
            Work(connection, message);
    }

    /// <summary>The disk is gone: whoever appends, or asks whether this copy is there, is told so.</summary>
    public void OutOfReach() => _isBroken = true;

    /// <summary>The connection is gone; what it had brought is finished.</summary>
    public void Disconnected(long connection)
    {
        if (_streamer == connection)
            _streamer = null;
    }

    /// <param name="copy">As it is now that nothing of a lower epoch is under way; null when the promise could not be stored.</param>
    public void PromiseStored(Epoch epoch, CopyState? copy)
    {
        var asked = _work.Dequeue();
        if (copy is not { } state)
        {
            Ended(asked.Connection, DiskOutcome.NotWritten);
            return;
        }
        if (!asked.IsAnswered)
            return;
        IsLost |= state.Condition == CopyCondition.Lost;
        // What failed before left the copy as it was: it ends where the disk says, and may go on from there.
        if (epoch == Promised && _work.Count == 0)
            (_end, _isBroken) = (state.End, false);
        _port.Send(asked.Connection, new MirrorMessage.Promised(state) { Epoch = epoch });
    }

    /// <param name="writes">How many calls of <see cref="IMemberPort.Write"/> ended together, all of one connection.</param>
    public void Written(CachePosition end, int writes, DiskOutcome outcome)
    {
        for (var i = 1; i < writes; i++)
            _work.Dequeue();
        var asked = _work.Dequeue();
        if (Ended(asked.Connection, outcome))
            _port.Send(asked.Connection, new MirrorMessage.Appended(end) { Epoch = asked.Epoch });
    }

    public void SyncEnded(CachePosition upTo, DiskOutcome outcome)
    {
        var asked = _syncs.Dequeue();
        if (Ended(asked.Connection, outcome))
            _port.Send(asked.Connection, new MirrorMessage.Synced(upTo) { Epoch = asked.Epoch });
    }

    public void SealEnded(CachePosition at, DiskOutcome outcome)
    {
        var asked = _work.Dequeue();
        if (Ended(asked.Connection, outcome))
            _port.Send(asked.Connection, new MirrorMessage.Sealed(at) { Epoch = asked.Epoch });
    }

    public void JoinPrepared(DiskOutcome outcome)
    {
        var asked = _work.Dequeue();
        // What is left of a lost copy is compared byte by byte or replaced: it begins anew.
        IsLost = false;
        if (Ended(asked.Connection, _isBroken ? DiskOutcome.NotWritten : outcome))
            _port.Send(asked.Connection, new MirrorMessage.Joined { Epoch = asked.Epoch });
    }

    public void Matched(int segment, long lengthBytes, bool isThere)
    {
        var asked = _work.Dequeue();
        _port.Send(
            asked.Connection,
            new MirrorMessage.Copied(segment, isThere ? lengthBytes : 0) { Epoch = asked.Epoch }
        );
    }

    /// <param name="nextOffset">How much of the segment is there; 0 when its hash was not the one that was offered.</param>
    public void CopyWritten(int segment, long nextOffset, DiskOutcome outcome)
    {
        var asked = _work.Dequeue();
        if (Ended(asked.Connection, outcome))
            _port.Send(asked.Connection, new MirrorMessage.Copied(segment, nextOffset) { Epoch = asked.Epoch });
    }

    /// <param name="lengthBytes">Of the whole segment; null when it cannot be read.</param>
    public void ReadEnded(long connection, int segment, long offset, long? lengthBytes, ReadOnlyMemory<byte> bytes)
    {
        if (lengthBytes is { } length)
            _port.Send(connection, new MirrorMessage.Fetched(segment, offset, length, bytes) { Epoch = Promised });
        else
            Refuse(connection, MirrorRefusal.Missing);
    }

    private void Work(long connection, MirrorMessage message)
    {
        var asked = (connection, message.Epoch, true);
        switch (message)
        {
            case MirrorMessage.Append append when IsNext(append):
                _takesMore = true;
                _end = append.At.Plus(append.Bytes.Length);
                _work.Enqueue(asked);
                _port.Write(append.At, append.Bytes);
                break;
            case MirrorMessage.Sync sync when sync.UpTo <= _end:
                _syncs.Enqueue((connection, message.Epoch));
                _port.Sync(sync.UpTo);
                break;
            case MirrorMessage.Seal seal when seal.At <= _end:
                (_end, _takesMore) = (seal.At, false);
                _work.Enqueue(asked);
                _port.Seal(seal.At);
                break;
            case MirrorMessage.Offer offer when _isJoining:
                _offer = (offer.Segment, offer.LengthBytes, offer.Sha256);
                _work.Enqueue(asked);
                _port.Match(offer.Segment, offer.LengthBytes, offer.Sha256);
                break;
            case MirrorMessage.Copy copy when _offer is { } offer && offer.Segment == copy.Segment:
                _work.Enqueue(asked);
                _port.WriteCopy(copy.Segment, copy.Offset, copy.Bytes, offer.LengthBytes, offer.Sha256);
                break;
            case MirrorMessage.Fetch fetch:
                _port.Read(connection, fetch.Segment, fetch.Offset);
                break;
            default:
                Refuse(connection, MirrorRefusal.Misplaced);
                break;
        }
    }

    /// <summary>
    /// The next bytes of the segment that this process began, or the header of the next segment. A file that was there before, or was sealed,
    /// takes no more.
    /// </summary>
    private bool IsNext(MirrorMessage.Append append) =>
        append.At.Offset > 0 ? _takesMore && append.At == _end
        // What joins begins with whichever segment comes next.
        : _isJoining && !_takesMore ? true
        : append.At.Segment == _end.Segment + 1;

    private void Take(long connection, Epoch epoch)
    {
        _streamer = connection;
        if (epoch == Promised)
            return;
        // Refused at once, and promised when the disk has it.
        (Promised, _takesMore, _isJoining, _offer) = (epoch, false, false, null);
    }

    private bool Ended(long connection, DiskOutcome outcome)
    {
        if (outcome == DiskOutcome.Done)
            return true;
        IsLost |= outcome == DiskOutcome.Lost;
        _isBroken = true;
        Refuse(connection, IsLost ? MirrorRefusal.Lost : MirrorRefusal.NotWritten);
        return false;
    }

    private void Refuse(long connection, MirrorRefusal reason) =>
        _port.Send(connection, new MirrorMessage.Refused(reason) { Epoch = Promised });
}
