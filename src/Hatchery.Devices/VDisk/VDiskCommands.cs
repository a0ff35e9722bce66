using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Hatchery.Disks;

namespace Hatchery.Devices;

/// <summary>A command to one vDisk; answered by a <see cref="Reply"/>.</summary>
public interface IVDiskCommand : IFarmMessage
{
    VDiskId VDisk { get; }

    string IFarmMessage.EntityId => VDisk.ToString();
}

/// <summary>An imported image becomes the first version of a new vDisk. The same image again changes nothing.</summary>
/// <param name="SectorBytes">Null: 512.</param>
public sealed record AddVDisk(
    VDiskId VDisk,
    string Name,
    LayerId Image,
    long SizeBytes,
    string Sha256,
    bool HasKernel,
    string? KernelArguments,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? SectorBytes = null
) : IVDiskCommand;

/// <summary>A new vDisk of layers that another one has: both have them from then on. The same again changes nothing.</summary>
/// <param name="Versions">What is to be in production, last, and what it lies on, the whole image first.</param>
public sealed record CloneVDisk(
    VDiskId VDisk,
    string Name,
    ImmutableArray<VDiskVersion> Versions,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? SectorBytes = null,
    string? By = null,
    string? Note = null
) : IVDiskCommand;

/// <summary>Whether a version is of that layer, at this moment and whatever a view shows; changes nothing.</summary>
public sealed record ConfirmVersion(VDiskId VDisk, LayerId Image) : IVDiskCommand;

/// <summary>The name is the vDisk's by its claim already.</summary>
public sealed record RenameVDisk(VDiskId VDisk, string Name, string? By = null) : IVDiskCommand;

/// <summary>A further version in maintenance, of which there is one at a time. The same again changes nothing.</summary>
/// <param name="Parent">The version whose layers it lies on; null: it is a whole image.</param>
/// <param name="By">Who does it, as far as that is known; likewise in what follows.</param>
/// <param name="Number">The version in the making (<see cref="VersionMaking"/>) that this is, which says what it lies on; null: an image of its own.</param>
public sealed record AddVersion(
    VDiskId VDisk,
    LayerId Image,
    long SizeBytes,
    string Sha256,
    bool HasKernel,
    string? KernelArguments,
    int? Parent = null,
    string? By = null,
    string? Note = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Number = null
) : IVDiskCommand;

/// <summary>Refused while a server that serves lacks bytes of it.</summary>
/// <param name="Number">Null: the newest that can be promoted.</param>
/// <param name="To">Test or production; null: from maintenance to test, from test to production.</param>
/// <param name="From">Into production from then on; null: now.</param>
public sealed record PromoteVersion(
    VDiskId VDisk,
    int? Number = null,
    VersionAccess? To = null,
    DateTimeOffset? From = null,
    string? By = null
) : IVDiskCommand;

/// <summary>The time that a promotion was scheduled for may have come; otherwise nothing changes.</summary>
public sealed record PromoteDue(VDiskId VDisk) : IVDiskCommand;

/// <summary>A share of the devices tries a version from their next boot on; refused while a server that serves lacks bytes of it.</summary>
/// <param name="Number">Null: the newest that can be promoted.</param>
public sealed record StartCanary(VDiskId VDisk, int? Number, CanaryPlan Plan, string? By = null) : IVDiskCommand;

/// <summary>A device was sent the kernel of the version that a canary tries.</summary>
/// <param name="At">When; the same when it is told again.</param>
public sealed record TryCanary(VDiskId VDisk, DeviceId Device, int Number, DateTimeOffset At) : IVDiskCommand;

/// <summary>The devices of a canary may have come to a result; otherwise nothing changes.</summary>
public sealed record JudgeCanary(VDiskId VDisk) : IVDiskCommand;

/// <summary>Takes back a scheduled promotion or a canary; without one, puts the version into production again that was there before.</summary>
public sealed record RevertVersion(VDiskId VDisk, string? By = null) : IVDiskCommand;

/// <param name="Number">Null: the collection's devices boot what is in production again.</param>
public sealed record PinCollection(VDiskId VDisk, CollectionId Collection, int? Number, string? By = null)
    : IVDiskCommand;

/// <summary>Refused while anybody uses it.</summary>
public sealed record DeleteVersion(VDiskId VDisk, int Number, string? By = null) : IVDiskCommand;

/// <summary>A boot takes the version that is for its device; answered by <see cref="VersionGrant"/>.</summary>
/// <param name="Sees">What the device is for, and <paramref name="Collection"/> where it is.</param>
/// <param name="IsPrivate">It is to have the vDisk for itself.</param>
/// <param name="Kept">The version that its kept write cache lies on, which it has if that is still there; null: none.</param>
/// <param name="Writes">The version in maintenance that its kept write cache is what was written of; null: none.</param>
/// <param name="Script">What its boot script was made for, and what it has then or nothing.</param>
public sealed record TakeVersion(
    VDiskId VDisk,
    DeviceId Device,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] VersionAccess Sees = default,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] CollectionId Collection = default,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool IsPrivate = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Kept = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Writes = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] ScriptMark Script = default
) : IVDiskCommand;

/// <summary>A device whose private image it is goes on with it; refused when another one has taken it since.</summary>
/// <param name="Writes">The version in maintenance that it writes instead; null: none.</param>
public sealed record HoldLock(
    VDiskId VDisk,
    DeviceId Device,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Writes = null
) : IVDiskCommand;

/// <summary>Breaks the lock of a private image, whatever its device does.</summary>
public sealed record UnlockVDisk(VDiskId VDisk, string? By = null) : IVDiskCommand;

public sealed record ReleaseVersion(VDiskId VDisk, DeviceId Device) : IVDiskCommand;

/// <summary>Refused while a device uses it.</summary>
public sealed record RemoveVDisk(VDiskId VDisk) : IVDiskCommand;

/// <param name="Layers">What the version is read from, the whole image first; default: its image alone.</param>
/// <param name="Writes">The version in maintenance on top of it that the device writes; null: none.</param>
public sealed record VersionGrant(
    VDiskId VDisk,
    VDiskVersion Version,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] ImmutableArray<LayerId> Layers = default,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Writes = null
) : Reply
{
    [JsonIgnore]
    public ImmutableArray<LayerId> Chain => Layers.IsDefault ? [Version.Image] : Layers;
}
