using System.Text.Json.Serialization;
using Hatchery.Disks;

namespace Hatchery.Devices;

/// <summary>A version in maintenance for one maintenance device to write.</summary>
/// <param name="Parent">What it lies on; null: the newest version.</param>
/// <param name="By">Who does it, as far as that is known; likewise in what follows.</param>
public sealed record OpenMaintenance(VDiskId VDisk, int? Parent = null, string? By = null, string? Note = null)
    : IVDiskCommand;

/// <summary>What was written becomes a layer, as soon as some server has made it. Refused while its device runs. The same again changes nothing.</summary>
/// <param name="Number">Null: the one that is open.</param>
/// <param name="To">Into what it is promoted then; maintenance: into nothing.</param>
/// <param name="IsForced">Whatever its device does: a session that it has ends.</param>
public sealed record CloseMaintenance(
    VDiskId VDisk,
    int? Number = null,
    VersionAccess To = VersionAccess.Maintenance,
    bool IsForced = false,
    string? By = null
) : IVDiskCommand;

/// <summary>A version with the content of another one, in fewer layers, or with what a device wrote on that. The same again changes nothing.</summary>
/// <param name="Top">Null: the newest version; with a writer, the one that it runs from.</param>
/// <param name="IsBase">It becomes a whole image; otherwise a layer on the whole image, or with a writer on that version.</param>
/// <param name="Writer">A device whose private image the vDisk is; null: none.</param>
/// <param name="Access">Null: that of <paramref name="Top"/>, or with a writer maintenance.</param>
public sealed record MakeVersion(
    VDiskId VDisk,
    int? Top = null,
    bool IsBase = false,
    DeviceId? Writer = null,
    VersionAccess? Access = null,
    string? By = null,
    string? Note = null
) : IVDiskCommand;

/// <summary>A server is about to make what is to be made. Refused when another one has claimed it.</summary>
/// <param name="Server">Null: it cannot.</param>
/// <param name="Instead">The server whose claim ends: the one that asks, or one that is not up.</param>
public sealed record ClaimMaking(
    VDiskId VDisk,
    int Number,
    string? Server,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] LayerId Layer = default,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Instead = null
) : IVDiskCommand;

/// <summary>What was made is to be promoted as it was wished; refused while a server lacks it.</summary>
public sealed record EndMaking(VDiskId VDisk, int Number) : IVDiskCommand;

/// <param name="Layers">More than so many on its whole image are merged when a version is in production; 0: never; null: as the servers are configured.</param>
public sealed record SetMergeLimit(VDiskId VDisk, int? Layers, string? By = null) : IVDiskCommand;
