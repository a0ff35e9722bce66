using System.Globalization;

namespace Hatchery.Disks;

/// <summary>What of an image in a store is not what it should be.</summary>
/// <param name="Files">Names of files beside the disk, or of the disk itself where it is not there as a whole.</param>
/// <param name="Chunks">Of the disk or closed layer: see <see cref="ImageChunks"/>; in order.</param>
public sealed record ImageDamage(IReadOnlyList<string> Files, IReadOnlyList<long> Chunks)
{
    private const int ShownMax = 5;

    public static ImageDamage None { get; } = new([], []);

    public bool IsNone => Files.Count == 0 && Chunks.Count == 0;

    public override string ToString()
    {
        List<string> parts = [.. Files];
        if (Chunks.Count > 0)
        {
            var at = Chunks.Take(ShownMax).Select(c => $"{c * ImageChunks.ChunkBytes}");
            var more = Chunks.Count > ShownMax ? ", ..." : "";
            parts.Add($"{Chunks.Count} chunk(s) of 4 MiB, at byte {string.Join(", ", at)}{more}");
        }
        return string.Join("; ", parts);
    }

    /// <summary>A line for each file and chunk.</summary>
    internal string ToText() => string.Join('\n', Files.Concat(Chunks.Select(c => $"{c}")));

    internal static ImageDamage Parse(string text)
    {
        List<string> files = [];
        List<long> chunks = [];
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            if (long.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var chunk))
                chunks.Add(chunk);
            else
                files.Add(line);
        chunks.Sort();
        return new(files, chunks);
    }

    internal bool Covers(long offset, int length) =>
        Chunks.Any(c => c * ImageChunks.ChunkBytes < offset + length && offset < (c + 1) * ImageChunks.ChunkBytes);
}

/// <summary>What is known of one image's damage: told to whoever reads it, also those who had it open before.</summary>
internal sealed class ImageHealth
{
    /// <summary>Null: nothing.</summary>
    public volatile ImageDamage? Damage;
}
