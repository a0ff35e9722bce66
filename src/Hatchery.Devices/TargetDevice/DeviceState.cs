using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Hatchery.Disks;
using Hatchery.Wire;

namespace Hatchery.Devices;

/// <summary>How a machine gets its root disk.</summary>
public enum BootTransport
{
    /// <summary>The firmware attaches the disk by iSCSI and boots from it.</summary>
    San,

    /// <summary>Kernel and initramfs by HTTP, the root by iSCSI.</summary>
    Iscsi,

    /// <summary>Kernel and initramfs by HTTP, the root by NBD.</summary>
    Nbd,
}

public enum DevicePhase
{
    /// <summary>Known, and never booted or known to be off.</summary>
    Off,

    /// <summary>The firmware or the initramfs has its disk.</summary>
    SessionOpen,

    /// <summary>The operating system has its disk.</summary>
    Running,

    /// <summary>No connection is left, and it is not yet sure that the machine is off.</summary>
    Lost,
}

/// <param name="Mode">What becomes of what the device writes; never <see cref="DiskMode.Maintenance"/>.</param>
/// <param name="KeepFor">Of <see cref="DiskMode.Differencing"/>: how long a write cache is kept from when it was made; null: without end.</param>
/// <param name="OldVersionUntil">
/// Of <see cref="DiskMode.Differencing"/>: until when a kept write cache goes on with its version after that was replaced; null: the next boot starts clean.
/// </param>
/// <param name="Cache">Of <see cref="DiskMode.Standard"/>: where what the device writes lies.</param>
/// <param name="CacheRamBytes">How much of its memory that may be; null: half of what is free when it boots.</param>
public sealed record Assignment(
    VDiskId VDisk,
    BootTransport Transport,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] DiskMode Mode = default,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] TimeSpan? KeepFor = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? OldVersionUntil = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] CachePlace Cache = default,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? CacheRamBytes = null
)
{
    private static readonly TimeSpan s_keepMin = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_keepMax = TimeSpan.FromDays(3650);
    private const long CacheRamMinBytes = 16L << 20;
    private const long CacheRamMaxBytes = 1L << 44;

    /// <summary>What is wrong with it; null: nothing.</summary>
    [JsonIgnore]
    public string? Fault =>
        Mode == DiskMode.Maintenance || !Enum.IsDefined(Mode) ? "a mode is standard, differencing or private"
        : Mode != DiskMode.Differencing && (KeepFor is not null || OldVersionUntil is not null)
            ? "how long a write cache is kept, and on an old version, is for the mode differencing"
        : KeepFor is { } keep && (keep < s_keepMin || keep > s_keepMax)
            ? "a write cache is kept for 1 minute or more, up to 10 years"
        : !Enum.IsDefined(Cache) ? "a write cache is at the server, in ram, ram-disk or on disk"
        : Cache != CachePlace.Server && Mode != DiskMode.Standard
            ? "a write cache in the machine itself is for the mode standard: what is to be kept lies at servers"
        : Cache != CachePlace.Server && Transport == BootTransport.San
            ? "a write cache in the machine itself is made by its initramfs: it needs the transport nbd or iscsi"
        : CacheRamBytes is not null && Cache is not (CachePlace.Ram or CachePlace.RamDisk)
            ? "how much memory a write cache may take is for the caches ram and ram-disk"
        : CacheRamBytes is < CacheRamMinBytes or > CacheRamMaxBytes
            ? "a write cache takes 16 MiB of memory or more, up to 16 TiB"
        : null;
}

/// <summary>The device's current boot.</summary>
/// <param name="Cache">Its write cache; <see cref="LayerId.None"/>: the machine has that itself.</param>
/// <param name="Epoch">Of its latest session.</param>
/// <param name="CacheFrom">When its write cache was made, by an earlier boot; null: by this one.</param>
/// <param name="Chain">What lies below the write cache, <paramref name="Image"/> last; default: that image alone.</param>
/// <param name="Writes">The version in maintenance that it writes, on top of <paramref name="Version"/>; null: none.</param>
/// <param name="RanAt">When its operating system first had its disk; null: it did not yet.</param>
public sealed record BootRecord(
    BootId Id,
    VDiskId VDisk,
    int Version,
    LayerId Image,
    LayerId Cache,
    Epoch Epoch,
    string Server,
    DateTimeOffset StartedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] DiskMode Mode = default,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? CacheFrom = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] ImmutableArray<LayerId> Chain = default,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Writes = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? RanAt = null
)
{
    [JsonIgnore]
    public ImmutableArray<LayerId> Layers => Chain.IsDefault ? [Image, Cache] : [.. Chain, Cache];

    /// <summary>What the device writes lies at servers.</summary>
    [JsonIgnore]
    public bool HasCache => Cache != LayerId.None;

    [JsonIgnore]
    public DateTimeOffset CacheMadeAt => CacheFrom ?? StartedAt;
}

/// <summary>Everything that must survive of one device.</summary>
/// <param name="Assignment">Its own; null: its collection's.</param>
/// <param name="Settings">Its own; null: none.</param>
/// <param name="Rule">The rule for unknown machines that added it; null: an operator did.</param>
/// <param name="Capture">What it boots before anything else; null: nothing of the kind.</param>
/// <param name="Placement">The server that it is to go to: while it runs where that server can have a copy of its write cache, else at its next boot; null: wherever it is best.</param>
public sealed record DeviceState(
    DeviceId Id,
    string Name,
    ImmutableArray<MacAddress> Macs,
    Guid? Uuid,
    Assignment? Assignment,
    BootRecord? Boot,
    int BootCount,
    DevicePhase Phase,
    DateTimeOffset PhaseSince,
    bool IsKnown,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] CollectionId Collection = default,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] MachineSettings? Settings = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Rule = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Placement = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] MachineSecrets? Secrets = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] CaptureOrder? Capture = null
) : IFarmState<DeviceState, IDeviceEvent>
{
    public static DeviceState Unknown(DeviceId id) =>
        new(id, "", [], null, null, null, 0, DevicePhase.Off, default, false);

    /// <summary>What is set for this device itself, over its collection's.</summary>
    [JsonIgnore]
    public MachineSettings Own => Settings ?? MachineSettings.None;

    [JsonIgnore]
    public MachineSecrets OwnSecrets => Secrets ?? MachineSecrets.None;

    /// <summary>0 before the first session.</summary>
    [JsonIgnore]
    public Epoch Epoch => Boot?.Epoch ?? default;

    public DeviceState Apply(IDeviceEvent happened) =>
        happened switch
        {
            DeviceAdded e => this with
            {
                Name = e.Name,
                Macs = e.Macs,
                Uuid = e.Uuid,
                IsKnown = true,
                PhaseSince = e.At,
                Collection = e.Collection,
                Rule = e.Rule,
            },
            DeviceMoved e => this with { Collection = e.Collection },
            DeviceSettingsChanged e => this with
            {
                Settings = Own.Apply(e.Change) is { IsNone: false } own ? own : null,
            },
            VDiskAssigned e => this with
            {
                Assignment = new(e.VDisk, e.Transport, e.Mode, e.KeepFor, e.OldVersionUntil, e.Cache, e.CacheRamBytes),
            },
            VDiskUnassigned => this with { Assignment = null },
            BootStarted e => this with
            {
                Boot = new(
                    e.Boot,
                    e.VDisk,
                    e.Version,
                    e.Image,
                    e.Cache,
                    e.Epoch,
                    e.Server,
                    e.At,
                    e.Mode,
                    e.CacheFrom,
                    e.Chain,
                    e.Writes
                ),
                // The same boot begins once more when nobody had its disk the first time.
                BootCount = Boot?.Id == e.Boot ? BootCount : BootCount + 1,
                Phase = DevicePhase.SessionOpen,
                PhaseSince = e.At,
                Placement = null,
            },
            SecretSet e => this with { Secrets = OwnSecrets.With(e.Secret) },
            SecretsRemoved e => this with { Secrets = OwnSecrets.Without(e.Names) },
            SecretsReleased e => this with { Secrets = OwnSecrets with { Released = e } },
            CaptureOrdered e => this with { Capture = e.Order },
            CaptureEnded => this with { Capture = null },
            DevicePlaced e => this with { Placement = e.Server },
            SessionReopened { IsOff: true } e => this with { Boot = Boot! with { Epoch = e.Epoch, Server = e.Server } },
            SessionReopened e => this with
            {
                Boot = Boot! with
                {
                    Epoch = e.Epoch,
                    Server = e.Server,
                    RanAt = Boot.RanAt ?? (Phase == DevicePhase.SessionOpen ? null : e.At),
                },
                Phase = Phase == DevicePhase.SessionOpen ? Phase : DevicePhase.Running,
                PhaseSince = e.At,
                Placement = Placement == e.Server ? null : Placement,
            },
            PhaseChanged e => this with
            {
                Phase = e.Phase,
                PhaseSince = e.Phase == Phase ? PhaseSince : e.At,
                Boot =
                    e.Phase == DevicePhase.Running && Boot is { RanAt: null } boot ? boot with { RanAt = e.At } : Boot,
            },
            // The epoch outlives the device: an id is never used twice, but a late streamer may still hold a session.
            DeviceRemoved => this with
            {
                IsKnown = false,
                Assignment = null,
                Collection = default,
                Settings = null,
                Rule = null,
                Secrets = null,
                Placement = null,
                Capture = null,
            },
            _ => this,
        };
}
