using System.Buffers.Binary;

namespace Petabridge.Cmd.Protocol;

/// <summary>
/// One message between pbm and its host: a 32-bit big-endian length and that many bytes of UTF-8 JSON. Our own protocol; the
/// official one is not published.
/// </summary>
internal static class Frame
{
    /// <summary>Bytes of a request; an operator types no more.</summary>
    public const int RequestLengthMax = 64 << 10;

    /// <summary>Bytes of an answer: a list of a large farm's devices.</summary>
    public const int AnswerLengthMax = 64 << 20;

    /// <returns>The message; null at the end of the stream. A length of 0 or over the limit is an <see cref="InvalidDataException"/>.</returns>
    public static async Task<byte[]?> ReadAsync(Stream stream, int lengthMax, CancellationToken cancellation)
    {
        var header = new byte[4];
        var read = await stream.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, cancellation);
        if (read == 0)
            return null;
        if (read < header.Length)
            throw new EndOfStreamException("the connection ended within a message");
        var length = BinaryPrimitives.ReadUInt32BigEndian(header);
        if (length == 0 || length > (uint)lengthMax)
            throw new InvalidDataException($"a message of {length} bytes; at most {lengthMax} are allowed");
        var body = new byte[length];
        await stream.ReadExactlyAsync(body, cancellation);
        return body;
    }

    /// <summary>Sends header and body in one write.</summary>
    public static async Task WriteAsync(Stream stream, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        var frame = new byte[4 + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, body.Length);
        body.CopyTo(frame.AsMemory(4));
        await stream.WriteAsync(frame, cancellation);
    }
}
