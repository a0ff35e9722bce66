using Akka.Actor;

namespace Akka.Remote.Transport;

/// <summary>Why a system will not talk to another.</summary>
internal enum RefusalReason : byte
{
    Version = 1,
    Address = 2,
    Quarantined = 3,
    ShuttingDown = 4,
    Busy = 5,
}

/// <summary>Why a connection that stood is ended by one side.</summary>
internal enum GoodbyeReason : byte
{
    Shutdown = 1,
    Quarantined = 2,
}

/// <summary>The first words of who connects: which system, which start of it, and whom it wants to reach.</summary>
internal sealed record Hello(Address From, int Uid, Address To, int MaximumFrameSizeBytes)
{
    /// <summary>Longer first frames are not read.</summary>
    public const int LargestFrameBytes = 4096;

    /// <summary>Of this format of frames; whoever has another refuses.</summary>
    public const byte Version = 1;

    // "HAKR", and nothing that HTTP, TLS or a person at a terminal would send.
    private const int Magic = 0x48414B52;

    public void Write(FrameBuffer buffer)
    {
        buffer.Begin(FrameType.Hello);
        buffer.Int32(Magic);
        buffer.Byte(Version);
        buffer.Int32(Uid);
        buffer.Text(From.ToString());
        buffer.Text(To.ToString());
        buffer.Int32(MaximumFrameSizeBytes);
        buffer.End();
    }

    /// <summary>False when it is no greeting of ours; of another version there is only the version.</summary>
    public static bool TryRead(FrameType type, ReadOnlySpan<byte> body, out byte version, out Hello? hello)
    {
        version = 0;
        hello = null;
        var reader = new FrameReader(body);
        if (
            type != FrameType.Hello
            || !reader.TryInt32(out var magic)
            || magic != Magic
            || !reader.TryByte(out version)
        )
            return false;
        if (version != Version)
            return true;
        if (
            !reader.TryInt32(out var uid)
            || !reader.TryText(out var from)
            || !reader.TryText(out var to)
            || !reader.TryInt32(out var frameSize)
            || !Address.TryParse(from, out var fromAddress)
            || !fromAddress.HasGlobalScope
            || !Address.TryParse(to, out var toAddress)
            || frameSize <= 0
        )
            return false;
        hello = new Hello(fromAddress, uid, toAddress, frameSize);
        return true;
    }
}

/// <summary>The answer: which start of the system it is and what it takes, or why it refuses.</summary>
internal abstract record HandshakeAnswer
{
    public static bool TryRead(FrameType type, ReadOnlySpan<byte> body, out HandshakeAnswer? answer)
    {
        answer = null;
        var reader = new FrameReader(body);
        if (type == FrameType.Welcome && reader.TryInt32(out var uid) && reader.TryInt32(out var frameSize))
            answer = frameSize > 0 ? new Welcome(uid, frameSize) : null;
        else if (type == FrameType.Refused && reader.TryByte(out var reason) && reader.TryText(out var text))
            answer = new Refusal((RefusalReason)reason, text);
        return answer is not null;
    }

    public abstract void Write(FrameBuffer buffer);

    public sealed record Welcome(int Uid, int MaximumFrameSizeBytes) : HandshakeAnswer
    {
        public override void Write(FrameBuffer buffer)
        {
            buffer.Begin(FrameType.Welcome);
            buffer.Int32(Uid);
            buffer.Int32(MaximumFrameSizeBytes);
            buffer.End();
        }
    }

    public sealed record Refusal(RefusalReason Reason, string Text) : HandshakeAnswer
    {
        public override void Write(FrameBuffer buffer)
        {
            buffer.Begin(FrameType.Refused);
            buffer.Byte((byte)Reason);
            buffer.Text(Text);
            buffer.End();
        }
    }
}
