using System.Buffers.Binary;
using System.Text;

namespace Akka.Remote.Transport;

/// <summary>The types of frames; the order of a connection is Hello, Welcome or Refused, then all others.</summary>
internal enum FrameType : byte
{
    Hello = 1,
    Welcome = 2,
    Refused = 3,
    Message = 16,
    SystemMessage = 17,
    Ack = 18,
    Heartbeat = 19,
    Goodbye = 20,
    ForgetReferences = 21,
}

/// <summary>Reads the body of one frame; a read beyond its end, or of something else, gives false and never throws.</summary>
internal ref struct FrameReader(ReadOnlySpan<byte> body)
{
    private ReadOnlySpan<byte> _left = body;

    public readonly ReadOnlySpan<byte> Rest => _left;

    public bool TryByte(out byte value)
    {
        value = 0;
        if (_left.IsEmpty)
            return false;
        value = _left[0];
        _left = _left[1..];
        return true;
    }

    public bool TryInt32(out int value)
    {
        if (!BinaryPrimitives.TryReadInt32BigEndian(_left, out value))
            return false;
        _left = _left[4..];
        return true;
    }

    public bool TryInt64(out long value)
    {
        if (!BinaryPrimitives.TryReadInt64BigEndian(_left, out value))
            return false;
        _left = _left[8..];
        return true;
    }

    public bool TryNumber(out int value)
    {
        long number = 0;
        value = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            if (!TryByte(out var next))
                return false;
            number |= (long)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                value = (int)number;
                return number <= int.MaxValue;
            }
        }
        return false;
    }

    public bool TryText(out string value)
    {
        value = "";
        if (!TryBytes(out var bytes))
            return false;
        value = Encoding.UTF8.GetString(bytes);
        return true;
    }

    /// <summary>Bytes after their number.</summary>
    public bool TryBytes(out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (!TryNumber(out var length) || length > _left.Length)
            return false;
        bytes = _left[..length];
        _left = _left[length..];
        return true;
    }
}
