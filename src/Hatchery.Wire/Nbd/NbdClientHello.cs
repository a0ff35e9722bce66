using System.Buffers.Binary;

namespace Hatchery.Wire.Nbd;

/// <summary>The client's answer to the greeting: its flags.</summary>
public readonly record struct NbdClientHello(NbdClientFlags Flags) : IFixedWire<NbdClientHello>
{
    public static int SizeBytes => 4;

    public static bool TryRead(ReadOnlySpan<byte> source, out NbdClientHello value)
    {
        value = default;
        if (source.Length < 4)
            return false;
        value = new((NbdClientFlags)BinaryPrimitives.ReadUInt32BigEndian(source));
        return true;
    }

    public void Write(Span<byte> destination) => BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)Flags);
}
