using System.Buffers.Binary;

namespace Hatchery.Wire.Iscsi;

/// <summary>What all basic header segments have in common (RFC 7143 section 11.2.1).</summary>
public static class PduHeader
{
    public const int SizeBytes = 48;

    /// <summary>The reserved value of task and transfer tags.</summary>
    public const uint NoTag = 0xffff_ffff;

    public static IscsiOpcode Opcode(ReadOnlySpan<byte> header) => (IscsiOpcode)(header[0] & 0x3f);

    public static bool IsImmediate(ReadOnlySpan<byte> header) => (header[0] & 0x40) != 0;

    /// <summary>The length of additional header segments in bytes, at most 1,020.</summary>
    public static int AdditionalLength(ReadOnlySpan<byte> header) => header[4] * 4;

    /// <summary>The length of the data segment in bytes without its padding, below 16 MiB.</summary>
    public static int DataLength(ReadOnlySpan<byte> header) => (header[5] << 16) | (header[6] << 8) | header[7];

    public static uint TaskTag(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadUInt32BigEndian(header[16..]);

    internal static bool Is(ReadOnlySpan<byte> source, IscsiOpcode opcode) =>
        source.Length >= SizeBytes && Opcode(source) == opcode;

    internal static void Begin(
        Span<byte> destination,
        IscsiOpcode opcode,
        bool immediate,
        byte flags,
        int dataLengthBytes
    )
    {
        destination[..SizeBytes].Clear();
        destination[0] = (byte)((byte)opcode | (immediate ? 0x40 : 0));
        destination[1] = flags;
        destination[5] = (byte)(dataLengthBytes >> 16);
        destination[6] = (byte)(dataLengthBytes >> 8);
        destination[7] = (byte)dataLengthBytes;
    }
}
