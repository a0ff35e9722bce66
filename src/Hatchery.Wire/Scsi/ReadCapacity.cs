using System.Buffers.Binary;

namespace Hatchery.Wire.Scsi;

/// <summary>How many blocks there are and how long each is (SBC-3 sections 5.15 and 5.16).</summary>
public readonly record struct ReadCapacity(ulong Blocks, uint BlockBytes)
{
    /// <summary>8 bytes; a disk that is too large for them says so by its highest address.</summary>
    public byte[] ToShortForm()
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)Math.Min(Blocks - 1, uint.MaxValue));
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), BlockBytes);
        return bytes;
    }

    /// <summary>32 bytes: 8 blocks to a physical one, thin, and what is unmapped reads as zeroes.</summary>
    public byte[] ToLongForm()
    {
        var bytes = new byte[32];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, Blocks - 1);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(8), BlockBytes);
        bytes[13] = 3;
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
