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
        {
            var rest = value.Span;
            do
            {
                var piece = rest[..Math.Min(rest.Length, LongestPiece)];
                destination.Write([code, (byte)piece.Length]);
                destination.Write(piece);
                rest = rest[piece.Length..];
            } while (rest.Length > 0);
        }
    }
}
