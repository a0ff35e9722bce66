using Hatchery.Boot;
using Hatchery.Devices;
using Hatchery.Wire.Dhcp;

namespace Hatchery.Operations;

internal sealed record SiteRow(
    string Name,
    string Id,
    string Description,
    IReadOnlyList<string> Collections,
    int Devices
);

/// <param name="Devices">Their names; null in lists.</param>
/// <param name="WhenUnreachable">wait or reboot.</param>
/// <param name="Access">production or test; null: not set, which is production.</param>
/// <param name="Mode">As in <see cref="DeviceRow"/>, with what goes with it; null without a vDisk.</param>
/// <param name="WriteCacheLimitBytes">0: none; null: each server's.</param>
internal sealed record CollectionRow(
    string Name,
    string Id,
    string Site,
    string? VDisk,
    string? Transport,
    string? KernelArguments,
    IReadOnlyList<DhcpOptionRow> DhcpOptions,
    string NameTemplate,
    int DevicesMax,
    int DeviceCount,
    string WhenUnreachable,
    IReadOnlyList<string>? Devices = null,
    long? WriteCacheLimitBytes = null,
    string? Access = null,
    string? Mode = null,
    TimeSpan? KeepFor = null,
    DateTimeOffset? OldVersionUntil = null,
    string? Cache = null,
    long? CacheRamBytes = null
);

/// <param name="Value">As `--dhcp` takes it.</param>
/// <param name="From">device or collection; null where it is shown of the thing itself.</param>
internal sealed record DhcpOptionRow(int Code, string Name, string Value, string? From = null);

/// <param name="Collection">Where machines are added; null: they are refused.</param>
/// <param name="Machines">How often this server applied it since it started.</param>
internal sealed record UnknownRuleRow(
    int Position,
    string Name,
    string? Mac,
    string? Architecture,
    string? Subnet,
    string? Relay,
    string? Collection,
    string? Reason,
    long Machines
);

/// <param name="Verdict">known, no-rule, refused, added.</param>
/// <param name="Device">Its name, or what it would be called now; null where no name is free.</param>
internal sealed record UnknownVerdictRow(
    string Mac,
    string Verdict,
    string? Rule,
    string? Reason,
    string? Collection,
    string? Device
);

internal sealed record SeenMachineRow(
    string Mac,
    DateTimeOffset At,
    int Times,
    int? Architecture,
    string? Address,
    string? Relay,
    string Outcome,
    string? Rule,
    string? Reason
);

internal static class PolicyRows
{
    public const string Device = "device";
    public const string OfCollection = "collection";

    public static SiteRow Of(Site site, FarmSnapshot farm)
    {
        var there = farm.Policy.Collections.Where(c => c.Site == site.Id).ToArray();
        return new(
            site.Name,
            site.Id.ToString(),
            site.Description,
            [.. there.Select(c => c.Name).Order(StringComparer.Ordinal)],
            there.Sum(c => farm.DeviceCount(c.Id))
        );
    }

    public static CollectionRow Of(Collection collection, FarmSnapshot farm) =>
        new(
            collection.Name,
            collection.Id.ToString(),
            farm.Policy.Site(collection.Site)?.Name ?? collection.Site.ToString(),
            collection.Assignment is { } a ? farm.VDisk(a.VDisk)?.Name ?? a.VDisk.ToString() : null,
            collection.Assignment?.Transport.ToString().ToLowerInvariant(),
            collection.Settings.KernelArguments,
            Of(collection.Settings.Options, _ => null),
            collection.NameTemplate,
            collection.DevicesMax,
            farm.DeviceCount(collection.Id),
            Of(collection.WhenUnreachable),
            WriteCacheLimitBytes: collection.Settings.WriteCacheLimitBytes,
            Access: collection.Settings.Access?.ToString().ToLowerInvariant(),
            Mode: collection.Assignment?.Mode.ToString().ToLowerInvariant(),
            KeepFor: collection.Assignment?.KeepFor,
            OldVersionUntil: collection.Assignment?.OldVersionUntil,
            Cache: collection.Assignment?.Cache.Name(),
            CacheRamBytes: collection.Assignment?.CacheRamBytes
        );

    public static string Of(WhenUnreachable what) => what.ToString().ToLowerInvariant();

    /// <param name="from">Where an option of this code is set.</param>
    public static IReadOnlyList<DhcpOptionRow> Of(DhcpOptions options, Func<byte, string?> from) =>
        [
            .. options
                .OrderBy(o => o.Key)
                .Select(o => new DhcpOptionRow(
                    o.Key,
                    DhcpOptionCatalog.NameOf(o.Key),
                    DhcpOptionText.ShowValue(o.Key, o.Value.Span),
                    from(o.Key)
                )),
        ];

    public static UnknownRuleRow Of(UnknownRule rule, int position, FarmSnapshot farm, long machines) =>
        new(
            position,
            rule.Name,
            rule.Match.Mac?.ToString(),
            rule.Match.Architecture?.ToString(),
            rule.Match.Subnet?.ToString(),
            rule.Match.Relay?.ToString(),
            rule.Collection is { } id ? farm.Policy.Collection(id)?.Name ?? id.ToString() : null,
            rule.Reason,
            machines
        );

    public static UnknownVerdictRow Of(UnknownMachine machine, UnknownVerdict verdict, FarmSnapshot farm) =>
        verdict switch
        {
            UnknownVerdict.Known v => new(machine.Mac.ToString(), "known", null, null, null, v.Device.Name),
            UnknownVerdict.Refuse v => new(machine.Mac.ToString(), "refused", v.Rule.Name, v.Reason, null, null),
            UnknownVerdict.Add v => new(
                machine.Mac.ToString(),
                "added",
                v.Rule.Name,
                null,
                v.Collection.Name,
                DeviceNaming.Free(farm, v.Collection, machine.Mac).FirstOrDefault()
            ),
            _ => new(machine.Mac.ToString(), "no-rule", null, null, null, null),
        };

    public static SeenMachineRow Of(SeenMachine seen) =>
        new(
            seen.Machine.Mac.ToString(),
            seen.At,
            seen.Times,
            seen.Machine.Architecture,
            seen.Machine.Address?.ToString(),
            seen.Machine.Relay?.ToString(),
            seen.Outcome,
            seen.Rule,
            seen.Reason
        );
}
