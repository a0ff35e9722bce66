namespace Hatchery.Disks;

/// <summary>Reads a segment forwards through one window, so that small records cost no call each.</summary>
internal sealed class SegmentReader(ISegmentFile file, long length)
{
    private const int WindowBytes = 1 << 20;

    private readonly byte[] _window = new byte[(int)Math.Min(WindowBytes, length)];
    private long _start;
    private int _filled;

    /// <summary>The bytes at an offset, up to <paramref name="count"/> (at most 1 MiB); fewer at the file's end.</summary>
    public ReadOnlySpan<byte> Read(long offset, int count)
    {
        count = (int)Math.Clamp(length - offset, 0, count);
        if (offset < _start || offset + count > _start + _filled)
        {
            _start = offset;
            _filled = file.Read(_window.AsSpan(0, (int)Math.Min(_window.Length, length - offset)), offset);
        }
        var at = (int)(offset - _start);
        return _window.AsSpan(at, Math.Clamp(_filled - at, 0, count));
    }

    /// <summary>The CRC of a range; null when the file ends before it does.</summary>
    public uint? Crc(long offset, long count)
    {
        uint crc = 0;
        while (count > 0)
        {
            var piece = Read(offset, (int)Math.Min(count, _window.Length));
            if (piece.IsEmpty)
                return null;
            crc = Crc32C.Append(crc, piece);
            offset += piece.Length;
            count -= piece.Length;
        }
        return crc;
    }
}
