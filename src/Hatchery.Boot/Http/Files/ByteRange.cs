using System.Globalization;

namespace Hatchery.Boot.Http;

/// <summary>The bytes of a file that a <c>Range</c> header asks for (RFC 9110 section 14). Several ranges at once, and what is no range,
/// count as if there were none, which a server is free to do.</summary>
/// <param name="IsSatisfiable">False: nothing of it lies within the file, which is answered by 416.</param>
internal readonly record struct ByteRange(bool IsSatisfiable, long Offset, long Count)
{
    /// <summary>Null for the whole file.</summary>
    public static ByteRange? Of(string? header, long length)
    {
        const string unit = "bytes=";
        if (header?.StartsWith(unit, StringComparison.OrdinalIgnoreCase) != true)
            return null;
        if (header[unit.Length..].Split('-') is not [var from, var to])
            return null;
        if (from.Length == 0)
            return TryRead(to, out var last) ? Within(Math.Max(0, length - last), length, length) : null;
        if (!TryRead(from, out var first))
            return null;
        if (to.Length == 0)
            return Within(first, length, length);
        return TryRead(to, out var end) && end >= first ? Within(first, Math.Min(end, length - 1) + 1, length) : null;
    }

    private static ByteRange Within(long first, long end, long length) =>
        first < length && first < end ? new(true, first, end - first) : new(false, 0, 0);

    private static bool TryRead(string text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
