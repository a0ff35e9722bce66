using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Hatchery.Disks;
using Hatchery.Mirroring;
using Hatchery.Wire;

namespace Hatchery.Devices;

/// <summary>A command to one device's keeper; answered by a <see cref="Reply"/>.</summary>
public interface IDeviceCommand : IFarmMessage
{
    DeviceId Device { get; }

    string IFarmMessage.EntityId => Device.ToString();
}

/// <summary>Adding the same device again changes nothing; with other attributes it is a conflict.</summary>
/// <param name="Collection">Null: the default one, or wherever it is already.</param>
/// <param name="Rule">The rule for unknown machines that adds it; null: an operator does.</param>
public sealed record AddDevice(
    DeviceId Device,
    string Name,
    ImmutableArray<MacAddress> Macs,
    Guid? Uuid = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] CollectionId? Collection = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Rule = null
) : IDeviceCommand;

/// <summary>Into another collection; what it inherits changes with its next boot or lease.</summary>
public sealed record MoveDevice(DeviceId Device, CollectionId Collection) : IDeviceCommand;

public sealed record ChangeDeviceSettings(DeviceId Device, MachineSettingsChange Change) : IDeviceCommand;

/// <summary>Has the device go to that server if it can, while it runs or at its next boot.</summary>
public sealed record PlaceDevice(DeviceId Device, string Server) : IDeviceCommand;

/// <summary>Takes effect at the next boot. See <see cref="Assignment"/>.</summary>
public sealed record AssignVDisk(
    DeviceId Device,
    VDiskId VDisk,
    BootTransport Transport,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] DiskMode Mode = default,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] TimeSpan? KeepFor = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? OldVersionUntil = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] CachePlace Cache = default,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? CacheRamBytes = null
) : IDeviceCommand
{
    [JsonIgnore]
    public Assignment Assignment => new(VDisk, Transport, Mode, KeepFor, OldVersionUntil, Cache, CacheRamBytes);
}

public sealed record UnassignVDisk(DeviceId Device) : IDeviceCommand;

/// <summary>Has the device's vDisk forget that the device uses a version of it; refused while it is not known to be off.</summary>
public sealed record LetGoVersion(DeviceId Device, VDiskId VDisk) : IDeviceCommand;

/// <summary>Refused while the machine has its disk, unless forced.</summary>
public sealed record RemoveDevice(DeviceId Device, bool Force) : IDeviceCommand;

/// <summary>Answered by <see cref="SessionGrant"/>, <see cref="Reply.Elsewhere"/> or a refusal.</summary>
/// <param name="Boot">The nonce, already verified; null from a ROM with a fixed path.</param>
/// <param name="Server">Where the device logs in.</param>
/// <param name="HearsStreamer">That server holds a copy of the write cache, and its streamer has just been heard from.</param>
/// <param name="Obstacle">Why that server cannot stream the disk, as a sentence; null: it can.</param>
/// <param name="Request">The same when it is sent again for want of an answer, which then is the same; empty: never.</param>
/// <param name="Seen">The epoch of the session row when it was sent: in a newer one it comes too late, as its sender may have gone on without an answer; 0:
/// it is never too late.</param>
/// <param name="Follows">The epoch whose streamer wants the server to go on from it (<see cref="TakeSession"/>), of no other; null: a device logs in.</param>
public sealed record OpenSession(
    DeviceId Device,
    BootId? Boot,
    string Server,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool HearsStreamer = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Obstacle = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] Guid Request = default,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] Epoch Seen = default,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Epoch? Follows = null
) : IDeviceCommand;

/// <summary>
/// From a session's streamer to another server that holds the write cache: the device is to go on there, so the next epoch is to be opened there before
/// it comes. The session goes on until then. Not answered.
/// </summary>
/// <param name="Epoch">Of the session.</param>
public sealed record TakeSession(DeviceId Device, BootId Boot, Epoch Epoch);

/// <summary>The streamer of a boot has made its write cache and may answer the login once this is done. Only boots are confirmed so.</summary>
public sealed record ConfirmSession(DeviceId Device, Epoch Epoch, string Server) : IDeviceCommand;

/// <summary>Which server could hold a further copy of the write cache? Answered by <see cref="MemberChoice"/> or a refusal.</summary>
/// <param name="Except">Servers that hold one, or have just failed to.</param>
public sealed record ChooseMember(DeviceId Device, Epoch Epoch, ImmutableArray<string> Except) : IDeviceCommand;

/// <summary>A server has the whole write cache, and writes wait for it: it becomes a member of the session.</summary>
/// <param name="Revision">Of the session row as the streamer knows it: had it changed since, the copy might not be whole any more.</param>
public sealed record AddMember(DeviceId Device, Epoch Epoch, long Revision, string Server) : IDeviceCommand;

/// <param name="Server">Null: there is none now.</param>
public sealed record MemberChoice(string? Server) : Reply;

/// <summary>What the streamer saw of the machine. A report from an older epoch changes nothing.</summary>
public sealed record ReportPhase(DeviceId Device, Epoch Epoch, DevicePhase Phase) : IDeviceCommand;

/// <summary>The right to stream a device's disk in one epoch.</summary>
/// <param name="IsNewBoot">A boot begins; its cache has to be made, unless <paramref name="IsCacheKept"/>. Otherwise it has to be there.</param>
/// <param name="Cache"><see cref="LayerId.None"/>: the machine has its write cache itself.</param>
/// <param name="Retired">The write cache of the boot before, to be set aside.</param>
/// <param name="Revision">Of the session row that this grant stands in; 0 from a server that did not say.</param>
/// <param name="Members">Who may hold the write cache: those of the row, not yet counted.</param>
/// <param name="Image">The version's own layer, on which the write cache lies: a base image, or a closed layer.</param>
/// <param name="Plan">What lies below the write cache, <paramref name="Image"/> last; null from a server of before there were layers: that image alone.</param>
/// <param name="IsCacheKept">
/// With a new boot: its write cache is that of an earlier boot, and is opened by its members in the same way as that of a boot that goes on
/// (<see cref="SessionRules.BootAgain"/>); nobody confirms it to the keeper.
/// </param>
public sealed record SessionGrant(
    DeviceId Device,
    BootId Boot,
    Epoch Epoch,
    LayerId Image,
    LayerId Cache,
    bool IsNewBoot,
    BootTransport Transport,
    LayerId? Retired,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long Revision = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] ImmutableArray<string> Members = default,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DiskPlan? Plan = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool IsCacheKept = false
) : Reply
{
    /// <summary>The right that a row gives to its streamer.</summary>
    public static SessionGrant Of(
        SessionRow row,
        BootRecord boot,
        BootTransport transport,
        bool isNewBoot = false,
        LayerId? retired = null
    ) =>
        new(
            row.Device,
            boot.Id,
            row.Epoch,
            boot.Image,
            boot.Cache,
            isNewBoot,
            transport,
            retired,
            row.Revision,
            row.Members,
            new(row.Layers[..^1], boot.Mode)
        );

    /// <summary>What the device writes lies at servers; otherwise it gets a disk that it can only read.</summary>
    [JsonIgnore]
    public bool HasCache => Cache != LayerId.None;

    /// <summary>The write cache has to be made.</summary>
    [JsonIgnore]
    public bool MakesCache => IsNewBoot && !IsCacheKept && HasCache;

    /// <summary>What lies below the write cache, the base image first.</summary>
    [JsonIgnore]
    public ImmutableArray<LayerId> Chain => Plan?.Chain ?? [Image];

    /// <summary>The session row that this grant stands in.</summary>
    /// <param name="server">Who asked for it, and streams.</param>
    public SessionRow RowAt(string server) =>
        new(
            Device,
            Revision,
            Epoch,
            MakesCache ? SessionPhase.Booting : SessionPhase.Opening,
            Boot,
            server,
            Members.IsDefault ? [server] : Members,
            [.. Chain, Cache]
        );
}
