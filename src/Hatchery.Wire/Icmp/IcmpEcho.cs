using System.Buffers.Binary;

namespace Hatchery.Wire.Icmp;

/// <summary>Echo request and reply (RFC 792), without data.</summary>
public static class IcmpEcho
{
    public const int RequestBytes = 8;

    private const byte Request = 8;
    private const byte Reply = 0;
    private const byte Icmp = 1;
    private const int ShortestHeaderBytes = 20;

    /// <param name="destination">At least <see cref="RequestBytes"/> long.</param>
    public static void WriteRequest(Span<byte> destination, ushort identifier, ushort sequence)
    {
        destination = destination[..RequestBytes];
        destination.Clear();
        destination[0] = Request;
        BinaryPrimitives.WriteUInt16BigEndian(destination[4..], identifier);
        BinaryPrimitives.WriteUInt16BigEndian(destination[6..], sequence);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], Checksum(destination));
    }

    /// <summary>Reads a whole IPv4 packet, as raw sockets deliver it; false for all but echo replies.</summary>
    public static bool TryReadReply(ReadOnlySpan<byte> packet, out ushort identifier, out ushort sequence)
    {
        (identifier, sequence) = (0, 0);
        if (packet.Length < ShortestHeaderBytes || packet[0] >> 4 != 4 || packet[9] != Icmp)
            return false;
        var headerBytes = (packet[0] & 0xF) * 4;
        if (headerBytes < ShortestHeaderBytes || packet.Length < headerBytes + RequestBytes)
            return false;
        var echo = packet[headerBytes..];
        if (echo[0] != Reply || echo[1] != 0 || Checksum(echo) != 0)
            return false;
        identifier = BinaryPrimitives.ReadUInt16BigEndian(echo[4..]);
        sequence = BinaryPrimitives.ReadUInt16BigEndian(echo[6..]);
        return true;
    }

    /// <summary>RFC 1071; over a message with a correct checksum in it the result is 0.</summary>
    private static ushort Checksum(ReadOnlySpan<byte> message)
    {
        ulong sum = 0;
        for (; message.Length >= 2; message = message[2..])
            sum += BinaryPrimitives.ReadUInt16BigEndian(message);
        if (message.Length > 0)
            sum += (uint)message[0] << 8;
        while (sum > ushort.MaxValue)
            sum = (sum & ushort.MaxValue) + (sum >> 16);
        return (ushort)~sum;
    }
}
