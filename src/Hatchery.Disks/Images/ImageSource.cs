using System.Buffers.Binary;
using System.Text.Json;

namespace Hatchery.Disks;

/// <summary>An image file that is to be imported, found to stand by itself: one that points at other files could fetch any file of the host.</summary>
/// <param name="RequiredBytes">The room that a raw, sparse copy takes.</param>
internal sealed record ImageSource(string Path, string Format, long LengthBytes, long RequiredBytes)
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
    public static async Task<StoreOutcome<ImageSource>> InspectAsync(
        string path,
        string? format,
        CancellationToken cancellation
    )
    {
        if (!File.Exists(path))
            return new StoreFault(StoreFaultKind.Missing, path, "not there, or no file");
        format = format switch
        {
            "vhd" => "vpc",
            null when VhdFooter.EndsFixedDisk(path) => "vpc",
            _ => format,
        };
        if (format is not "raw" && PointsElsewhere(path))
            return Refuse(path, "it refers to another file (a backing file or external data)");
        var (info, fault) = await QemuImg.InfoAsync(path, format, cancellation);
        using (info)
            return info is null ? fault! : await MeasureAsync(path, info.RootElement, cancellation);
    }

    private static async Task<StoreOutcome<ImageSource>> MeasureAsync(
        string path,
        JsonElement info,
        CancellationToken cancellation
    )
    {
        var format = info.GetProperty("format").GetString()!;
        var lengthBytes = info.GetProperty("virtual-size").GetInt64();
        if (!s_formats.Contains(format))
            return Refuse(path, $"images of format {format} are not taken");
        if (info.TryGetProperty("encrypted", out var encrypted) && encrypted.GetBoolean())
            return Refuse(path, "it is encrypted");
        if (info.TryGetProperty("backing-filename", out _) || NamesOtherFile(info, path))
            return Refuse(path, "it refers to another file (a backing file or external data)");
        if (lengthBytes is 0 or > RecordHeader.DiskLengthMaxBytes)
            return Refuse(path, $"a disk of {lengthBytes} bytes");
        var (map, fault) = await QemuImg.MapAsync(path, format, cancellation);
        using (map)
            return map is null
                ? fault!
                : new ImageSource(path, format, lengthBytes, DataRanges(map.RootElement).Sum(r => r.LengthBytes));
    }

    /// <summary>The ranges that hold more than zeroes, in a map that qemu-img made.</summary>
    internal static IEnumerable<(long StartBytes, long LengthBytes)> DataRanges(JsonElement map) =>
        map.EnumerateArray()
            .Where(range => range.GetProperty("data").GetBoolean() && !range.GetProperty("zero").GetBoolean())
            .Select(range => (range.GetProperty("start").GetInt64(), range.GetProperty("length").GetInt64()));

    /// <summary>Looks into a qcow2 header before qemu-img opens what it points at: backing file offset, and the incompatible feature of external data.</summary>
    private static bool PointsElsewhere(string path)
    {
        Span<byte> header = stackalloc byte[80];
        using var file = File.OpenHandle(path);
        var count = RandomAccess.Read(file, header, 0);
        if (count < header.Length || !header.StartsWith("QFI\xfb"u8[..3]) || header[3] != 0xfb)
            return false;
        const ulong ExternalData = 4;
        return BinaryPrimitives.ReadUInt64BigEndian(header[8..]) != 0
            || (
                BinaryPrimitives.ReadUInt32BigEndian(header[4..]) >= 3
                && (BinaryPrimitives.ReadUInt64BigEndian(header[72..]) & ExternalData) != 0
            );
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
