using System.Buffers.Binary;

namespace Hatchery.Wire.Iscsi;

/// <summary>What every PDU of a target says of its status and command numbering (RFC 7143 section 4.2.2).</summary>
public readonly record struct SequenceNumbers(uint StatSn, uint ExpCmdSn, uint MaxCmdSn)
{
    internal static SequenceNumbers Read(ReadOnlySpan<byte> source) =>
        new(
            BinaryPrimitives.ReadUInt32BigEndian(source),
            BinaryPrimitives.ReadUInt32BigEndian(source[4..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[8..])
        );

    internal void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination, StatSn);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], ExpCmdSn);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], MaxCmdSn);
    }

    /// <summary>Serial number arithmetic (RFC 1982): how far the first number is ahead of the second, modulo 2^32.</summary>
    public static int Distance(uint ahead, uint behind) => unchecked((int)(ahead - behind));
}
