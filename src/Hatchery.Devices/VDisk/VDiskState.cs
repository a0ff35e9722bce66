using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Hatchery.Disks;

namespace Hatchery.Devices;

/// <summary>Who boots a version. Also what a device sees: the least finished of its vDisk's versions that it boots.</summary>
public enum VersionAccess
{
    /// <summary>Every device; one version at a time.</summary>
    Production,

    /// <summary>Test devices.</summary>
    Test,

    /// <summary>Maintenance devices; one version at a time.</summary>
    Maintenance,

    /// <summary>Nobody who is not pinned to it. It was in production, and may be again.</summary>
    Retired,
}

/// <summary>One state of a vDisk.</summary>
/// <param name="Image">The layer that holds what it changes; of one without a parent, a whole image.</param>
/// <param name="Parent">The version that it lies on; null: none, it is a whole image.</param>
/// <param name="InProductionFrom">When it came into production last; null: never, or as it was added.</param>
/// <param name="AddedBy">Null: not known.</param>
/// <param name="Tried">How its latest canary ended; null: it had none, or one that has not ended.</param>
public sealed record VDiskVersion(
    int Number,
    LayerId Image,
    long SizeBytes,
    string Sha256,
    bool HasKernel,
    string? KernelArguments,
    DateTimeOffset AddedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] VersionAccess Access = default,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Parent = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? InProductionFrom = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? AddedBy = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Note = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] CanaryVerdict? Tried = null
);

/// <summary>A version that is to come into production, as soon after that time as every server holds it.</summary>
public sealed record ScheduledPromotion(int Number, DateTimeOffset From, string? By);

/// <summary>The one device that has a vDisk as its private image.</summary>
/// <param name="Epoch">One higher each time that it is taken.</param>
/// <param name="IsHeld">False: it was broken, and what is left is its epoch.</param>
public sealed record VDiskLock(DeviceId Device, Epoch Epoch, DateTimeOffset Since, bool IsHeld = true)
{
    /// <summary>It ends when its device is known to be off since, or is no more.</summary>
    public bool HoldsIn(FarmSnapshot farm) =>
        IsHeld && farm.Device(Device) is { } device && !(device.Phase == DevicePhase.Off && device.PhaseSince > Since);
}

/// <param name="Versions">By number.</param>
/// <param name="Users">Which device's current boot runs from which version.</param>
/// <param name="Pins">Collections whose devices boot that version, whatever is in production; null: none.</param>
/// <param name="LastNumber">The highest that was ever deleted: no number is given twice.</param>
/// <param name="SectorBytes">The logical block that machines see; null: 512.</param>
/// <param name="Open">The version in maintenance that a machine writes; null: none.</param>
/// <param name="Making">The version that some server makes; null: none.</param>
/// <param name="MergeAbove">More layers than so many are merged when they are in production; 0: never; null: as the servers are configured.</param>
/// <param name="Abandoned">What servers may have made of versions that were then made by others, or given up: the latest ones.</param>
public sealed record VDiskState(
    VDiskId Id,
    string Name,
    ImmutableArray<VDiskVersion> Versions,
    ImmutableDictionary<DeviceId, int> Users,
    bool IsKnown,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ScheduledPromotion? Scheduled = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        ImmutableDictionary<CollectionId, int>? Pins = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int LastNumber = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] VDiskLock? Lock = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? SectorBytes = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] OpenVersion? Open = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] VersionMaking? Making = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? MergeAbove = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        ImmutableArray<LayerId> Abandoned = default,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Canary? Canary = null
) : IFarmState<VDiskState, IVDiskEvent>
{
    private const int AbandonedMax = 16;

    public static VDiskState Unknown(VDiskId id) => new(id, "", [], ImmutableDictionary<DeviceId, int>.Empty, false);

    [JsonIgnore]
    public VDiskVersion? Production => With(VersionAccess.Production);

    /// <summary>The version that was in production before; null: there is none left.</summary>
    [JsonIgnore]
    public VDiskVersion? BeforeProduction =>
        Versions.Where(v => v.Access == VersionAccess.Retired).MaxBy(v => v.InProductionFrom ?? v.AddedAt);

    [JsonIgnore]
    public int NextNumber =>
        Math.Max(
            Math.Max(LastNumber, Versions.IsEmpty ? 0 : Versions.Max(v => v.Number)),
            Math.Max(Open?.Number ?? 0, Making?.Number ?? 0)
        ) + 1;

    [JsonIgnore]
    public ImmutableDictionary<CollectionId, int> Pinned => Pins ?? ImmutableDictionary<CollectionId, int>.Empty;

    public VDiskVersion? Version(int number) => Versions.FirstOrDefault(v => v.Number == number);

    /// <summary>What a device boots: of the versions that it sees the least finished, of those in test the newest.</summary>
    /// <param name="collection">Where the device is: pinned to a version, those that see nothing but production boot that one.</param>
    /// <param name="chosen">The device, which a canary may have chosen; null: none does.</param>
    public VDiskVersion? VersionFor(VersionAccess sees, CollectionId collection, DeviceId? chosen = null) =>
        (sees == VersionAccess.Maintenance ? With(VersionAccess.Maintenance) : null)
        ?? (sees == VersionAccess.Production ? null : With(VersionAccess.Test))
        ?? (Pinned.TryGetValue(collection, out var pin) ? Version(pin) : null)
        ?? (chosen is { } device && CanaryOf(sees, collection, device) is { } canary ? Version(canary.Number) : null)
        ?? Production;

    /// <summary>The version that a boot script was made for, as long as the device may boot it: it boots it now, or it is or was in production, or
    /// of those that the device sees. Null: it may not, say because the version was taken back since.</summary>
    /// <param name="script">None: what <see cref="VersionFor"/> says.</param>
    public VDiskVersion? VersionOf(
        ScriptMark script,
        VersionAccess sees,
        CollectionId collection,
        DeviceId? chosen = null
    ) =>
        VersionFor(sees, collection, chosen) is var next && (next is null || script.Allows(Id, next.Image))
            ? next
            : Versions.LastOrDefault(v =>
                script.Allows(Id, v.Image)
                && v.Access switch
                {
                    VersionAccess.Test => sees != VersionAccess.Production,
                    VersionAccess.Maintenance => sees == VersionAccess.Maintenance,
                    _ => true,
                }
            );

    /// <summary>The canary that has chosen this device; null: there is none, or it has not.</summary>
    public Canary? CanaryOf(VersionAccess sees, CollectionId collection, DeviceId device) =>
        sees == VersionAccess.Production
        && Canary is { } canary
        && !Pinned.ContainsKey(collection)
        && canary.IsFor(Id, device, collection)
            ? canary
            : null;

    /// <summary>The layers that a version is read from, the whole image first.</summary>
    public ImmutableArray<LayerId> LayersOf(VDiskVersion version)
    {
        var layers = new Stack<LayerId>();
        for (VDiskVersion? v = version; v is not null; v = v.Parent is { } parent ? Version(parent) : null)
            layers.Push(v.Image);
        return [.. layers];
    }

    /// <summary>The whole image that a version lies on, or is.</summary>
    public VDiskVersion RootOf(VDiskVersion version)
    {
        while (version.Parent is { } parent && Version(parent) is { } below)
            version = below;
        return version;
    }

    /// <summary>Whether a version that a machine wrote is closed, or was given up. A view that has not heard of it yet says no.</summary>
    public bool IsOver(int written) =>
        Open?.Number != written && NextNumber > written && (Making?.Number != written || Version(written) is not null);

    public VDiskState Apply(IVDiskEvent happened) =>
        happened switch
        {
            VDiskCreated e => this with { Name = e.Name, IsKnown = true, SectorBytes = e.SectorBytes },
            VDiskRenamed e => this with { Name = e.Name },
            VersionAdded e => this with
            {
                Versions = Versions.Add(
                    new(e.Number, e.Image, e.SizeBytes, e.Sha256, e.HasKernel, e.KernelArguments, e.At)
                ),
            },
            VersionCreated e => this with
            {
                Open = Open?.Number == e.Number ? null : Open,
                Versions = Versions.Add(
                    new(
                        e.Number,
                        e.Image,
                        e.SizeBytes,
                        e.Sha256,
                        e.HasKernel,
                        e.KernelArguments,
                        e.At,
                        VersionAccess.Maintenance,
                        e.Parent,
                        AddedBy: e.By,
                        Note: e.Note
                    )
                ),
            },
            VersionPromoted e => Promote(e.Number, e.To, e.At),
            ProductionReverted e => Set(e.From, v => v with { Access = VersionAccess.Test })
                .Promote(e.To, VersionAccess.Production, e.At),
            PromotionScheduled e => this with { Scheduled = new(e.Number, e.From, e.By) },
            PromotionCancelled => this with { Scheduled = null },
            CanaryStarted e => Set(e.Number, v => v with { Tried = null }) with
            {
                Canary = new(
                    e.Number,
                    e.Plan,
                    e.Threshold,
                    e.Devices,
                    e.At,
                    e.By,
                    ImmutableDictionary<DeviceId, CanaryTry>.Empty
                ),
            },
            CanaryTried e => this with { Canary = Canary?.Tried(e) },
            CanaryCounted e => this with { Canary = Canary?.Counted(e) },
            CanaryProven => this with { Canary = Canary is { } proven ? proven with { IsProven = true } : null },
            CanaryEnded e => Set(
                e.Number,
                v =>
                    v with
                    {
                        Tried = new(
                            e.Outcome,
                            e.Reason,
                            Canary?.Passed ?? 0,
                            Canary?.Failed ?? 0,
                            Canary?.Devices ?? 0,
                            e.By,
                            e.At
                        ),
                    }
            ) with
            {
                Canary = null,
            },
            CollectionPinned e => this with
            {
                Pins =
                    e.Number is { } number ? Pinned.SetItem(e.Collection, number)
                    : Pinned.Remove(e.Collection) is { IsEmpty: false } left ? left
                    : null,
            },
            VersionDeleted e => this with
            {
                Versions = Versions.RemoveAll(v => v.Number == e.Number),
                LastNumber = Math.Max(LastNumber, e.Number),
                Scheduled = Scheduled?.Number == e.Number ? null : Scheduled,
                Open = Open?.Number == e.Number ? null : Open,
                Making = Making?.Number == e.Number ? null : Making,
                // What was made of a version that is there goes with it.
                Abandoned = Making?.Number == e.Number && Version(e.Number) is null ? WithAbandoned() : Abandoned,
            },
            MaintenanceOpened e => this with { Open = new(e.Number, e.Parent, e.At, e.By, e.Note) },
            MaintenanceTaken e => this with { Open = Open! with { Lock = new(e.Device, e.Epoch, e.At) } },
            MakingBegun e => this with { Making = e.Making },
            MakingClaimed e => this with
            {
                Abandoned = WithAbandoned(),
                Making = Making! with { Server = e.Server, Layer = e.Layer },
            },
            MakingEnded => this with { Making = null },
            MergeLimitSet e => this with { MergeAbove = e.Layers },
            VersionTaken e => this with { Users = Users.SetItem(e.Device, e.Number) },
            VersionReleased e => this with { Users = Users.Remove(e.Device) },
            VDiskLocked e => this with { Lock = new(e.Device, e.Epoch, e.At) },
            VDiskUnlocked => this with { Lock = Lock is { } broken ? broken with { IsHeld = false } : null },
            VDiskRemoved => this with
            {
                IsKnown = false,
                Versions = [],
                Scheduled = null,
                Pins = null,
                Lock = null,
                Open = null,
                Making = null,
                Canary = null,
            },
            _ => this,
        };

    private ImmutableArray<LayerId> WithAbandoned() =>
        Making is { Server: not null, Layer: var layer }
            ? [.. (Abandoned.IsDefault ? [] : Abandoned).TakeLast(AbandonedMax - 1), layer]
            : Abandoned;

    private VDiskVersion? With(VersionAccess access) =>
        Versions.IsDefaultOrEmpty ? null : Versions.LastOrDefault(v => v.Access == access);

    private VDiskState Promote(int number, VersionAccess to, DateTimeOffset at)
    {
        if (to != VersionAccess.Production)
            return Set(number, v => v with { Access = to });
        var before =
            Production is { } old && old.Number != number
                ? Set(old.Number, v => v with { Access = VersionAccess.Retired })
                : this;
        return before.Set(number, v => v with { Access = to, InProductionFrom = at }) with
        {
            Scheduled = Scheduled?.Number == number ? null : Scheduled,
        };
    }

    private VDiskState Set(int number, Func<VDiskVersion, VDiskVersion> change) =>
        this with
        {
            Versions = [.. Versions.Select(v => v.Number == number ? change(v) : v)],
        };
}
