using System.Globalization;

namespace Hatchery.Operations;

/// <summary>Bytes as people read them.</summary>
internal static class Sizes
{
    private const string Powers = "KMGTP";

    public static string Text(long bytes) =>
        bytes >= 1 << 30
            ? string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 30):0.0} GiB")
            : string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 20):0.0} MiB");

    public static string Limit(long bytes) => bytes > 0 ? $"up to {Text(bytes)}" : "without limit";

    /// <summary>Reads a size as configuration files have it: <c>8G</c>, <c>8GiB</c> are powers of 1024, <c>8GB</c> of 1000; without a unit, bytes.</summary>
    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        var unitAt = text.AsSpan().IndexOfAnyExcept("0123456789.") is >= 0 and var at ? at : text.Length;
        if (
            !decimal.TryParse(
                text.AsSpan(0, unitAt),
                NumberStyles.AllowDecimalPoint,
                CultureInfo.InvariantCulture,
                out var number
            )
        )
            return false;
        var unit = text[unitAt..].Trim().ToUpperInvariant();
        var power = unit is "" or "B" ? 0 : Powers.IndexOf(unit[0], StringComparison.Ordinal) + 1;
        decimal unitBytes = unit switch
        {
            "" or "B" => 1,
            [_, 'B'] when power > 0 => (decimal)Math.Pow(1000, power),
            [_] or [_, 'I'] or [_, 'I', 'B'] when power > 0 => 1L << (10 * power),
            _ => 0,
        };
        if (unitBytes == 0 || number > long.MaxValue / unitBytes)
            return false;
        bytes = (long)(number * unitBytes);
        return true;
    }

    /// <summary>Used of a bound; 0: there is none.</summary>
    public static string Text(long bytes, long most) => most > 0 ? $"{Text(bytes)} of {Text(most)}" : Text(bytes);
}
