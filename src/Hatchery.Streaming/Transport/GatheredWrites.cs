using Hatchery.Disks;

namespace Hatchery.Streaming.Transport;

/// <summary>Writes that came in one receive: the disk takes them together, and whoever waits for them begins to when it has.</summary>
internal sealed class GatheredWrites
{
    private readonly List<(PendingWork<DiskStatus> Work, ValueTask<DiskStatus> Answer)> _waiting = [];
    private IDisk? _disk;

    /// <summary>More has come: from now on writes wait for one another, up to <see cref="End"/>.</summary>
    public void Begin(IDisk disk)
    {
        if (_disk is not null)
            return;
        _disk = disk;
        disk.BeginGathering();
    }

    public void Watch(PendingWork<DiskStatus> work, ValueTask<DiskStatus> answer)
    {
        if (_disk is null)
            work.Watch(answer);
        else
            _waiting.Add((work, answer));
    }

    public void End()
    {
        if (_disk is not { } disk)
            return;
        _disk = null;
        disk.EndGathering();
        foreach (var (work, answer) in _waiting)
            work.Settle(answer);
        _waiting.Clear();
    }
}
