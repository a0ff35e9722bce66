using System.Globalization;

namespace Hatchery.Operations;

internal static class Clock
{
    /// <summary>UTC to the millisecond; a dash for never.</summary>
    public static string Text(DateTimeOffset at) =>
        at == default ? "-" : at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);
}
