using System.Globalization;

namespace Hatchery.Operations;

internal static class Clock
{
    /// <summary>UTC to the millisecond; a dash for never.</summary>
    public static string Text(DateTimeOffset at) =>
        at == default ? "-" : at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);

    /// <summary>A date and a time as ISO 8601 has them; UTC unless it says otherwise.</summary>
    public static bool TryParse(string text, out DateTimeOffset at) =>
        DateTimeOffset.TryParse(
            text,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out at
        );

    /// <summary>A whole number of seconds, minutes, hours or days: 45s, 90m, 12h, 30d.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        if (
            text.Length < 2
            || !int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            || count > 100_000
        )
            return false;
        duration = text[^1] switch
        {
            's' => TimeSpan.FromSeconds(count),
            'm' => TimeSpan.FromMinutes(count),
            'h' => TimeSpan.FromHours(count),
            'd' => TimeSpan.FromDays(count),
            _ => default,
        };
        return duration > TimeSpan.Zero;
    }

    /// <summary>A duration with as much of it as a person wants to know: 0.35 s, 42 s, 12 min, 3 h, 5 d; nothing for null.</summary>
    public static string Text(double? seconds) =>
        seconds switch
        {
            null => "",
            < 10 and > -10 => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.00} s"),
            < 600 => string.Create(CultureInfo.InvariantCulture, $"{seconds:0} s"),
            < 36_000 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:0} min"),
            < 864_000 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:0} h"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{seconds / 86_400:0} d"),
        };
}
