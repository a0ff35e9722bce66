using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;

namespace Hatchery.Boot;

/// <summary>What the boot services have counted since the server started, for operators without a metrics collector. Thread-safe.</summary>
public sealed class BootStatistics : IDisposable
{
    /// <summary>Labels come from short lists; if one ever does not, it is counted without them.</summary>
    private const int SeriesMax = 1024;

    private readonly ConcurrentDictionary<(string Name, string Labels), long> _counts = new();
    private readonly MeterListener _listener = new();

    public BootStatistics()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == Telemetry.MeterName)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>(
            (instrument, count, labels, _) => Add(instrument.Name, count, labels)
        );
        _listener.Start();
    }

    /// <summary>By name, then by labels.</summary>
    public IReadOnlyList<BootCount> Read() =>
        [
            .. _counts
                .Select(c => new BootCount(c.Key.Name, c.Key.Labels, c.Value))
                .OrderBy(c => c.Name, StringComparer.Ordinal)
                .ThenBy(c => c.Labels, StringComparer.Ordinal),
        ];

    public void Dispose() => _listener.Dispose();

    private void Add(string instrument, long count, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        var name = instrument.StartsWith(Telemetry.Prefix, StringComparison.Ordinal)
            ? instrument[Telemetry.Prefix.Length..]
            : instrument;
        var key = (name, Text(labels));
        if (_counts.Count >= SeriesMax && !_counts.ContainsKey(key))
            key = (name, "");
        _counts.AddOrUpdate(key, static (_, more) => more, static (_, sum, more) => sum + more, count);
    }

    private static string Text(ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        var text = "";
        foreach (var (key, value) in labels)
            text += string.Create(CultureInfo.InvariantCulture, $"{(text.Length > 0 ? ", " : "")}{key} {value}");
        return text;
    }
}

/// <param name="Name">e.g. dhcp.messages</param>
/// <param name="Labels">e.g. "type Discover, result Offer"; empty where there are none.</param>
public sealed record BootCount(string Name, string Labels, long Count);
