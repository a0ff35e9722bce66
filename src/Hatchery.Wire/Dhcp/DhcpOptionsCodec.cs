using System.Buffers;

namespace Hatchery.Wire.Dhcp;

/// <summary>Options as code, length, value (RFC 2132 section 2), with long ones in pieces (RFC 3396).</summary>
internal static class DhcpOptionsCodec
{
    private const int LongestPiece = 255;

    public static bool TryReadEncapsulated(ReadOnlySpan<byte> source, out DhcpOptions options)
    {
        var collector = new DhcpOptionsCollector();
        var known = collector.TryAppend(source);
        options = collector.ToOptions();
        return known;
    }

    public static byte[] Encapsulate(DhcpOptions options)
    {
        var buffer = new ArrayBufferWriter<byte>(64);
        Write(options, buffer);
        return buffer.WrittenSpan.ToArray();
    }

    public static void Write(DhcpOptions options, IBufferWriter<byte> destination)
    {
        foreach (var (code, value) in options)
            Write(code, value.Span, destination);
    }

    public static void Write(byte code, ReadOnlySpan<byte> value, IBufferWriter<byte> destination)
    {
        do
        {
            var piece = value[..Math.Min(value.Length, LongestPiece)];
            destination.Write([code, (byte)piece.Length]);
            destination.Write(piece);
            value = value[piece.Length..];
        } while (value.Length > 0);
    }

    /// <summary>Bytes of an option with the code and length of each of its pieces.</summary>
    public static int LengthOf(ReadOnlyMemory<byte> value) =>
        value.Length + (2 * Math.Max(1, (value.Length + LongestPiece - 1) / LongestPiece));
}
