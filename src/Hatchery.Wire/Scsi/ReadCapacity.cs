using System.Buffers.Binary;
using System.Numerics;

namespace Hatchery.Wire.Scsi;

/// <summary>How many blocks there are and how long each is (SBC-3 sections 5.15 and 5.16).</summary>
public readonly record struct ReadCapacity(ulong Blocks, uint BlockBytes)
{
    private const uint PhysicalBlockBytes = 4096;

    /// <summary>8 bytes; a disk that is too large for them says so by its highest address.</summary>
    public byte[] ToShortForm()
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)Math.Min(Blocks - 1, uint.MaxValue));
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), BlockBytes);
        return bytes;
    }

    /// <summary>32 bytes: a physical block of 4096 bytes, thin, and what is unmapped reads as zeroes.</summary>
    public byte[] ToLongForm()
    {
        var bytes = new byte[32];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, Blocks - 1);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(8), BlockBytes);
        bytes[13] = (byte)BitOperations.Log2(Math.Max(1, PhysicalBlockBytes / BlockBytes));
        bytes[14] = 0xc0;
        return bytes;
    }

    public static bool TryReadLongForm(ReadOnlySpan<byte> source, out ReadCapacity value)
    {
        value = default;
        if (source.Length < 12)
            return false;
        value = new(
            BinaryPrimitives.ReadUInt64BigEndian(source) + 1,
            BinaryPrimitives.ReadUInt32BigEndian(source[8..])
        );
        return true;
    }
}
