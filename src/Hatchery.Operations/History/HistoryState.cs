using System.Globalization;
using Hatchery.Devices;

namespace Hatchery.Operations;

/// <summary>How the history fares at the server that was asked.</summary>
/// <param name="Waiting">Beginnings and ends of commands that wait for the farm database.</param>
/// <param name="Dropped">Commands that were lost since the server started.</param>
internal sealed record HistoryState(int Waiting, long Dropped)
{
    public static HistoryState Of(HistoryLog log) => new(log.Waiting, log.Dropped);

    /// <summary>Nothing where all is well.</summary>
    public IEnumerable<(string Name, string Value)> Lines()
    {
        if (Dropped > 0)
            yield return (
                "alarm",
                Said($"{Dropped} command(s) given here are not in the farm's history: its database was away too long")
            );
        if (Waiting > 0)
            yield return ("history", Said($"{Waiting} row(s) wait here for the database"));
    }

    private static string Said(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
