namespace Hatchery.Mirroring;

/// <summary>Changes of the session row: a member that failed is out of it before anything is acknowledged without it.</summary>
public sealed partial class StreamerCore
{
    private bool _isSwapping;
    private bool _isOffering;
    private TimeSpan? _readRowAt;
    private TimeSpan _offerAt;

    /// <summary>What came of <see cref="IRowPort.Swap"/> or <see cref="IRowPort.ReadRow"/>.</summary>
    public void RowAnswered(RowAnswer answer, TimeSpan now)
    {
        Now(now);
        if (IsEnded)
            return;
        _isSwapping = false;
        Heard(answer);
    }

    /// <summary>What came of <see cref="IStreamerPort.OfferMember"/>.</summary>
    public void OfferAnswered(RowAnswer answer, TimeSpan now)
    {
        Now(now);
        if (IsEnded)
            return;
        _isOffering = false;
        _offerAt = _now + _settings.RetryInterval;
        // Whatever became of it, the row says.
        if (answer is RowAnswer.Is)
            Heard(answer);
        else
            ReadRow();
    }

    /// <summary>A server whose copy cannot be relied on: writes wait until it is out of the row, if they waited for it at all.</summary>
    private void Fail(MemberLink link, string reason)
    {
        _port.Disconnect(link.Server);
        if (!link.IsMember)
            EndJoin();
        if (!link.IsRequired)
        {
            Remove(link);
            _port.Raise(new MirrorNotice.JoinFailed(link.Server, reason));
            return;
        }
        // A keeper that was asked to add it may still do so: only a row that changed since shows that it will not.
        (link.Stage, link.Revision) = (LinkStage.Leaving, _row.Revision);
        _port.Raise(new MirrorNotice.MemberFailed(link.Server, reason));
        StepRow();
    }

    private void TickRow()
    {
        if (_readRowAt <= _now)
            ReadRow();
        else
            StepRow();
    }

    private void StepRow()
    {
        if (_isSwapping || _readRowAt is not null)
            return;
        var leaving = _links
            .Values.Where(l => l.IsReleased || l.Stage == LinkStage.Leaving)
            .Select(l => l.Server)
            .ToHashSet(StringComparer.Ordinal);
        if (leaving.Count > 0)
        {
            _isSwapping = true;
            _port.Swap(SessionRules.Without(_row, leaving));
        }
        else if (
            !_isOffering
            && _offerAt <= _now
            && _links.Values.FirstOrDefault(l => l.Stage == LinkStage.Offered) is { } ready
        )
        {
            _isOffering = true;
            _port.OfferMember(ready.Server, Epoch, _row.Revision);
        }
    }

    private void ReadRow()
    {
        if (_isSwapping)
            return;
        (_isSwapping, _readRowAt) = (true, null);
        _port.ReadRow();
    }

    private void Heard(RowAnswer answer)
    {
        switch (answer)
        {
            case RowAnswer.Is { Row: { } row } when row.IsSessionOf(_row) && row.Phase == SessionPhase.Open:
                if (row.Revision >= _row.Revision)
                    Adopt(row);
                StepRow();
                break;
            case RowAnswer.Is:
                End("a newer session has begun");
                break;
            case RowAnswer.Changed:
                ReadRow();
                break;
            default:
                _readRowAt = _now + _settings.RetryInterval;
                SayWhatWaits();
                break;
        }
    }

    private void SayWhatWaits()
    {
        foreach (var link in Links())
        {
            if (link.Stage != LinkStage.Leaving || !link.IsRequired || link.IsSaidToWait)
                continue;
            link.IsSaidToWait = true;
            _port.Raise(new MirrorNotice.RemovalWaits(link.Server));
        }
    }

    private void Adopt(SessionRow row)
    {
        _row = row;
        foreach (var link in Links())
        {
            if (
                (link.IsReleased || link.Stage == LinkStage.Leaving)
                && !row.HasMember(link.Server)
                && row.Revision > link.Revision
            )
                Forget(link);
            else if (link.Stage == LinkStage.Offered && row.HasMember(link.Server))
            {
                (link.Stage, link.IsMember) = (LinkStage.Live, true);
                EndJoin();
                _port.Raise(new MirrorNotice.MemberAdded(link.Server, row.Members.Length));
            }
        }
        // Nobody else's wish can have come through; should it all the same, nothing waits for a server that is not linked.
        foreach (var member in row.Members)
            if (member != _self && !_links.ContainsKey(member))
                Add(new(member, isMember: true) { Stage = LinkStage.Leaving, Revision = row.Revision });
    }

    private void Forget(MemberLink link)
    {
        Remove(link);
        if (link.Stage != LinkStage.Leaving)
            _port.Disconnect(link.Server);
        _port.Raise(
            !link.IsMember ? new MirrorNotice.JoinFailed(link.Server, "it left before it was a member")
            : link.Stage == LinkStage.Leaving ? new MirrorNotice.MemberRemoved(link.Server, _row.Members.Length)
            : new MirrorNotice.MemberReleased(link.Server, _row.Members.Length)
        );
        Acknowledge();
        SaySynced();
        SayConfirmed();
    }
}
