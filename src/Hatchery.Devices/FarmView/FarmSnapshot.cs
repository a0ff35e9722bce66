using System.Collections.Immutable;
using Hatchery.Disks;
using Hatchery.Wire;

namespace Hatchery.Devices;

/// <summary>All that a node knows of the farm at one moment; immutable, so that readers need no lock.</summary>
public sealed class FarmSnapshot
{
    public static FarmSnapshot Empty { get; } =
        new(
            0,
            DeviceIndex.Empty,
            ImmutableDictionary<VDiskId, VDiskState>.Empty,
            PolicyState.Initial,
            ImmutableDictionary<string, long>.Empty,
            ImmutableDictionary<string, long>.Empty
        );

    public const int SliceDevices = 256;

    private readonly DeviceIndex _devices;
    private readonly ImmutableDictionary<VDiskId, VDiskState> _vDisks;
    private readonly ImmutableDictionary<string, long> _sequences;

    /// <summary>Of vDisks, the events that came from the entity itself and that the journal's reader has not come to.</summary>
    private readonly ImmutableDictionary<string, long> _ahead;

    private FarmSnapshot(
        long offset,
        DeviceIndex devices,
        ImmutableDictionary<VDiskId, VDiskState> vDisks,
        PolicyState policy,
        ImmutableDictionary<string, long> sequences,
        ImmutableDictionary<string, long> ahead
    ) => (Offset, _devices, _vDisks, Policy, _sequences, _ahead) = (offset, devices, vDisks, policy, sequences, ahead);

    /// <summary>Place in the tagged journal up to which everything is in here.</summary>
    public long Offset { get; }

    /// <summary>Sites, collections and rules.</summary>
    public PolicyState Policy { get; }

    public IEnumerable<DeviceState> Devices => AnyDevices.OrderBy(d => d.Name, StringComparer.Ordinal);

    /// <summary>The same in any order, which costs less in a large farm.</summary>
    public IEnumerable<DeviceState> AnyDevices => _devices.ById.Values.Where(d => d.IsKnown);

    /// <summary>The same a slice at a time, for those who would keep others waiting if they looked at all at a stretch.</summary>
    public IEnumerable<IReadOnlyList<DeviceState>> DeviceSlices => AnyDevices.Chunk(SliceDevices);

    public IEnumerable<VDiskState> VDisks =>
        _vDisks.Values.Where(v => v.IsKnown).OrderBy(v => v.Name, StringComparer.Ordinal);

    public DeviceState? Device(DeviceId id) =>
        _devices.ById.TryGetValue(id, out var device) && device.IsKnown ? device : null;

    /// <param name="nameOrId">A name, or an id as 32 hexadecimal digits.</param>
    public DeviceState? Device(string nameOrId) =>
        DeviceId.TryParse(nameOrId, null, out var id) ? Device(id)
        : _devices.ByName.TryGetValue(nameOrId, out id) ? Device(id)
        : null;

    public DeviceState? Device(MacAddress mac) => _devices.ByMac.TryGetValue(mac, out var id) ? Device(id) : null;

    public bool IsDeviceName(string name) => _devices.ByName.ContainsKey(name);

    /// <summary>How many devices are in a collection.</summary>
    public int DeviceCount(CollectionId collection) => _devices.Counts.GetValueOrDefault(collection);

    public VDiskState? VDisk(VDiskId id) => _vDisks.TryGetValue(id, out var vDisk) && vDisk.IsKnown ? vDisk : null;

    public VDiskState? VDisk(string nameOrId) =>
        VDiskId.TryParse(nameOrId, null, out var id)
            ? VDisk(id)
            : VDisks.FirstOrDefault(v => string.Equals(v.Name, nameOrId, StringComparison.Ordinal));

    public long SequenceOf(string persistenceId) => _sequences.GetValueOrDefault(persistenceId);

    /// <summary>
    /// False while the view knows something of a vDisk before the journal's reader does: what other vDisks did earlier may be missing then.
    /// </summary>
    public bool IsInOrder => _ahead.IsEmpty;

    /// <summary>Whether the journal's reader has come to an event of a vDisk, so that all before it is in here.</summary>
    public bool HasRead(string persistenceId, long sequenceNumber) =>
        SequenceOf(persistenceId) >= sequenceNumber && !_ahead.ContainsKey(persistenceId);

    /// <summary>
    /// Applies one event. One applied before changes nothing, so the journal's reader and the entity itself may both deliver it;
    /// one from the entity (no offset) that leaves a gap waits for the reader.
    /// </summary>
    public FarmSnapshot Apply(string persistenceId, long sequenceNumber, object happened, long? offset = null)
    {
        var reached = Math.Max(Offset, offset ?? 0);
        var ahead =
            offset is null ? _ahead
            : _ahead.TryGetValue(persistenceId, out var said) && said <= sequenceNumber ? _ahead.Remove(persistenceId)
            : _ahead;
        if (sequenceNumber <= SequenceOf(persistenceId))
            return reached == Offset && ahead == _ahead
                ? this
                : new(reached, _devices, _vDisks, Policy, _sequences, ahead);
        if (offset is null && sequenceNumber > SequenceOf(persistenceId) + 1)
            return this;
        var sequences = _sequences.SetItem(persistenceId, sequenceNumber);
        return happened switch
        {
            IDeviceEvent e when PersistenceIds.TryDevice(persistenceId, out var id) => new(
                reached,
                _devices.With((_devices.ById.GetValueOrDefault(id) ?? DeviceState.Unknown(id)).Apply(e)),
                _vDisks,
                Policy,
                sequences,
                ahead
            ),
            IVDiskEvent e when PersistenceIds.TryVDisk(persistenceId, out var id) => new(
                reached,
                _devices,
                _vDisks.SetItem(id, (_vDisks.GetValueOrDefault(id) ?? VDiskState.Unknown(id)).Apply(e)),
                Policy,
                sequences,
                offset is null ? ahead.SetItem(persistenceId, sequenceNumber) : ahead
            ),
            IPolicyEvent e => new(reached, _devices, _vDisks, Policy.Apply(e), sequences, ahead),
            _ => new(reached, _devices, _vDisks, Policy, sequences, ahead),
        };
    }

    public FarmCheckpoint ToCheckpoint() =>
        new(Offset, [.. _devices.ById.Values], [.. _vDisks.Values], _sequences, Policy, _ahead);

    public static FarmSnapshot From(FarmCheckpoint c) =>
        new(
            c.Offset,
            DeviceIndex.Of(c.Devices),
            c.VDisks.ToImmutableDictionary(v => v.Id),
            c.Policy ?? PolicyState.Initial,
            c.Sequences,
            c.Ahead ?? ImmutableDictionary<string, long>.Empty
        );
}
