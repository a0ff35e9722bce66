using System.Buffers.Binary;
using System.Text;

namespace Akka.Remote.Transport;

/// <summary>Frames on their way out (FORMAT.md): each is its length in 4 bytes, most significant first, a type, and a body.</summary>
internal sealed class FrameBuffer(int capacity = 4096)
{
    public const int LengthBytes = 4;

    private byte[] _bytes = new byte[capacity];
    private int _frameStart;

    public int Count { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Count);

    public void Clear()
    {
        Count = 0;
        // One large message is not to cost its memory for ever.
        if (_bytes.Length > 1 << 20)
            _bytes = new byte[4096];
    }

    public void Begin(FrameType type)
    {
        _frameStart = Count;
        Take(LengthBytes);
        Byte((byte)type);
    }

    public void End() =>
        BinaryPrimitives.WriteInt32BigEndian(_bytes.AsSpan(_frameStart), Count - _frameStart - LengthBytes);

    public void Byte(byte value) => Take(1)[0] = value;

    public void Int32(int value) => BinaryPrimitives.WriteInt32BigEndian(Take(4), value);

    public void Int64(long value) => BinaryPrimitives.WriteInt64BigEndian(Take(8), value);

    /// <summary>A number from 0 on, seven bits a byte, the lowest first.</summary>
    public void Number(int value)
    {
        var left = (uint)value;
        while (left >= 0x80)
        {
            Byte((byte)(left | 0x80));
            left >>= 7;
        }
        Byte((byte)left);
    }

    public void Text(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        Number(length);
        Encoding.UTF8.GetBytes(value, Take(length));
    }

    public void Bytes(ReadOnlySpan<byte> value) => value.CopyTo(Take(value.Length));

    private Span<byte> Take(int count)
    {
        if (Count + count > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Count + count));
        Count += count;
        return _bytes.AsSpan(Count - count, count);
    }
}
