using System.Globalization;

namespace Hatchery.Disks;

/// <summary>A segment's file name: its number in eight digits.</summary>
internal static class SegmentName
{
    private const string Extension = ".seg";

    public static string Of(int number) => number.ToString("D8", CultureInfo.InvariantCulture) + Extension;

    public static int? NumberOf(string name) =>
        name.EndsWith(Extension, StringComparison.Ordinal)
        && int.TryParse(
            name.AsSpan(0, name.Length - Extension.Length),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var number
        )
        && number is >= 1 and <= BlockLocation.SegmentMax
            ? number
            : null;
}
