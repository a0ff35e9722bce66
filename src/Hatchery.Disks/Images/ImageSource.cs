using System.Text.Json;

namespace Hatchery.Disks;

/// <summary>An image file that is to be imported, found to stand by itself: one that points at other files could fetch any file of the host.</summary>
/// <param name="Identity">Of the file as it was looked at: see <see cref="FileIdentity"/>.</param>
/// <param name="Slices">Where its data lies.</param>
internal sealed record ImageSource(string Path, string Format, string Identity, ImageSlices Slices)
{
    private static readonly HashSet<string> s_formats = new(StringComparer.Ordinal)
    {
        "raw",
        "qcow2",
        "qcow",
        "qed",
        "vmdk",
        "vdi",
        "vpc",
        "vhdx",
        "parallels",
        "dmg",
    };

    /// <param name="format">Null: found out from the file.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static async Task<StoreOutcome<ImageSource>> InspectAsync(
        string path,
        string? format,
        CancellationToken cancellation
    )
    {
        if (!File.Exists(path))
            return new StoreFault(StoreFaultKind.Missing, path, "not there, or no file");
        var identity = FileIdentity.Of(path);
        var (found, refusal) = Probe(path, format, out var fileBytes);
        if (found is null)
            return Refuse(path, refusal!);
        if (!s_formats.Contains(found))
            return Refuse(path, $"images of format {found} are not taken");
        var (info, unread) = await QemuImg.InfoAsync(path, found, cancellation);
        using (info)
        {
            if (info is null)
                return unread!;
            if (Refusal(info.RootElement, path) is { } said)
                return Refuse(path, said);
            if (await QemuImg.CheckAsync(path, found, cancellation) is { } damaged)
                return damaged;
            var lengthBytes = info.RootElement.GetProperty("virtual-size").GetInt64();
            var slices = new ImageSlices(lengthBytes);
            var isCut = false;
            // A raw file may end within a sector, which is then read as if it were filled up.
            var endBytes = found == "raw" ? fileBytes + 511 & ~511L : fileBytes;
            void OnRange(MapRange range)
            {
                slices.Add(range);
                isCut |= range.IsData && range.FileOffset + range.LengthBytes > endBytes;
            }
            if (await QemuImg.MapAsync(path, found, OnRange, cancellation) is { } unmapped)
                return unmapped;
            if (isCut)
                return Refuse(path, "cut off: it says that data lies beyond its end");
            // Where a format's map tells nothing of holes: it has no more data than bytes.
            slices.LimitTo(found == "vhdx" ? fileBytes : long.MaxValue);
            return new ImageSource(path, found, identity, slices);
        }
    }

    private static (string? Format, string? Refusal) Probe(string path, string? format, out long fileBytes)
    {
        Span<byte> head = stackalloc byte[ImageProbe.HeadBytes];
        Span<byte> tail = stackalloc byte[ImageProbe.TailBytes];
        using var file = File.OpenHandle(path);
        fileBytes = RandomAccess.GetLength(file);
        head = head[..RandomAccess.Read(file, head, 0)];
        // The end of what is longer than a footer: a footer alone is no disk.
        tail = fileBytes > tail.Length ? tail[..RandomAccess.Read(file, tail, fileBytes - tail.Length)] : [];
        var (found, refusal) = ImageProbe.Look(path, format, head, tail);
        return found == "qcow2" && !Qcow2Tables.LieWithin(file, head, fileBytes)
            ? (null, "cut off: its tables reach beyond its end")
            : (found, refusal);
    }

    private static string? Refusal(JsonElement info, string path)
    {
        if (info.TryGetProperty("encrypted", out var encrypted) && encrypted.GetBoolean())
            return "it is encrypted";
        if (info.TryGetProperty("backing-filename", out _) || NamesOtherFile(info, path))
            return "it refers to another file (a backing file or external data)";
        return info.GetProperty("virtual-size").GetInt64() is var bytes and (<= 0 or > RecordHeader.DiskLengthMaxBytes)
            ? $"a disk of {bytes} bytes"
            : null;
    }

    /// <summary>A VMDK may be a text that names its extents' files; qcow2 names external data.</summary>
    private static bool NamesOtherFile(JsonElement info, string path)
    {
        if (!info.TryGetProperty("format-specific", out var specific) || !specific.TryGetProperty("data", out var data))
            return false;
        if (data.TryGetProperty("data-file", out _))
            return true;
        return data.TryGetProperty("extents", out var extents)
            && extents
                .EnumerateArray()
                .Any(e => e.TryGetProperty("filename", out var name) && name.GetString() != path);
    }

    private static StoreFault Refuse(string path, string why) => new(StoreFaultKind.Refused, path, why);
}
