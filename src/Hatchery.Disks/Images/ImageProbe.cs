using System.Buffers.Binary;

namespace Hatchery.Disks;

/// <summary>
/// Looks at the first and last bytes of an image file before any program opens it as more than bytes: which format it is, and
/// whether it stands by itself and says of itself what can be.
/// </summary>
internal static class ImageProbe
{
    public const int HeadBytes = 512;
    public const int TailBytes = VhdFooter.Bytes;

    private const string Elsewhere = "it refers to another file (a backing file or external data)";
    private const string Encrypted = "it is encrypted";

    private static readonly string[] s_endings = ["qcow2", "qcow", "qed", "vmdk", "vdi", "vhd", "vpc", "vhdx", "dmg"];

    /// <param name="path">For its ending only.</param>
    /// <param name="format">As qemu-img names it, or <c>vhd</c>; null: found out.</param>
    /// <returns>The format by its name in qemu-img, or why the file is refused.</returns>
    public static (string? Format, string? Refusal) Look(
        string path,
        string? format,
        ReadOnlySpan<byte> head,
        ReadOnlySpan<byte> tail
    )
    {
        if (format is null)
        {
            if (Wrapped(head) is { } wrapped)
                return (null, $"{wrapped}: give the image that is in it, or --format raw if this is the disk");
            format = Detect(head, tail);
            var ending = Path.GetExtension(path).TrimStart('.').ToLowerInvariant();
            if (format == "raw" && s_endings.Contains(ending, StringComparer.Ordinal))
                return (null, $"cut off, or no {ending}: give --format raw if its bytes are the disk");
        }
        format = format == "vhd" ? "vpc" : format;
        return Refusal(format, head, tail) is { } refusal ? (null, refusal) : (format, null);
    }

    private static string Detect(ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail) =>
        head.StartsWith((ReadOnlySpan<byte>)[(byte)'Q', (byte)'F', (byte)'I', 0xfb])
            ? (Big32(head, 4) == 1 ? "qcow" : "qcow2")
        : head.StartsWith("QED\0"u8) ? "qed"
        : IsVmdk(head) || head.StartsWith("# Disk DescriptorFile"u8) ? "vmdk"
        : head.StartsWith("vhdxfile"u8) ? "vhdx"
        : head.StartsWith("conectix"u8) || VhdFooter.IsOfFixedDisk(tail) ? "vpc"
        : Little32(head, 0x40) == 0xbeda107f ? "vdi"
        : head.StartsWith("WithoutFreeSpace"u8) || head.StartsWith("WithouFreSpacExt"u8) ? "parallels"
        : tail.StartsWith("koly"u8) ? "dmg"
        : "raw";

    /// <summary>What is no image but may hold one.</summary>
    private static string? Wrapped(ReadOnlySpan<byte> head) =>
        head.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]) ? "compressed with gzip"
        : head.StartsWith((ReadOnlySpan<byte>)[0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0])
            ? "compressed with xz"
        : head.StartsWith((ReadOnlySpan<byte>)[0x28, 0xb5, 0x2f, 0xfd]) ? "compressed with zstd"
        : head.StartsWith((ReadOnlySpan<byte>)[0x04, 0x22, 0x4d, 0x18]) ? "compressed with lz4"
        : head.StartsWith("BZh"u8) ? "compressed with bzip2"
        : head.StartsWith("PK\x03\x04"u8) ? "a zip archive"
        : head.StartsWith((ReadOnlySpan<byte>)[(byte)'L', (byte)'U', (byte)'K', (byte)'S', 0xba, 0xbe]) ? Encrypted
        : null;

    private static string? Refusal(string format, ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail) =>
        format switch
        {
            "qcow2" => Qcow2(head),
            "qed" when (Little64(head, 16) & 1) != 0 => Elsewhere,
            "vmdk" when !IsVmdk(head) => Elsewhere,
            // Of no length of its own: the text in it says which files hold the disk.
            "vmdk" when head[0] == 'K' && Little64(head, 12) == 0 => Elsewhere,
            "vpc" => Vhd(head, tail),
            _ => null,
        };

    // QEMU, docs/interop/qcow2.txt, "Header".
    private static string? Qcow2(ReadOnlySpan<byte> head)
    {
        const ulong Corrupt = 2;
        const ulong ExternalData = 4;
        const uint L1EntriesMax = (32 << 20) / sizeof(ulong);
        var version = Big32(head, 4);
        var features = version >= 3 ? Big64(head, 72) : 0;
        if (Big64(head, 8) != 0 || (features & ExternalData) != 0)
            return Elsewhere;
        if (Big32(head, 32) != 0)
            return Encrypted;
        if ((features & Corrupt) != 0)
            return "marked as corrupt by the program that wrote it: repair it with qemu-img check -r all";
        return Big32(head, 36) > L1EntriesMax ? $"a table of {Big32(head, 36)} entries, which no image needs" : null;
    }

    // Microsoft, Virtual Hard Disk Image Format Specification, "Hard Disk Footer Format": a copy begins a dynamic disk.
    private static string? Vhd(ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail)
    {
        const int DiskTypeOffset = 60;
        const uint Dynamic = 3;
        const uint Differencing = 4;
        if (VhdFooter.IsOfFixedDisk(tail))
            return null;
        if (!head.StartsWith("conectix"u8))
            return "cut off, or no vhd: neither begins nor ends as one";
        return Big32(head, DiskTypeOffset) switch
        {
            Dynamic => tail.StartsWith("conectix"u8) ? null : "cut off: its last bytes are no footer",
            Differencing => Elsewhere,
            var type => $"a vhd of type {type}, which is neither fixed nor dynamic",
        };
    }

    private static bool IsVmdk(ReadOnlySpan<byte> head) => head.StartsWith("KDMV"u8) || head.StartsWith("COWD"u8);

    // A file may be shorter than any header: what is not there is zero.
    private static uint Big32(ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.TryReadUInt32BigEndian(bytes.Length < at ? [] : bytes[at..], out var value) ? value : 0;

    private static ulong Big64(ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.TryReadUInt64BigEndian(bytes.Length < at ? [] : bytes[at..], out var value) ? value : 0;

    private static uint Little32(ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.TryReadUInt32LittleEndian(bytes.Length < at ? [] : bytes[at..], out var value) ? value : 0;

    private static ulong Little64(ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.TryReadUInt64LittleEndian(bytes.Length < at ? [] : bytes[at..], out var value) ? value : 0;
}
