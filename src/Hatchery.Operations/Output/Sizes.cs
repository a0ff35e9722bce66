using System.Globalization;

namespace Hatchery.Operations;

/// <summary>Bytes as people read them.</summary>
internal static class Sizes
{
    public static string Text(long bytes) =>
        bytes >= 1 << 30
            ? string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 30):0.0} GiB")
            : string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 20):0.0} MiB");

    /// <summary>Used of a bound; 0: there is none.</summary>
    public static string Text(long bytes, long most) => most > 0 ? $"{Text(bytes)} of {Text(most)}" : Text(bytes);
}
