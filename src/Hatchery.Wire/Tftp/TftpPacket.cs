using System.Buffers;

namespace Hatchery.Wire.Tftp;

/// <summary>One TFTP packet (RFC 1350 section 5, RFC 2347).</summary>
public abstract record TftpPacket
{
    private TftpPacket() { }

    /// <param name="Mode">octet, netascii or mail, in any case.</param>
    public sealed record ReadRequest(string FileName, string Mode, TftpOptions Options) : TftpPacket;

    /// <inheritdoc cref="ReadRequest"/>
    public sealed record WriteRequest(string FileName, string Mode, TftpOptions Options) : TftpPacket;

    /// <param name="Block">From 1, and after 65535 from 0 again.</param>
    public sealed record Data(ushort Block, ReadOnlyMemory<byte> Payload) : TftpPacket
    {
        public bool Equals(Data? other) =>
            other is not null && Block == other.Block && Payload.Span.SequenceEqual(other.Payload.Span);

        public override int GetHashCode() => HashCode.Combine(Block, Payload.Length);
    }

    /// <param name="Block">The last block that came in order; 0 acknowledges options.</param>
    public sealed record Acknowledgement(ushort Block) : TftpPacket;

    public sealed record Error(TftpErrorCode Code, string Message) : TftpPacket;

    public sealed record OptionAcknowledgement(TftpOptions Options) : TftpPacket;

    public static bool TryRead(ReadOnlySpan<byte> source, out TftpPacket packet) =>
        TftpPacketReader.TryRead(source, out packet);

    public void Write(IBufferWriter<byte> destination) => TftpPacketWriter.Write(this, destination);
}
