using System.Buffers.Binary;

namespace Hatchery.Wire.Nbd;

/// <summary>The reply to a request; after a READ without error the data follows.</summary>
public readonly record struct NbdSimpleReply(NbdError Error, ulong Cookie) : IFixedWire<NbdSimpleReply>
{
    public static int SizeBytes => 16;

    public static bool TryRead(ReadOnlySpan<byte> source, out NbdSimpleReply value)
    {
        value = default;
        if (source.Length < 16 || BinaryPrimitives.ReadUInt32BigEndian(source) != NbdProtocol.SimpleReplyMagic)
            return false;
        value = new(
            (NbdError)BinaryPrimitives.ReadUInt32BigEndian(source[4..]),
            BinaryPrimitives.ReadUInt64BigEndian(source[8..])
        );
        return true;
    }

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination, NbdProtocol.SimpleReplyMagic);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], (uint)Error);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Cookie);
    }
}
