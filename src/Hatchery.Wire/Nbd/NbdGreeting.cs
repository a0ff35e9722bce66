using System.Buffers.Binary;

namespace Hatchery.Wire.Nbd;

/// <summary>The server's first 18 bytes: both magics and the handshake flags.</summary>
public readonly record struct NbdGreeting(NbdHandshakeFlags Flags) : IFixedWire<NbdGreeting>
{
    public static int SizeBytes => 18;

    public static bool TryRead(ReadOnlySpan<byte> source, out NbdGreeting value)
    {
        value = default;
        if (
            source.Length < 18
            || BinaryPrimitives.ReadUInt64BigEndian(source) != NbdProtocol.GreetingMagic
            || BinaryPrimitives.ReadUInt64BigEndian(source[8..]) != NbdProtocol.OptionMagic
        )
            return false;
        value = new((NbdHandshakeFlags)BinaryPrimitives.ReadUInt16BigEndian(source[16..]));
        return true;
    }

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, NbdProtocol.GreetingMagic);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], NbdProtocol.OptionMagic);
        BinaryPrimitives.WriteUInt16BigEndian(destination[16..], (ushort)Flags);
    }
}
