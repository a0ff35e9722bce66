using System.Buffers.Binary;
using Hatchery.Disks;

namespace Hatchery.Replication;

/// <summary>One image at a server: id (16 bytes), length in bytes (64 bits, big-endian), hash (32 bytes), how much of it is there (8 bits, 0 to 100).</summary>
/// <param name="Percent">100: all of it.</param>
internal sealed record ImageListing(LayerId Image, long LengthBytes, string Sha256, int Percent)
{
    public const int Bytes = 16 + 8 + 32 + 1;

    /// <summary>More images than that come in several answers.</summary>
    public const int MaxPerFrame = 4096;

    public const int Whole = 100;

    public void Write(Span<byte> to)
    {
        Image.Value.TryWriteBytes(to, bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(to[16..], LengthBytes);
        Convert.FromHexString(Sha256).CopyTo(to[24..]);
        to[56] = (byte)Percent;
    }

    public static bool TryRead(ReadOnlySpan<byte> from, out ImageListing listing)
    {
        listing = null!;
        if (from.Length < Bytes)
            return false;
        var length = BinaryPrimitives.ReadInt64BigEndian(from[16..]);
        if (length < 0 || from[56] > Whole)
            return false;
        listing = new(
            new(new Guid(from[..16], bigEndian: true)),
            length,
            Convert.ToHexStringLower(from.Slice(24, 32)),
            from[56]
        );
        return true;
    }

    /// <summary>False unless all of it are listings.</summary>
    public static bool TryReadAll(ReadOnlySpan<byte> from, out IReadOnlyList<ImageListing> listings)
    {
        var all = new List<ImageListing>();
        listings = all;
        if (from.Length % Bytes != 0 || from.Length / Bytes > MaxPerFrame)
            return false;
        for (; !from.IsEmpty; from = from[Bytes..])
        {
            if (!TryRead(from, out var one))
                return false;
            all.Add(one);
        }
        return true;
    }
}
