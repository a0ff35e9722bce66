using System.Globalization;

namespace Drill;

/// <summary>How busy this computer is.</summary>
internal static class HostLoad
{
    /// <summary>The load average of the last minute.</summary>
    public static string Average => File.ReadAllText("/proc/loadavg").Split(' ')[0];

    /// <summary>What the processors did since the computer started, in ticks.</summary>
    public static (long Busy, long All) Ticks()
    {
        // cpu user nice system idle iowait irq softirq steal ...
        long[] ticks =
        [
            .. File.ReadLines("/proc/stat")
                .First()
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Skip(1)
                .Take(8)
                .Select(t => long.Parse(t, CultureInfo.InvariantCulture)),
        ];
        return (ticks.Sum() - ticks[3] - ticks[4], ticks.Sum());
    }

    public static int BusyPercentSince((long Busy, long All) then)
    {
        var now = Ticks();
        return (int)(100 * (now.Busy - then.Busy) / Math.Max(1, now.All - then.All));
    }
}
