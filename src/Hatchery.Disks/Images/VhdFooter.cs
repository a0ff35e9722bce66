using System.Buffers.Binary;

namespace Hatchery.Disks;

/// <summary>
/// What tells a fixed VHD from a raw image: 512 bytes at its end, where qemu-img does not look unless it is told to (Microsoft,
/// Virtual Hard Disk Image Format Specification, "Hard Disk Footer Format").
/// </summary>
internal static class VhdFooter
{
    public const int Bytes = 512;

    private const int DiskTypeOffset = 60;
    private const int ChecksumOffset = 64;
    private const uint FixedDisk = 2;

    public static bool EndsFixedDisk(string path)
    {
        Span<byte> footer = stackalloc byte[Bytes];
        using var file = File.OpenHandle(path);
        var start = RandomAccess.GetLength(file) - Bytes;
        return start > 0 && RandomAccess.Read(file, footer, start) == Bytes && IsOfFixedDisk(footer);
    }

    internal static bool IsOfFixedDisk(ReadOnlySpan<byte> footer)
    {
        if (
            footer.Length != Bytes
            || !footer.StartsWith("conectix"u8)
            || BinaryPrimitives.ReadUInt32BigEndian(footer[DiskTypeOffset..]) != FixedDisk
        )
            return false;
        var sum = 0u;
        for (var i = 0; i < Bytes; i++)
            sum += i is >= ChecksumOffset and < ChecksumOffset + sizeof(uint) ? 0u : footer[i];
        return BinaryPrimitives.ReadUInt32BigEndian(footer[ChecksumOffset..]) == ~sum;
    }
}
