using System.Globalization;
using System.Text;

namespace Hatchery.Boot;

/// <summary>What a machine says of the disk that it is about to send (deploy/initramfs/client/capture.c).</summary>
/// <param name="Disk">As its kernel names it.</param>
/// <param name="Why">Why it sends none; null: it does.</param>
internal sealed record CaptureHello(string Disk, long LengthBytes, int SectorBytes, string? Why)
{
    /// <summary>Longer ones are none.</summary>
    public const int LengthMax = 512;

    private const int WhyMax = 200;

    /// <summary>
    /// Lines <c>NAME=VALUE</c>: disk, size and sector (bytes), or why alone. Total; names that are not known are skipped.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out CaptureHello? hello)
    {
        hello = null;
        if (bytes.Length > LengthMax || !AreLines(bytes))
            return false;
        var (disk, why, size, sector) = ((string?)null, (string?)null, 0L, 0);
        foreach (var line in Encoding.ASCII.GetString(bytes).Split('\n'))
        {
            var value = line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..];
            var isRead = line[..(line.Length - value.Length)] switch
            {
                "disk=" => (disk = value).Length > 0,
                "size=" => long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out size),
                "sector=" => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out sector),
                "why=" => (why = value.Length > WhyMax ? value[..WhyMax] : value).Length > 0,
                _ => true,
            };
            if (!isRead)
                return false;
        }
        if (why is null && (disk is null || size <= 0 || sector <= 0))
            return false;
        hello = new(disk ?? "", size, sector, why);
        return true;
    }

    private static bool AreLines(ReadOnlySpan<byte> bytes)
    {
        foreach (var one in bytes)
            if (one is not ((byte)'\n' or >= (byte)' ' and <= (byte)'~'))
                return false;
        return true;
    }
}
