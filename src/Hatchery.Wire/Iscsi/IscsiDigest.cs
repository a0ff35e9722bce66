using System.Buffers.Binary;
using System.Numerics;

namespace Hatchery.Wire.Iscsi;

/// <summary>CRC32C as iSCSI digests use it (RFC 7143 section 13.1): reflected, and its least significant byte first.</summary>
public static class IscsiDigest
{
    public static uint Compute(ReadOnlySpan<byte> bytes) => ~Extend(uint.MaxValue, bytes);

    /// <summary>The digest of two stretches that follow each other on the wire.</summary>
    public static uint Compute(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) =>
        ~Extend(Extend(uint.MaxValue, first), second);

    public static void Write(uint digest, Span<byte> destination) =>
        BinaryPrimitives.WriteUInt32LittleEndian(destination, digest);

    /// <summary>Whether the four bytes are the digest of what stands before them.</summary>
    public static bool Matches(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> digest) =>
        digest.Length >= 4 && BinaryPrimitives.ReadUInt32LittleEndian(digest) == Compute(bytes);

    private static uint Extend(uint crc, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= 8; bytes = bytes[8..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var octet in bytes)
            crc = BitOperations.Crc32C(crc, octet);
        return crc;
    }
}
