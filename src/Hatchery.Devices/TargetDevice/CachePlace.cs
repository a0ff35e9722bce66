namespace Hatchery.Devices;

/// <summary>Where what a machine writes lies. All but the first are the machine's own to make, by its initramfs; servers then have nothing of it.</summary>
public enum CachePlace
{
    /// <summary>At the server that streams its disk, and those that have copies.</summary>
    Server,

    /// <summary>In its memory.</summary>
    Ram,

    /// <summary>In its memory and, once that part is full, on a disk of its own.</summary>
    RamDisk,

    /// <summary>On a disk of its own.</summary>
    Disk,
}

public static class CachePlaces
{
    /// <summary>As operators and machines write it.</summary>
    public static string Name(this CachePlace place) =>
        place switch
        {
            CachePlace.Ram => "ram",
            CachePlace.RamDisk => "ram-disk",
            CachePlace.Disk => "disk",
            _ => "server",
        };

    public static IReadOnlyList<string> Names { get; } = [.. Enum.GetValues<CachePlace>().Select(p => p.Name())];

    public static bool TryParse(ReadOnlySpan<char> name, out CachePlace place)
    {
        foreach (var known in Enum.GetValues<CachePlace>())
            if (name.SequenceEqual(known.Name()))
            {
                place = known;
                return true;
            }
        place = default;
        return false;
    }
}
