using System.Globalization;

namespace Akka.Configuration.Hocon;

/// <summary>Numbers with units: durations and sizes.</summary>
internal static class HoconUnits
{
    /// <summary>Reads "10 s", "500ms", "2 minutes"; a bare number is milliseconds.</summary>
    public static bool TryReadDuration(string? text, out TimeSpan duration)
    {
        duration = default;
        if (!TrySplit(text, out var number, out var unit))
            return false;
        decimal ticks = unit switch
        {
            "ns" or "nano" or "nanos" or "nanosecond" or "nanoseconds" => 0.01m,
            "us" or "micro" or "micros" or "microsecond" or "microseconds" => 10,
            "" or "ms" or "milli" or "millis" or "millisecond" or "milliseconds" => TimeSpan.TicksPerMillisecond,
            "s" or "second" or "seconds" => TimeSpan.TicksPerSecond,
            "m" or "minute" or "minutes" => TimeSpan.TicksPerMinute,
            "h" or "hour" or "hours" => TimeSpan.TicksPerHour,
            "d" or "day" or "days" => TimeSpan.TicksPerDay,
            _ => 0,
        };
        if (ticks == 0 || number > long.MaxValue / ticks)
            return false;
        duration = new TimeSpan((long)(number * ticks));
        return true;
    }

    /// <summary>Reads "4096", "64k", "10 MiB"; powers of 1000 are written kB, MB, GB, TB.</summary>
    public static bool TryReadSize(string? text, out long bytes)
    {
        bytes = 0;
        if (!TrySplit(text, out var number, out var unit))
            return false;
        decimal factor = unit switch
        {
            "" or "b" or "B" or "byte" or "bytes" => 1,
            "kB" or "kilobyte" or "kilobytes" => 1000,
            "MB" or "megabyte" or "megabytes" => 1000_000,
            "GB" or "gigabyte" or "gigabytes" => 1000_000_000,
            "TB" or "terabyte" or "terabytes" => 1000_000_000_000,
            "k" or "K" or "Ki" or "KiB" or "kibibyte" or "kibibytes" => 1L << 10,
            "m" or "M" or "Mi" or "MiB" or "mebibyte" or "mebibytes" => 1L << 20,
            "g" or "G" or "Gi" or "GiB" or "gibibyte" or "gibibytes" => 1L << 30,
            "t" or "T" or "Ti" or "TiB" or "tebibyte" or "tebibytes" => 1L << 40,
            _ => 0,
        };
        if (factor == 0 || number > long.MaxValue / factor)
            return false;
        bytes = (long)(number * factor);
        return true;
    }

    private static bool TrySplit(string? text, out decimal number, out string unit)
    {
        var trimmed = text.AsSpan().Trim();
        var cut = trimmed.Length;
        while (cut > 0 && char.IsAsciiLetter(trimmed[cut - 1]))
            cut--;
        unit = trimmed[cut..].ToString();
        return decimal.TryParse(
            trimmed[..cut].TrimEnd(),
            NumberStyles.AllowDecimalPoint,
            CultureInfo.InvariantCulture,
            out number
        );
    }
}
