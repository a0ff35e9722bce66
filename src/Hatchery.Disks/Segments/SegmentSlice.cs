namespace Hatchery.Disks;

/// <summary>A part of a file, as a segment's own. Disposing it disposes the file, which its neighbours share.</summary>
/// <param name="lengthBytes">Null: up to the file's end, which moves as it is written.</param>
internal sealed class SegmentSlice(ISegmentFile file, long startBytes, long? lengthBytes = null) : ISegmentFile
{
    public long StartBytes => startBytes;

    public long Length => lengthBytes ?? file.Length - startBytes;

    public int Read(Span<byte> destination, long offset) =>
        file.Read(destination[..(int)Math.Clamp(Length - offset, 0, destination.Length)], startBytes + offset);

    public void Write(IReadOnlyList<ReadOnlyMemory<byte>> buffers, long offset) =>
        file.Write(buffers, startBytes + offset);

    public void Truncate(long length) => file.Truncate(startBytes + length);

    public void Sync() => file.Sync();

    public void Dispose() => file.Dispose();
}
