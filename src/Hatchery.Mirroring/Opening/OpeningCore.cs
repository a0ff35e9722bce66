using Hatchery.Disks;

namespace Hatchery.Mirroring;

/// <summary>
/// The opening of an epoch in which a boot goes on: the keeper has swapped in <see cref="SessionPhase.Opening"/>; promises are collected, the
/// shortest whole copy is sealed at every member that reaches it, the row is swapped to <see cref="SessionPhase.Open"/> with those members, and only
/// then is the login answered. No threads, no clock: who drives it gives the monotonic time and calls <see cref="Tick"/> about ten times a second.
/// </summary>
public sealed class OpeningCore
{
    private readonly string _self;
    private readonly SessionRow _row;
    private readonly MirrorSettings _settings;
    private readonly IOpeningPort _port;
    private readonly TimeSpan _endAt;
    private readonly bool _isNewBoot;
    private readonly IReadOnlySet<string> _unheard;
    private readonly Dictionary<string, CopyState> _copies = new(StringComparer.Ordinal);
    private readonly HashSet<string> _silent = new(StringComparer.Ordinal);
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    private readonly HashSet<string> _sealed = new(StringComparer.Ordinal);
    private TimeSpan _now;
    private TimeSpan _stepEndsAt;
    private TimeSpan? _askRowAt;
    private Stage _stage;
    private CachePosition _seal;
    private string _source = "";
    private int _fetching;
    private SessionRow _open;

    /// <param name="self">This server, the row's streamer.</param>
    /// <param name="row">As the keeper swapped it in.</param>
    /// <param name="isNewBoot">The machine begins anew on what an earlier boot has left.</param>
    /// <param name="unheard">Members that have just been silent for long: they are asked as the others are, and not waited for where the copies of the others will do.</param>
    public OpeningCore(
        string self,
        SessionRow row,
        MirrorSettings settings,
        IOpeningPort port,
        TimeSpan now,
        bool isNewBoot = false,
        IReadOnlySet<string>? unheard = null
    )
    {
        (_self, _row, _open, _settings, _port, _now) = (self, row, row, settings, port, now);
        (_isNewBoot, _unheard) = (isNewBoot, unheard ?? new HashSet<string>(StringComparer.Ordinal));
        _endAt = now + settings.OpeningTimeout;
        _stepEndsAt = now + settings.PromiseTimeout;
    }

    private enum Stage
    {
        Promising,
        Fetching,
        Sealing,
        Swapping,
        Ended,
    }

    public void Start()
    {
        foreach (var member in _row.Members)
            Send(member, new MirrorMessage.Promise());
    }

    public void Tick(TimeSpan now)
    {
        _now = now;
        if (_stage == Stage.Ended)
            return;
        if (now >= _endAt)
        {
            Fail(OpeningFailure.TryAgain, $"its members did not answer in time while {Doing()}");
            return;
        }
        if (_askRowAt <= now)
        {
            _askRowAt = null;
            _port.ReadRow();
        }
        if (now < _stepEndsAt)
            return;
        if (_stage == Stage.Promising && _copies.ContainsKey(_self))
            Succeed();
        else if (_stage == Stage.Sealing && _sealed.Contains(_self))
            SwapOpen();
        else if (_stage == Stage.Fetching)
            Fail(OpeningFailure.TryAgain, $"{_source} has more of its write cache than {_self}, and does not send it");
    }

    /// <summary>A member cannot be reached, or its connection has ended.</summary>
    public void Unreachable(string server, TimeSpan now)
    {
        _now = now;
        _silent.Add(server);
        GoOn();
    }

    public void Received(string server, MirrorMessage message, TimeSpan now)
    {
        _now = now;
        if (_stage == Stage.Ended)
            return;
        // One of a lower epoch answers what an earlier session of this server sent on the same connection.
        if (message is MirrorMessage.Refused refused && refused.Epoch >= _row.Epoch)
        {
            if (refused.Epoch > _row.Epoch)
                Fail(OpeningFailure.Overtaken, $"{server} has promised {refused.Epoch}");
            // Compacted away: what was needed of it was appended again behind it.
            else if (
                refused.Reason == MirrorRefusal.Missing
                && _stage == Stage.Fetching
                && server == _source
                && _fetching < _seal.Segment
            )
                Fetch(_fetching + 1, 0);
            else
                Unreachable(server, now);
            return;
        }
        if (message.Epoch != _row.Epoch)
            return;
        switch (message)
        {
            case MirrorMessage.Promised promised when _stage == Stage.Promising:
                _copies[server] = promised.State;
                break;
            case MirrorMessage.Fetched fetched when _stage == Stage.Fetching && server == _source:
                _stepEndsAt = now + _settings.PromiseTimeout;
                _port.WriteSegment(_row.Epoch, fetched.Segment, fetched.Offset, fetched.Bytes, fetched.LengthBytes);
                break;
            case MirrorMessage.Sealed at when _stage == Stage.Sealing && at.At == _seal:
                _sealed.Add(server);
                break;
        }
        GoOn();
    }

    /// <param name="nextOffset">How much of it is written; as long as it is: all.</param>
    public void SegmentWritten(int segment, long nextOffset, long lengthBytes, bool isDone, TimeSpan now)
    {
        _now = now;
        if (_stage != Stage.Fetching)
            return;
        if (!isDone)
            Fail(OpeningFailure.TryAgain, $"{_self} cannot write what it lacks of its write cache");
        else if (nextOffset < lengthBytes)
            Fetch(segment, nextOffset);
        else if (segment < _seal.Segment)
            Fetch(segment + 1, 0);
        else
        {
            // The own copy says anew how long it is.
            (_stage, _stepEndsAt) = (Stage.Promising, now + _settings.PromiseTimeout);
            _copies.Remove(_self);
            Send(_self, new MirrorMessage.Promise());
        }
    }

    public void RowAnswered(RowAnswer answer, TimeSpan now)
    {
        _now = now;
        if (_stage != Stage.Swapping)
            return;
        switch (answer)
        {
            case RowAnswer.Is { Row: { } row } when row.IsSessionOf(_row):
                if (row.Phase == SessionPhase.Open)
                {
                    _stage = Stage.Ended;
                    _port.Opened(row, _seal);
                }
                else
                    _port.Swap(_open with { Revision = row.Revision });
                break;
            case RowAnswer.Is:
                Fail(OpeningFailure.Overtaken, "a newer session has begun");
                break;
            case RowAnswer.Changed:
                _port.ReadRow();
                break;
            default:
                _askRowAt = now + _settings.RetryInterval;
                break;
        }
    }

    private void GoOn()
    {
        if (_stage == Stage.Promising && HasPromises())
            Succeed();
        else if (_stage == Stage.Sealing && _asked.All(m => _sealed.Contains(m) || _silent.Contains(m)))
            SwapOpen();
        else if (_stage == Stage.Fetching && _silent.Contains(_source))
            Fail(OpeningFailure.TryAgain, $"{_source} has more of its write cache than {_self}, and went away");
    }

    /// <summary>All have answered that can be reached; or those have whose copies will do, and the others were silent before they were asked.</summary>
    private bool HasPromises()
    {
        string[] missing = [.. _row.Members.Where(m => !_copies.ContainsKey(m) && !_silent.Contains(m))];
        return missing.Length == 0 || (missing.All(_unheard.Contains) && Next() is Succession.Continue);
    }

    private Succession Next() => Succession.Of(_row.Members, _copies, _self, _isNewBoot);

    private void Succeed()
    {
        if (!_copies.ContainsKey(_self))
        {
            Fail(OpeningFailure.TryAgain, $"{_self} cannot promise an epoch for its own copy");
            return;
        }
        switch (Next())
        {
            case Succession.Wait wait:
                Fail(OpeningFailure.TryAgain, wait.Reason);
                break;
            case Succession.MustBoot over:
                Fail(OpeningFailure.MustBoot, over.Reason);
                break;
            case Succession.Continue next when next.Source == _self:
                Seal(next.Seal);
                break;
            case Succession.Continue next when Succession.IsUsable(_copies[_self]):
                (_stage, _seal, _source) = (Stage.Fetching, next.Seal, next.Source);
                _stepEndsAt = _now + _settings.PromiseTimeout;
                // A file that was left is never appended to: the last segment is fetched whole.
                Fetch(Math.Max(1, _copies[_self].End.Segment), 0);
                break;
            case Succession.Continue next:
                Fail(OpeningFailure.Elsewhere, $"the copy of its write cache at {_self} is lost", next.Source);
                break;
        }
    }

    private void Seal(CachePosition seal)
    {
        (_stage, _seal, _stepEndsAt) = (Stage.Sealing, seal, _now + _settings.PromiseTimeout);
        foreach (var (member, copy) in _copies.OrderBy(c => c.Key, StringComparer.Ordinal))
            if (Succession.IsUsable(copy) && copy.End >= _seal && !_silent.Contains(member))
                _asked.Add(member);
        foreach (var member in _asked)
            Send(member, new MirrorMessage.Seal(_seal));
    }

    private void SwapOpen()
    {
        if (!_sealed.Contains(_self))
        {
            Fail(OpeningFailure.TryAgain, $"{_self} cannot seal its copy of the write cache");
            return;
        }
        _stage = Stage.Swapping;
        _open = SessionRules.Opened(_row, _row.Members.Where(m => _sealed.Contains(m) && !_silent.Contains(m)));
        _port.Swap(_open);
    }

    private void Fetch(int segment, long offset)
    {
        _fetching = segment;
        Send(_source, new MirrorMessage.Fetch(segment, offset));
    }

    private void Send(string server, MirrorMessage message) => _port.Send(server, message with { Epoch = _row.Epoch });

    private void Fail(OpeningFailure failure, string reason, string? elsewhere = null)
    {
        _stage = Stage.Ended;
        _port.NotOpened(failure, reason, elsewhere);
    }

    private string Doing() =>
        _stage switch
        {
            Stage.Promising => "they were asked to promise its epoch",
            Stage.Fetching => "the rest of its write cache was fetched",
            Stage.Sealing => "their copies were sealed",
            _ => "its session was to be written to the farm database",
        };
}
