using System.Buffers.Binary;
using Hatchery.Disks;

namespace Hatchery.Replication;

/// <summary>What is asked: the image (16 bytes), its part (8 bits), an offset (64 bits) and a length (32 bits), big-endian. What a kind of request has no use for is zero.</summary>
internal readonly record struct ReplicationRequest(
    LayerId Image,
    ImagePart Part = ImagePart.Disk,
    long Offset = 0,
    int Length = 0
)
{
    public const int Bytes = 16 + 1 + 8 + 4;

    public void Write(Span<byte> to)
    {
        Image.Value.TryWriteBytes(to, bigEndian: true, out _);
        to[16] = (byte)Part;
        BinaryPrimitives.WriteInt64BigEndian(to[17..], Offset);
        BinaryPrimitives.WriteInt32BigEndian(to[25..], Length);
    }

    /// <summary>False where it is no request, or one that no server could answer.</summary>
    public static bool TryRead(ReadOnlySpan<byte> from, out ReplicationRequest request)
    {
        request = default;
        if (from.Length != Bytes)
            return false;
        request = new(
            new(new Guid(from[..16], bigEndian: true)),
            (ImagePart)from[16],
            BinaryPrimitives.ReadInt64BigEndian(from[17..]),
            BinaryPrimitives.ReadInt32BigEndian(from[25..])
        );
        return request.Part <= ImagePart.Initrd
            && request.Offset >= 0
            && request.Length is >= 0 and <= FrameHeader.ReplyMaxBytes;
    }
}
