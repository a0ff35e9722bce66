using System.Globalization;
using System.Text;
using Hatchery.Disks;

namespace Hatchery.Devices;

/// <summary>Why a machine's write cache is not where it was to be.</summary>
public enum OwnCacheFallback
{
    /// <summary>It is.</summary>
    None,

    /// <summary>The machine has no partition for it.</summary>
    NoDisk,
    DiskTooSmall,

    /// <summary>The partition cannot be used: it is in use, or fails.</summary>
    DiskFails,
    RamTooSmall,

    /// <summary>Its kernel cannot, or did not.</summary>
    Fails,
}

/// <summary>What a machine says of the write cache that it has itself (deploy/initramfs/client/cache.c).</summary>
/// <param name="Place">Where it is; null: it could make none, and starts over. Never <see cref="CachePlace.Server"/>.</param>
/// <param name="UsedBytes">Never more than <paramref name="SizeBytes"/>.</param>
/// <param name="IsOver">It was full: all that was written is lost, and the machine has to boot.</param>
public sealed record OwnCacheReport(
    CachePlace? Place,
    CachePlace Wanted,
    OwnCacheFallback Fallback,
    long SizeBytes,
    long UsedBytes,
    bool IsOver
)
{
    /// <summary>Longer ones are none.</summary>
    public const int LengthMax = 256;

    /// <summary>The machine tells at once when so much is in use.</summary>
    public const int WarnPercent = 80;

    private const string Nowhere = "none";

    private static readonly string[] s_fallbacks = ["", "no-disk", "disk-small", "disk-fails", "ram-small", "fails"];

    public CacheLevel Level =>
        IsOver ? CacheLevel.Full
        : (decimal)UsedBytes * 100 >= (decimal)SizeBytes * WarnPercent && Place is not null ? CacheLevel.Warning
        : CacheLevel.Ok;

    /// <summary>Why it is not where it was to be, as a sentence; null: it is.</summary>
    public string? WhyNot =>
        Fallback switch
        {
            OwnCacheFallback.NoDisk => "the machine has no partition named hatchery-cache",
            OwnCacheFallback.DiskTooSmall => "its partition hatchery-cache is smaller than 16 MiB",
            OwnCacheFallback.DiskFails => "its partition hatchery-cache is in use or fails",
            OwnCacheFallback.RamTooSmall => "it has too little memory free",
            OwnCacheFallback.Fails => "its kernel has not what it takes: see its console",
            _ => null,
        };

    /// <summary>
    /// Lines <c>NAME=VALUE</c>: place and wanted (ram, ram-disk or disk; place none), size and used (bytes), over (0 or 1), and why (of those of
    /// <see cref="OwnCacheFallback"/>) where the two places differ or there is less of it. Total; names that are not known are skipped.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out OwnCacheReport? report)
    {
        report = null;
        if (bytes.Length > LengthMax || !Ascii.IsValid(bytes))
            return false;
        Span<char> text = stackalloc char[LengthMax];
        text = text[..Encoding.ASCII.GetChars(bytes, text)];
        CachePlace? place = null;
        CachePlace? wanted = null;
        (long? size, long? used) = (null, null);
        var (isNowhere, isOver, fallback) = (false, false, OwnCacheFallback.None);
        foreach (var line in text.EnumerateLines())
        {
            var value = line[(line.IndexOf('=') + 1)..];
            var isRead = line[..(line.Length - value.Length)] switch
            {
                "place=" => (isNowhere = value is Nowhere) || IsPlace(value, ref place),
                "wanted=" => IsPlace(value, ref wanted),
                "size=" => IsCount(value, ref size),
                "used=" => IsCount(value, ref used),
                "over=" => (isOver = value is "1") || value is "0",
                "why=" => IsFallback(value, ref fallback),
                _ => true,
            };
            if (!isRead)
                return false;
        }
        if (
            wanted is not { } where
            || size is not { } sizeBytes
            || used is not { } usedBytes
            || usedBytes > sizeBytes
            || isNowhere == place is not null
            || (place != wanted && fallback == OwnCacheFallback.None)
        )
            return false;
        report = new(place, where, fallback, sizeBytes, usedBytes, isOver);
        return true;
    }

    private static bool IsPlace(ReadOnlySpan<char> name, ref CachePlace? place)
    {
        var known = CachePlaces.TryParse(name, out var found) && found != CachePlace.Server;
        place = known ? found : null;
        return known;
    }

    private static bool IsCount(ReadOnlySpan<char> digits, ref long? count)
    {
        var known = long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value);
        count = value;
        return known;
    }

    private static bool IsFallback(ReadOnlySpan<char> name, ref OwnCacheFallback fallback)
    {
        for (var i = 1; i < s_fallbacks.Length; i++)
            if (name.SequenceEqual(s_fallbacks[i]))
            {
                fallback = (OwnCacheFallback)i;
                return true;
            }
        return false;
    }
}
