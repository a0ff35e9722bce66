using System.Buffers.Binary;

namespace Hatchery.Replication;

/// <summary>What a frame is. Numbers are for ever.</summary>
internal enum FrameKind : byte
{
    /// <summary>The first frame of either side: <see cref="ReplicationHello"/>.</summary>
    Hello = 1,

    /// <summary>Text: why the connection ends here.</summary>
    Refused = 2,

    /// <summary>Asks which images lie there, in the order of their ids: <see cref="ReplicationRequest"/>, those behind its image.</summary>
    List = 3,

    /// <summary>The answer: <see cref="ImageListing"/> after another.</summary>
    Images = 4,

    /// <summary>Asks for an image's manifest.</summary>
    Manifest = 5,

    /// <summary>Asks for hashes of an image's chunks: offset and length count chunks.</summary>
    Hashes = 6,

    /// <summary>Asks for bytes of a file of an image.</summary>
    Read = 7,

    /// <summary>What was asked for.</summary>
    Bytes = 8,

    /// <summary>Text: why it cannot be had here. The connection goes on.</summary>
    Missing = 9,

    /// <summary>Asks to have an image compared with its hashes, and the write caches that lie on it with their checksums.</summary>
    Check = 10,

    /// <summary>Asks to have an image repaired, or a copy of a write cache that was found damaged given up.</summary>
    Repair = 11,

    /// <summary>How much of that is done, 8 bits, 0 to 100; comes while it lasts.</summary>
    Progress = 12,

    /// <summary>The answer to both: <see cref="CheckFinding"/>s as JSON.</summary>
    Findings = 13,
}

/// <summary>Before each frame: the length of its payload in bytes, 32 bits, big-endian, and its kind.</summary>
internal readonly record struct FrameHeader(FrameKind Kind, int LengthBytes)
{
    public const int Bytes = 5;

    /// <summary>A request or a greeting is never longer.</summary>
    public const int RequestMaxBytes = 128;

    /// <summary>An answer is never longer: a chunk.</summary>
    public const int ReplyMaxBytes = Disks.ImageChunks.ChunkBytes;

    public const int TextMaxBytes = 512;

    public const int FindingsMaxBytes = ReplyMaxBytes;

    public void Write(Span<byte> to)
    {
        BinaryPrimitives.WriteInt32BigEndian(to, LengthBytes);
        to[4] = (byte)Kind;
    }

    /// <summary>False for what is no frame, or a longer one than is taken here.</summary>
    public static bool TryRead(ReadOnlySpan<byte> from, int lengthMaxBytes, out FrameHeader header)
    {
        header = default;
        if (from.Length < Bytes)
            return false;
        var length = BinaryPrimitives.ReadUInt32BigEndian(from);
        var kind = (FrameKind)from[4];
        if (length > (uint)lengthMaxBytes || kind is < FrameKind.Hello or > FrameKind.Findings)
            return false;
        header = new(kind, (int)length);
        return true;
    }
}
