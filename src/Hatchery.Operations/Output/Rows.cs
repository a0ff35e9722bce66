using System.Text.Json.Serialization;
using Hatchery.Devices;
using Hatchery.Disks;
using Hatchery.Wire.Dhcp;

namespace Hatchery.Operations;

/// <summary>A device as operators and their scripts see it: what holds for it, and where that is from (device or collection).
/// Times are UTC; fields are only ever added.</summary>
/// <param name="Rule">The rule for unknown machines that added it; null: an operator did.</param>
/// <param name="CaptureInto">The vDisk that is to be made of its own disk at its next boot; null: none.</param>
/// <param name="Placement">The server that it is to go to, while it runs or at its next boot; null: it stays, and boots where it is best.</param>
/// <param name="WriteCacheLimitBytes">0: none; null, in lists: the server's.</param>
/// <param name="WriteCacheLimitFrom">device, collection or server.</param>
/// <param name="Members">Servers that hold the whole write cache of its boot, its streamer first; null in lists.</param>
/// <param name="Access">production, test or maintenance: the least finished versions of its vDisk that it boots.</param>
/// <param name="Mode">standard, differencing or private; null without a vDisk.</param>
/// <param name="NextVersion">The version that its next boot has, as things are now; null: none.</param>
/// <param name="CopiesWanted">Servers that should hold it; null in lists.</param>
/// <param name="Cache">Where its write cache is to be: server, ram, ram-disk or disk; null without a vDisk.</param>
/// <param name="CacheRamBytes">Of its memory, at most; null: half of what is free.</param>
/// <param name="OwnCache">The write cache that it has itself, as it says; null: it has none, or did not tell this server of it.</param>
/// <param name="NeedsUefi">Firmware is to boot a disk that BIOS does not.</param>
internal sealed record DeviceRow(
    string Name,
    string Id,
    IReadOnlyList<string> Macs,
    string? Uuid,
    string Phase,
    DateTimeOffset PhaseSince,
    string? VDisk,
    string? Transport,
    int BootCount,
    BootRow? Boot,
    IReadOnlyList<TimelineRow>? Timeline = null,
    StallRow? Stall = null,
    string? Collection = null,
    string? Site = null,
    string? VDiskFrom = null,
    string? KernelArguments = null,
    string? KernelArgumentsFrom = null,
    IReadOnlyList<DhcpOptionRow>? DhcpOptions = null,
    string? Rule = null,
    UsageRow? WriteCache = null,
    long? WriteCacheLimitBytes = null,
    string? WriteCacheLimitFrom = null,
    IReadOnlyList<string>? Members = null,
    int? CopiesWanted = null,
    string? Placement = null,
    string? Access = null,
    int? NextVersion = null,
    string? Mode = null,
    TimeSpan? KeepFor = null,
    DateTimeOffset? OldVersionUntil = null,
    KeptRow? Kept = null,
    string? Cache = null,
    long? CacheRamBytes = null,
    OwnCacheRow? OwnCache = null,
    bool NeedsUefi = false,
    string? CaptureInto = null
)
{
    /// <summary>For people, behind a vDisk's name.</summary>
    public static string InMode(
        string? mode,
        TimeSpan? keepFor,
        DateTimeOffset? oldVersionUntil,
        string? cache,
        long? cacheRamBytes
    ) =>
        mode is null or "standard"
            ? cache is null or "server"
                ? ""
                : $", write cache in the machine ({cache}{(cacheRamBytes is { } ram ? $", {Sizes.Text(ram)} of its memory" : "")})"
            : $", {mode}"
                + (keepFor is { } keep ? $" for {Clock.Text(keep.TotalSeconds)}" : "")
                + (oldVersionUntil is { } until ? $", on a version that was replaced until {Clock.Text(until)}" : "");
}

/// <summary>The write cache that a device's last boot has left for its next one.</summary>
/// <param name="Until">The next boot from then on starts clean; null: none does.</param>
/// <param name="WhyClean">Why the next boot starts clean; null: it goes on with this write cache.</param>
internal sealed record KeptRow(int Version, DateTimeOffset Since, DateTimeOffset? Until, string? WhyClean);

/// <summary>The write cache that a machine has itself, as it said last to this server.</summary>
/// <param name="Place">ram, ram-disk or disk; null: it could make none.</param>
/// <param name="Wanted">Where it was to be.</param>
/// <param name="Fallback">Why it is not there; null: it is.</param>
/// <param name="UsedBytes">What was written since its boot, each block once: blocks that were discarded count, too.</param>
/// <param name="Level">ok, warning or full.</param>
internal sealed record OwnCacheRow(
    string? Place,
    string Wanted,
    string? Fallback,
    long SizeBytes,
    long UsedBytes,
    string Level,
    DateTimeOffset At
)
{
    public static OwnCacheRow? Of(OwnCache? known) =>
        known is not { Report: var r }
            ? null
            : new(
                r.Place?.Name(),
                r.Wanted.Name(),
                r.WhyNot,
                r.SizeBytes,
                r.UsedBytes,
                CacheRow.NameOf(r.Level)!,
                known.At
            );
}

/// <summary>A device's write cache while this server has it open.</summary>
/// <param name="LiveBytes">What the device wrote and still needs; what its limit counts.</param>
/// <param name="LimitBytes">0: none.</param>
/// <param name="FileBytes">On disk, with what compaction has not given back yet.</param>
/// <param name="Level">ok, warning or full.</param>
internal sealed record UsageRow(long LiveBytes, long LimitBytes, long FileBytes, long IndexMemoryBytes, string Level)
{
    public static UsageRow? Of(CacheUsage? usage) =>
        usage is null
            ? null
            : new(
                usage.LiveBytes,
                usage.LimitBytes,
                usage.SizeBytes,
                usage.IndexMemoryBytes,
                CacheRow.NameOf(usage.Level)!
            );
}

internal sealed record BootRow(
    string Id,
    string VDisk,
    int Version,
    ulong Epoch,
    string Server,
    string WriteCache,
    DateTimeOffset StartedAt
);

/// <param name="AfterSeconds">Since the step before; null for the first that is shown.</param>
internal sealed record TimelineRow(
    DateTimeOffset At,
    string Step,
    string Server,
    string Detail,
    double? AfterSeconds = null
);

/// <summary>Where a boot does not go on.</summary>
internal sealed record StallRow(DateTimeOffset Since, double Seconds, string Cause);

internal sealed record VDiskRow(
    string Name,
    string Id,
    IReadOnlyList<VersionRow> Versions,
    IReadOnlyList<string> Users,
    LockRow? Lock = null,
    int SectorBytes = VDiskImages.UsualSectorBytes
);

/// <summary>Whose private image a vDisk is.</summary>
internal sealed record LockRow(string Device, ulong Epoch, DateTimeOffset Since);

/// <param name="Access">production, test, maintenance or retired.</param>
/// <param name="Parent">The version that it lies on; null: none, it is a whole image.</param>
/// <param name="WrittenBy">The device that writes it, and nobody else; null: none does.</param>
/// <param name="BecomesNext">For people: what is to become of a version that is written, made, or waits to be promoted; null: nothing.</param>
/// <param name="ScheduledFrom">When it comes into production; null: that is not scheduled.</param>
internal sealed record VersionRow(
    int Number,
    string Image,
    long SizeBytes,
    string Sha256,
    bool Kernel,
    string? KernelArguments,
    DateTimeOffset AddedAt,
    string? Verified = null,
    string Access = VDiskVersions.Production,
    int? Parent = null,
    DateTimeOffset? InProductionFrom = null,
    DateTimeOffset? ScheduledFrom = null,
    IReadOnlyList<string>? UsedBy = null,
    IReadOnlyList<string>? PinnedBy = null,
    string? AddedBy = null,
    string? Note = null,
    string? WrittenBy = null,
    string? BecomesNext = null,
    CanaryRow? Canary = null
);

internal sealed record TransferRow(
    string VDisk,
    string Kind,
    string State,
    int Percent,
    string Format,
    string File,
    DateTimeOffset StartedAt
);

/// <param name="Database">Null of another server than the one that was asked; so are <paramref name="Limits"/> empty.</param>
/// <param name="Images">What lies whole in its store.</param>
/// <param name="Copies">Of other servers' write caches, of machines that are not off; null while the database is away.</param>
/// <param name="Drain">What is still to go, and what it waits for; null: it does not drain.</param>
internal sealed record ServerRow(
    string Name,
    DateTimeOffset StartedAt,
    string? Database,
    KnownServerRow Server,
    IReadOnlyList<string> Images,
    IReadOnlyList<LimitRow> Limits,
    int? Copies,
    string? Drain,
    HistoryState? History,
    IReadOnlyList<LowCacheRow>? OwnCachesLow
);

/// <summary>A machine whose own write cache has little room.</summary>
/// <param name="Level">warning or full, as everywhere.</param>
internal sealed record LowCacheRow(string Device, string Level, long UsedBytes, long SizeBytes)
{
    public static LowCacheRow Of((string Device, OwnCacheReport Report) low) =>
        new(low.Device, CacheRow.NameOf(low.Report.Level)!, low.Report.UsedBytes, low.Report.SizeBytes);

    public override string ToString() => $"{Device} ({Sizes.Text(UsedBytes, SizeBytes)})";
}

/// <param name="PerAddressMax">Null where one address may have all.</param>
/// <param name="Evicted">Ended to make room, before they had done anything.</param>
internal sealed record LimitRow(string What, long Open, long Max, int? PerAddressMax, long Refused, long Evicted);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(DeviceRow))]
[JsonSerializable(typeof(IReadOnlyList<DeviceRow>))]
[JsonSerializable(typeof(VDiskRow))]
[JsonSerializable(typeof(IReadOnlyList<VDiskRow>))]
[JsonSerializable(typeof(IReadOnlyList<VersionRow>))]
[JsonSerializable(typeof(CanaryRow))]
[JsonSerializable(typeof(IReadOnlyList<TransferRow>))]
[JsonSerializable(typeof(ServerRow))]
[JsonSerializable(typeof(SiteRow))]
[JsonSerializable(typeof(IReadOnlyList<SiteRow>))]
[JsonSerializable(typeof(CollectionRow))]
[JsonSerializable(typeof(IReadOnlyList<CollectionRow>))]
[JsonSerializable(typeof(IReadOnlyList<UnknownRuleRow>))]
[JsonSerializable(typeof(UnknownVerdictRow))]
[JsonSerializable(typeof(IReadOnlyList<PersonalityRow>))]
[JsonSerializable(typeof(IReadOnlyList<SecretRow>))]
[JsonSerializable(typeof(IReadOnlyList<SeenMachineRow>))]
internal sealed partial class RowJson : JsonSerializerContext;

internal static class Rows
{
    /// <param name="steps">Oldest first.</param>
    public static IReadOnlyList<TimelineRow> Of(IReadOnlyList<TimelineStep> steps) =>
        [
            .. steps.Select(
                (s, i) =>
                    new TimelineRow(
                        s.At,
                        s.Step,
                        s.Server,
                        s.Detail,
                        i == 0 ? null : (s.At - steps[i - 1].At).TotalSeconds
                    )
            ),
        ];

    public static StallRow? Of(BootStall? stall, DateTimeOffset now) =>
        stall is null ? null : new(stall.Since, (now - stall.Since).TotalSeconds, stall.Cause);

    public static DeviceRow Of(
        DeviceState device,
        FarmSnapshot farm,
        DateTimeOffset now,
        IReadOnlyList<TimelineRow>? timeline = null,
        StallRow? stall = null
    )
    {
        var (collection, assignment) = (farm.CollectionOf(device), farm.AssignmentOf(device));
        var arguments = farm.KernelArgumentsOf(device);
        var next = farm.NextBootOf(device, now);
        var writeCacheLimit = farm.WriteCacheLimitOf(device);
        return new(
            device.Name,
            device.Id.ToString(),
            [.. device.Macs.Select(m => m.ToString())],
            device.Uuid?.ToString(),
            device.Phase switch
            {
                DevicePhase.SessionOpen => "session-open",
                var phase => phase.ToString().ToLowerInvariant(),
            },
            device.PhaseSince,
            assignment is { } assigned ? farm.VDisk(assigned.VDisk)?.Name ?? assigned.VDisk.ToString() : null,
            assignment?.Transport.ToString().ToLowerInvariant(),
            device.BootCount,
            device.Boot is { } boot
                ? new(
                    boot.Id.ToString(),
                    farm.VDisk(boot.VDisk)?.Name ?? boot.VDisk.ToString(),
                    boot.Writes ?? boot.Version,
                    boot.Epoch.Value,
                    boot.Server,
                    boot.Cache.ToString(),
                    boot.StartedAt
                )
                : null,
            timeline,
            stall,
            collection.Name,
            farm.Policy.Site(collection.Site)?.Name,
            assignment is null ? null : From(device.Assignment is not null),
            arguments,
            arguments is null ? null : From(device.Own.KernelArguments is not null),
            PolicyRows.Of(farm.OptionsOf(device), code => From(device.Own.Options.Has((DhcpOptionCode)code))),
            device.Rule,
            WriteCacheLimitBytes: writeCacheLimit,
            WriteCacheLimitFrom: writeCacheLimit is null ? null : From(device.Own.WriteCacheLimitBytes is not null),
            Placement: device.Placement,
            CaptureInto: device.Capture?.Name,
            Access: farm.AccessOf(device).ToString().ToLowerInvariant(),
            NextVersion: next?.Writes ?? next?.Version.Number,
            Mode: assignment?.Mode.ToString().ToLowerInvariant(),
            KeepFor: assignment?.KeepFor,
            OldVersionUntil: assignment?.OldVersionUntil,
            Cache: assignment?.Cache.Name(),
            CacheRamBytes: assignment?.CacheRamBytes,
            Kept: next?.Kept is { } kept && device.Boot is { } left
                ? new(left.Writes ?? left.Version, left.CacheMadeAt, kept.Until, kept.WhyClean)
                : null,
            NeedsUefi: assignment is not null && farm.NeedsUefi(assignment)
        );
    }

    private static string From(bool isOwn) => isOwn ? PolicyRows.Device : PolicyRows.OfCollection;

    public static LimitRow Of(ServiceUse use) =>
        new(use.Service, use.Open, use.Max, use.PerAddressMax > 0 ? use.PerAddressMax : null, use.Refused, use.Evicted);

    public static TransferRow Of(ImageTransfer transfer) =>
        new(
            transfer.Name,
            transfer.Kind switch
            {
                ImageTransferKind.Import => "import",
                ImageTransferKind.Export => "export",
                ImageTransferKind.Merge => "merge",
                ImageTransferKind.Capture => "capture",
                _ => "replica",
            },
            transfer.IsRunning ? "running" : "interrupted",
            transfer.Percent,
            transfer.Format,
            transfer.Path,
            transfer.StartedAt
        );

    /// <param name="madePercent">How far the version is that is being made.</param>
    public static VDiskRow Of(
        VDiskState vDisk,
        FarmSnapshot farm,
        IReadOnlyDictionary<int, string>? verified = null,
        int madePercent = 0
    ) =>
        new(
            vDisk.Name,
            vDisk.Id.ToString(),
            [
                .. vDisk.Versions.Select(v => new VersionRow(
                    v.Number,
                    v.Image.ToString(),
                    v.SizeBytes,
                    v.Sha256,
                    v.HasKernel,
                    v.KernelArguments,
                    v.AddedAt,
                    verified?.GetValueOrDefault(v.Number),
                    v.Access.ToString().ToLowerInvariant(),
                    v.Parent,
                    v.InProductionFrom,
                    vDisk.Scheduled?.Number == v.Number ? vDisk.Scheduled.From : null,
                    NamesOf(vDisk.Users.Where(u => u.Value == v.Number).Select(u => u.Key), farm),
                    [
                        .. vDisk
                            .Pinned.Where(p => p.Value == v.Number)
                            .Select(p => farm.Policy.Collection(p.Key)?.Name ?? $"{p.Key}")
                            .Order(StringComparer.Ordinal),
                    ],
                    v.AddedBy,
                    v.Note,
                    BecomesNext: vDisk.Making is { } made && made.Number == v.Number
                        ? $"{made.Access.ToString().ToLowerInvariant()} when every server holds it"
                        : null,
                    Canary: CanaryRow.Of(vDisk, v, farm)
                )),
                .. UnmadeVersions.Of(vDisk, farm, madePercent),
            ],
            NamesOf(vDisk.Users.Keys, farm),
            vDisk.Lock is { } l && l.HoldsIn(farm)
                ? new(farm.Device(l.Device)?.Name ?? $"{l.Device}", l.Epoch.Value, l.Since)
                : null,
            vDisk.SectorBytes ?? VDiskImages.UsualSectorBytes
        );

    private static IReadOnlyList<string> NamesOf(IEnumerable<DeviceId> devices, FarmSnapshot farm) =>
        [.. devices.Select(id => farm.Device(id)?.Name ?? id.ToString()).Order(StringComparer.Ordinal)];
}
