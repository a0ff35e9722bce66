namespace Hatchery.Devices;

/// <summary>Which commands of the farm's history; the latest of those.</summary>
/// <param name="AboutAny">For each element, one that names any of its words, from <see cref="HistoryRow.Device"/> or <see cref="HistoryRow.VDisk"/>.</param>
/// <param name="By">Who gave it, as he says himself, with or without the host behind his name; null: anybody.</param>
/// <param name="Since">At that time or later.</param>
/// <param name="Until">Before that time.</param>
/// <param name="CountMax">At least 1.</param>
public sealed record HistoryQuery(
    IReadOnlyList<IReadOnlyList<string>> AboutAny,
    string? By = null,
    DateTimeOffset? Since = null,
    DateTimeOffset? Until = null,
    int CountMax = 50
);
