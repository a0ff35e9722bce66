using System.Text.Json.Serialization;
using Hatchery.Disks;

namespace Hatchery.Devices;

/// <summary>What happened to a vDisk; see <see cref="IDeviceEvent"/> for how events may change.</summary>
public interface IVDiskEvent;

/// <param name="SectorBytes">Null: 512.</param>
public sealed record VDiskCreated(
    string Name,
    DateTimeOffset At,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? SectorBytes = null
) : IVDiskEvent;

public sealed record VDiskRenamed(string Name, string? By, DateTimeOffset At) : IVDiskEvent;

/// <param name="KernelArguments">Added to the kernel's command line; null without a kernel beside the image.</param>
public sealed record VersionAdded(
    int Number,
    LayerId Image,
    long SizeBytes,
    string Sha256,
    bool HasKernel,
    string? KernelArguments,
    DateTimeOffset At
) : IVDiskEvent;

/// <summary>A further version, in maintenance.</summary>
/// <param name="Parent">The version whose layers it lies on; null: it is a whole image.</param>
/// <param name="By">Who did it, as far as that is known; likewise in what follows.</param>
public sealed record VersionCreated(
    int Number,
    LayerId Image,
    long SizeBytes,
    string Sha256,
    bool HasKernel,
    string? KernelArguments,
    int? Parent,
    string? By,
    string? Note,
    DateTimeOffset At
) : IVDiskEvent;

/// <summary>Into test, or into production, where it takes the place of the one before.</summary>
public sealed record VersionPromoted(int Number, VersionAccess To, string? By, DateTimeOffset At) : IVDiskEvent;

/// <summary>What was in production is in test again, and the version before it in production.</summary>
public sealed record ProductionReverted(int From, int To, string? By, DateTimeOffset At) : IVDiskEvent;

/// <summary>Takes the place of what was scheduled before.</summary>
public sealed record PromotionScheduled(int Number, DateTimeOffset From, string? By, DateTimeOffset At) : IVDiskEvent;

public sealed record PromotionCancelled(string? By, DateTimeOffset At) : IVDiskEvent;

/// <summary>A share of the devices tries a version; see <see cref="Canary"/>.</summary>
public sealed record CanaryStarted(
    int Number,
    CanaryPlan Plan,
    ulong Threshold,
    int Devices,
    string? By,
    DateTimeOffset At
) : IVDiskEvent;

/// <summary>A device boots the version of the canary.</summary>
public sealed record CanaryTried(DeviceId Device, DateTimeOffset At) : IVDiskEvent;

/// <summary>It is known how a device fared with it.</summary>
/// <param name="Why">Of one that has failed.</param>
public sealed record CanaryCounted(DeviceId Device, bool HasRun, string? Why, DateTimeOffset At) : IVDiskEvent;

/// <summary>Enough devices run, and an operator is to promote it.</summary>
public sealed record CanaryProven(int Number, DateTimeOffset At) : IVDiskEvent;

/// <param name="By">Null: it ended by itself.</param>
public sealed record CanaryEnded(int Number, CanaryOutcome Outcome, string Reason, string? By, DateTimeOffset At)
    : IVDiskEvent;

/// <param name="Number">Null: its devices boot what is in production again.</param>
public sealed record CollectionPinned(CollectionId Collection, int? Number, string? By, DateTimeOffset At)
    : IVDiskEvent;

public sealed record VersionDeleted(int Number, string? By, DateTimeOffset At) : IVDiskEvent;

public sealed record VersionTaken(DeviceId Device, int Number) : IVDiskEvent;

public sealed record VersionReleased(DeviceId Device) : IVDiskEvent;

/// <summary>A device takes the vDisk as its private image, with each boot in a new epoch.</summary>
public sealed record VDiskLocked(DeviceId Device, Epoch Epoch, DateTimeOffset At) : IVDiskEvent;

/// <summary>An operator has broken the lock.</summary>
public sealed record VDiskUnlocked(string? By, DateTimeOffset At) : IVDiskEvent;

public sealed record VDiskRemoved(DateTimeOffset At) : IVDiskEvent;
