using System.Collections.Immutable;

namespace Hatchery.Mirroring;

/// <summary>
/// A further member: new segments live from their first byte, the closed ones by hash; then writes wait for it, it syncs once, and the keeper
/// adds it to the row. One at a time.
/// </summary>
public sealed partial class StreamerCore
{
    private const int CopyFailuresMax = 3;

    private MemberLink? _joiner;
    private int _join;

    /// <param name="server">Null: there is none now.</param>
    public void MemberChosen(string? server, TimeSpan now)
    {
        Now(now);
        _isAsking = false;
        _askAt = _now + _settings.JoinInterval;
        if (IsEnded || server is null || server == _self || _links.ContainsKey(server) || _joiner is not null)
            return;
        _joiner = new(server, isMember: false) { StepSince = _now };
        _join++;
        Add(_joiner);
        _port.Raise(new MirrorNotice.JoinBegun(server));
        _port.Connect(server);
    }

    /// <param name="join">As it was asked with.</param>
    /// <param name="segment">The next closed segment; null: there is no further one.</param>
    /// <param name="sha256">Of its bytes up to that length.</param>
    public void SegmentHashed(int join, int? segment, long lengthBytes, ImmutableArray<byte> sha256, TimeSpan now)
    {
        Now(now);
        if (IsEnded || join != _join || _joiner is not { Stage: LinkStage.Copying } link)
            return;
        link.StepSince = _now;
        if (segment is { } number)
        {
            (link.CopySegment, link.CopyLength, link.CopyFailures) = (number, lengthBytes, 0);
            Send(link, new MirrorMessage.Offer(number, lengthBytes, sha256));
            return;
        }
        link.Stage = LinkStage.Syncing;
        AskSync(link, _head);
    }

    /// <param name="join">As it was asked with.</param>
    /// <param name="bytes">Null: it cannot be read.</param>
    public void SegmentRead(int join, int segment, long offset, ReadOnlyMemory<byte>? bytes, TimeSpan now)
    {
        Now(now);
        if (IsEnded || join != _join || _joiner is not { Stage: LinkStage.Copying } link)
            return;
        link.StepSince = _now;
        if (bytes is { } read)
            Send(link, new MirrorMessage.Copy(segment, offset, read));
        else
            Fail(link, $"segment {segment} cannot be read for it");
    }

    private bool TakeOfJoin(MemberLink link, MirrorMessage message)
    {
        switch (message)
        {
            case MirrorMessage.Joined when link.Stage == LinkStage.Greeting && !link.IsMember:
                (link.Stage, link.StepSince) = (LinkStage.Waiting, _now);
                _port.HoldCompaction(isHeld: true);
                _port.BeginSegment();
                return true;
            case MirrorMessage.Copied copied
                when link.Stage == LinkStage.Copying
                    && copied.Segment == link.CopySegment
                    && copied.Offset <= link.CopyLength:
                link.StepSince = _now;
                if (copied.Offset == link.CopyLength)
                    _port.HashSegment(_join, link.CopySegment, link.LiveFrom);
                else if (copied.Offset == 0 && ++link.CopyFailures > CopyFailuresMax)
                    Fail(link, $"its copy of segment {link.CopySegment} is never what was sent");
                else
                    _port.ReadSegment(_join, link.CopySegment, copied.Offset);
                return true;
            default:
                return false;
        }
    }

    private void BeginCopying(MemberLink link, int segment)
    {
        (link.Stage, link.LiveFrom, link.StepSince) = (LinkStage.Copying, segment, _now);
        _port.HashSegment(_join, 0, segment);
    }

    private void Settle(MemberLink link)
    {
        if (link.Stage == LinkStage.Syncing && link.Synced == link.SyncAsked)
        {
            // From here on nothing is acknowledged that it does not have. What was acknowledged before lies below the head.
            (link.Stage, link.SettledAt) = (LinkStage.Settling, _head);
            AskSync(link, _head);
        }
        if (link.Stage == LinkStage.Settling && link.Synced >= link.SettledAt)
        {
            (link.Stage, _offerAt) = (LinkStage.Offered, _now);
            StepRow();
        }
    }

    private void EndJoin()
    {
        if (_joiner is null)
            return;
        _joiner = null;
        _port.HoldCompaction(isHeld: false);
        _askAt = _now + _settings.JoinInterval;
    }
}
