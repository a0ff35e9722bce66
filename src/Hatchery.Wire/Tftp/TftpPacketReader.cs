using System.Buffers.Binary;
using System.Text;

namespace Hatchery.Wire.Tftp;

internal static class TftpPacketReader
{
    public static bool TryRead(ReadOnlySpan<byte> source, out TftpPacket packet)
    {
        packet = null!;
        if (source.Length < 2)
            return false;
        var body = source[2..];
        packet = (TftpOpcode)BinaryPrimitives.ReadUInt16BigEndian(source) switch
        {
            TftpOpcode.ReadRequest when TryReadRequest(body, out var name, out var mode, out var options) =>
                new TftpPacket.ReadRequest(name, mode, options),
            TftpOpcode.WriteRequest when TryReadRequest(body, out var name, out var mode, out var options) =>
                new TftpPacket.WriteRequest(name, mode, options),
            TftpOpcode.Data when body.Length >= 2 => new TftpPacket.Data(Number(body), body[2..].ToArray()),
            TftpOpcode.Acknowledgement when body.Length >= 2 => new TftpPacket.Acknowledgement(Number(body)),
            TftpOpcode.Error when body.Length >= 2 => new TftpPacket.Error(
                (TftpErrorCode)Number(body),
                TryTakeText(body[2..], out var message, out _) ? message : Encoding.Latin1.GetString(body[2..])
            ),
            TftpOpcode.OptionAcknowledgement when TryReadOptions(body, out var options) =>
                new TftpPacket.OptionAcknowledgement(options),
            _ => null!,
        };
        return packet is not null;
    }

    private static bool TryReadRequest(
        ReadOnlySpan<byte> body,
        out string fileName,
        out string mode,
        out TftpOptions options
    )
    {
        options = TftpOptions.None;
        mode = "";
        return TryTakeText(body, out fileName, out var rest)
            && TryTakeText(rest, out mode, out rest)
            && TryReadOptions(rest, out options);
    }

    /// <summary>Some firmware pads its requests with NUL bytes: an empty name ends the options.</summary>
    private static bool TryReadOptions(ReadOnlySpan<byte> rest, out TftpOptions options)
    {
        options = TftpOptions.None;
        while (rest.Length > 0 && rest[0] != 0)
        {
            if (!TryTakeText(rest, out var name, out rest) || !TryTakeText(rest, out var value, out rest))
                return false;
            options = options.With(name, value);
        }
        return true;
    }

    private static bool TryTakeText(ReadOnlySpan<byte> source, out string text, out ReadOnlySpan<byte> rest)
    {
        var end = source.IndexOf((byte)0);
        text = end < 0 ? "" : Encoding.Latin1.GetString(source[..end]);
        rest = end < 0 ? default : source[(end + 1)..];
        return end >= 0;
    }

    private static ushort Number(ReadOnlySpan<byte> body) => BinaryPrimitives.ReadUInt16BigEndian(body);
}
