using System.Globalization;
using Hatchery.Devices;

namespace Hatchery.Operations;

/// <summary>A version that a share of the machines tries, or how that ended.</summary>
/// <param name="State">running, proven (an operator is to promote it), promoted, returned or aborted.</param>
/// <param name="Devices">How many were chosen as it began.</param>
/// <param name="Booted">Of these, as far as they are counted.</param>
/// <param name="Reason">How it ended; null: it has not.</param>
/// <param name="Machines">Null of one that has ended, and in lists.</param>
internal sealed record CanaryRow(
    int Version,
    string State,
    int Devices,
    int? Booted,
    int Passed,
    int Failed,
    DateTimeOffset Since,
    string? Reason = null,
    string? By = null,
    double? SharePercent = null,
    string? Collection = null,
    double? LimitPercent = null,
    IReadOnlyList<CanaryMachineRow>? Machines = null
)
{
    public static CanaryRow? Of(VDiskState vDisk, VDiskVersion version, FarmSnapshot farm, bool withMachines = false) =>
        vDisk.Canary is { } c && c.Number == version.Number
            ? new(
                c.Number,
                c.IsProven ? "proven" : "running",
                c.Devices,
                c.Tries.Count,
                c.Passed,
                c.Failed,
                c.StartedAt,
                By: c.By,
                SharePercent: c.Plan.SharePercent,
                Collection: c.Plan.Collection is { } id ? farm.Policy.Collection(id)?.Name ?? $"{id}" : null,
                LimitPercent: c.Plan.LimitPercent,
                Machines: withMachines
                    ?
                    [
                        .. c
                            .Tries.Select(t => new CanaryMachineRow(
                                farm.Device(t.Key)?.Name ?? $"{t.Key}",
                                t.Value.HasRun switch
                                {
                                    true => "runs",
                                    false => "failed",
                                    null => "boots",
                                },
                                t.Value.Since,
                                t.Value.Boots,
                                t.Value.Why
                            ))
                            .OrderBy(m => m.Name, StringComparer.Ordinal),
                    ]
                    : null
            )
        : version.Tried is { } v
            ? new(
                version.Number,
                v.Outcome.ToString().ToLowerInvariant(),
                v.Devices,
                null,
                v.Passed,
                v.Failed,
                v.At,
                v.Reason,
                v.By
            )
        : null;

    /// <summary>In a line, for people.</summary>
    public string Line(string vDisk) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{vDisk} version {Version}, canary {State} since {Clock.Text(Since)}: "
        )
        + (
            Reason
            ?? string.Create(
                CultureInfo.InvariantCulture,
                $"{Devices} machines are to boot it ({SharePercent} % of {Collection ?? "those that use the vDisk"}), {Booted} have, {Passed} run, {Failed} failed, {LimitPercent} % may"
            )
        );
}

/// <param name="State">boots, runs or failed.</param>
internal sealed record CanaryMachineRow(string Name, string State, DateTimeOffset Since, int Boots, string? Why);
