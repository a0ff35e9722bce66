using System.Globalization;
using Hatchery.Disks;
using Microsoft.Extensions.Logging;

namespace Hatchery.Devices;

/// <param name="Boot">The boot whose write cache it is.</param>
public sealed record OwnCache(OwnCacheReport Report, BootId Boot, DateTimeOffset At);

/// <summary>
/// What machines said to this server of the write caches that they have themselves: the last of each, in memory only. What an operator has to know of
/// becomes a step of the device's timeline, and a warning in the log.
/// </summary>
public sealed class OwnCaches(
    string server,
    IFarmView view,
    Action<TimelineStep> timeline,
    TimeProvider time,
    ILogger<OwnCaches> log
)
{
    /// <summary>A machine that says more is not listened to.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private const int ForgetAtFirst = 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<DeviceId, OwnCache> _known = [];
    private readonly HashSet<DeviceId> _low = [];
    private int _forgetAt = ForgetAtFirst;

    public OwnCache? Of(DeviceId device)
    {
        lock (_gate)
            return _known.GetValueOrDefault(device);
    }

    /// <summary>The machines that are on, and whose write cache has little room or none, as they last said to this server; by name.</summary>
    public IReadOnlyList<(string Device, OwnCacheReport Report)> Low
    {
        get
        {
            var farm = view.Current;
            lock (_gate)
                return
                [
                    .. _low.Select(id => (Device: farm.Device(id), Known: _known[id]))
                        .Where(l => l.Device is { Phase: not DevicePhase.Off } && l.Device.Boot?.Id == l.Known.Boot)
                        .Select(l => (l.Device!.Name, l.Known.Report))
                        .OrderBy(l => l.Name, StringComparer.Ordinal),
                ];
        }
    }

    /// <param name="device">One of the farm's, and <paramref name="boot"/> its current boot or one that is about to be.</param>
    /// <returns>False when the machine has just said something, or speaks of a boot that is over.</returns>
    public bool TryTake(DeviceState device, BootId boot, OwnCacheReport report)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            var before = _known.GetValueOrDefault(device.Id);
            if (before is not null && (now - before.At).Duration() < Interval)
                return false;
            if (before is not null && BootNonce.OrdinalOf(boot) < BootNonce.OrdinalOf(before.Boot))
                return false;
            _known[device.Id] = new(report, boot, now);
            if (report.Level == CacheLevel.Ok)
                _low.Remove(device.Id);
            else
                _low.Add(device.Id);
            Forget();
            if (before?.Boot != boot)
                before = null;
            if ((before?.Report.Place, before?.Report.Fallback) != (report.Place, report.Fallback) || before is null)
                SayWhere(device, report, now);
            if ((before?.Report.Level ?? CacheLevel.Ok) != report.Level)
                SayLevel(device, report, now);
        }
        return true;
    }

    /// <summary>Devices that the farm has no more.</summary>
    private void Forget()
    {
        if (_known.Count < _forgetAt)
            return;
        var farm = view.Current;
        foreach (var gone in _known.Keys.Where(id => farm.Device(id) is null).ToArray())
        {
            _known.Remove(gone);
            _low.Remove(gone);
        }
        _forgetAt = 2 * Math.Max(_known.Count, ForgetAtFirst);
    }

    private void SayWhere(DeviceState device, OwnCacheReport report, DateTimeOffset now)
    {
        var place = report.Place is { } p
            ? $"its write cache is in the machine, {p.Name()}, {MiB(report.SizeBytes)}"
            : "it has no write cache, and starts over";
        if (report.WhyNot is not { } why)
        {
            timeline(new(device.Id, now, BootSteps.CachePlaced, server, place));
            return;
        }
        var detail = $"{place}, where {report.Wanted.Name()} was wanted: {why}";
        Log.OwnCacheElsewhere(log, device.Name, detail);
        timeline(new(device.Id, now, BootSteps.CacheElsewhere, server, detail));
    }

    private void SayLevel(DeviceState device, OwnCacheReport report, DateTimeOffset now)
    {
        var held = $"{MiB(report.UsedBytes)} of {MiB(report.SizeBytes)} in the machine";
        var (step, detail) = report.Level switch
        {
            CacheLevel.Full => (
                BootSteps.CacheFull,
                $"its write cache, {MiB(report.SizeBytes)} in the machine, was full: its disk gives errors, and it has to boot"
            ),
            CacheLevel.Warning => (BootSteps.CacheFilling, $"its write cache holds {held}"),
            _ => (BootSteps.CacheHasRoom, $"its write cache holds {held}"),
        };
        Log.OwnCacheLevel(log, device.Name, step, detail);
        timeline(new(device.Id, now, step, server, detail));
    }

    private static string MiB(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes >> 20} MiB");
}
