namespace Hatchery.Mirroring.Simulation;

/// <summary>What was promised to the device, by whom, and whether it still holds. Values of a block only grow, so a lower one is an older one.</summary>
internal sealed class Ledger(World world)
{
    private readonly Dictionary<int, long> _acknowledged = [];
    private Dictionary<int, long> _flushed = [];
    private SimulatedStreamer? _current;

    /// <summary>A streamer answers logins from now on.</summary>
    public void Opened(SimulatedStreamer session)
    {
        if (_current?.Boot != session.Boot)
        {
            // A login of a boot that is over finds an open session of the next one in the row, and no other.
            World.Require(
                _current is null || _current.Boot < session.Boot,
                $"boot {session.Boot} was opened after {_current?.Boot}"
            );
            _acknowledged.Clear();
            _flushed = [];
        }
        else
            World.Require(_current.Epoch < session.Epoch, $"{session.Epoch} was opened after {_current.Epoch}");
        _current = session;
        foreach (var (block, value) in _acknowledged.OrderBy(a => a.Key))
            World.Require(
                session.Visible.GetValueOrDefault(block) >= value,
                $"{session.Epoch} begins with {session.Visible.GetValueOrDefault(block)} in block {block}, and {value} had been acknowledged"
            );
    }

    /// <summary>A streamer tells its device that a write is done, whether the device hears it or not.</summary>
    public void Acknowledged(SimulatedStreamer by, int block, long value)
    {
        if (_current is not { } current || by.Boot != current.Boot)
            return;
        World.Require(
            current.Visible.GetValueOrDefault(block) >= value,
            $"{by.Epoch} acknowledged {value} for block {block}, and {current.Epoch}, which is open, has {current.Visible.GetValueOrDefault(block)}"
        );
        _acknowledged[block] = Math.Max(_acknowledged.GetValueOrDefault(block), value);
    }

    public void Read(SimulatedStreamer by, int block, long value)
    {
        if (by == _current)
            World.Require(
                value >= _acknowledged.GetValueOrDefault(block),
                $"{by.Epoch} read {value} from block {block}, and {_acknowledged.GetValueOrDefault(block)} had been acknowledged"
            );
    }

    /// <summary>The device heard that its flush is done.</summary>
    /// <param name="known">What had been acknowledged when it was sent.</param>
    public void Flushed(int boot, IReadOnlyDictionary<int, long> known)
    {
        if (_current?.Boot == boot)
            foreach (var (block, value) in known)
                _flushed[block] = Math.Max(_flushed.GetValueOrDefault(block), value);
    }

    /// <summary>What is on the disks of members has everything that was flushed.</summary>
    public void Inspect(SimulatedServer server)
    {
        if (
            world.Database.Row is not { } row
            || row.Phase == SessionPhase.Booting
            || !row.HasMember(server.Name)
            || World.BootOf(row.Boot) != _current?.Boot
            || !server.Copies.TryGetValue(row.Cache, out var copy)
            || copy.IsLost
        )
            return;
        var content = copy.Content();
        foreach (var (block, value) in _flushed.OrderBy(f => f.Key))
            World.Require(
                content.GetValueOrDefault(block) >= value,
                $"after a loss of power {server.Name} has {content.GetValueOrDefault(block)} in block {block}, and {value} had been flushed"
            );
    }

    /// <summary>A device is told that its boot is over.</summary>
    public void BootIsOver(SessionRow row) =>
        World.Require(
            world.HadPowerLoss || world.HadDataLoss,
            $"boot {World.BootOf(row.Boot)} is over, and no disk ever lost anything"
        );
}
