using System.Buffers;

namespace Hatchery.Mirroring;

/// <summary>The bytes of one message in a pooled array, with room for the frame's head before them: what is kept for a member is sent to each from where it lies. Thread-safe.</summary>
internal sealed class FrameBytes
{
    private readonly byte[] _array;
    private readonly int _length;
    private int _holds = 1;

    /// <summary>Held once.</summary>
    public FrameBytes(int length) =>
        (_array, _length) = (ArrayPool<byte>.Shared.Rent(MirrorCodec.HeadMaxBytes + length), length);

    public int Length => _length;

    public Memory<byte> Bytes => _array.AsMemory(MirrorCodec.HeadMaxBytes, _length);

    /// <summary>The frame. All that ever ask say the same head.</summary>
    public ReadOnlyMemory<byte> Framed(ReadOnlySpan<byte> head)
    {
        var start = MirrorCodec.HeadMaxBytes - head.Length;
        head.CopyTo(_array.AsSpan(start));
        return _array.AsMemory(start, head.Length + _length);
    }

    public void Hold() => Interlocked.Increment(ref _holds);

    /// <summary>Once for each hold; after the last the bytes are somebody else's.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _holds) == 0)
            ArrayPool<byte>.Shared.Return(_array);
    }
}
