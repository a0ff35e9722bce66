namespace Hatchery.Mirroring;

/// <summary>
/// Where the copies are to be: a server that drains has one until enough others have; one that the device is to go to gets one, whoever
/// else has. What is too many leaves, one at a time, and no write ever waits for that.
/// </summary>
public sealed partial class StreamerCore
{
    private IReadOnlySet<string> _unwanted = new HashSet<string>(StringComparer.Ordinal);
    private string? _target;
    private bool _hasAskedForTarget;

    /// <summary>Servers that are to hold it; with fewer, further ones are asked for. A device that is to leave this server needs another that can take it.</summary>
    private int CopiesWanted => _unwanted.Contains(_self) ? Math.Max(2, _settings.Copies) : _settings.Copies;

    /// <summary>What is wanted from now on.</summary>
    /// <param name="unwanted">Servers that are to have no copy any more. This one among them: the device is to leave it.</param>
    /// <param name="target">The server that the device is to go to, none of the others; null: there is none.</param>
    public void Want(IReadOnlySet<string> unwanted, string? target, TimeSpan now)
    {
        Now(now);
        (_unwanted, _target) = (unwanted, target == _self ? null : target);
        if (IsEnded)
            return;
        if (_joiner is { IsRequired: false } link && _unwanted.Contains(link.Server))
            Fail(link, "it is to have none any more");
        ReleaseOne();
    }

    private void TickMembers()
    {
        ReleaseOne();
        if (_isAsking || _joiner is not null || _askAt > _now)
            return;
        var lacksTarget = _target is { } server && !_links.ContainsKey(server);
        var lacksAny =
            1 + _links.Values.Count(l => l.Stage != LinkStage.Leaving && !_unwanted.Contains(l.Server)) < CopiesWanted;
        if (!lacksTarget && !lacksAny)
            return;
        // A target that cannot be had keeps nobody else from having a copy.
        _hasAskedForTarget = lacksTarget && !(lacksAny && _hasAskedForTarget);
        _isAsking = true;
        _port.AskForMember(_hasAskedForTarget ? _target : null);
    }

    private void ReleaseOne()
    {
        if (_joiner is not null || _links.Values.Any(l => l.IsReleased || l.Stage != LinkStage.Live))
            return;
        var wanted = 1 + _links.Values.Count(l => !_unwanted.Contains(l.Server));
        var leaves = wanted >= CopiesWanted ? _links.Values.FirstOrDefault(l => _unwanted.Contains(l.Server)) : null;
        if (leaves is null && wanted > CopiesWanted && _target is null)
            leaves = _links[_row.Members.Last(_links.ContainsKey)];
        if (leaves is null)
            return;
        (leaves.IsReleased, leaves.Revision) = (true, _row.Revision);
        StepRow();
    }
}
