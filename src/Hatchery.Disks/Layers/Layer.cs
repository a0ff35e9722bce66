namespace Hatchery.Disks;

/// <summary>The segments of one layer, readable as blocks above another reader.</summary>
internal sealed class Layer(long diskBlocks, IBlockReader below) : IDisposable
{
    private const int RunsAtOnce = 32;

    private readonly Lock _gate = new();
    private readonly BlockIndex _index = new(diskBlocks);
    private volatile ISegmentFile?[] _files = new ISegmentFile?[4];

    public long IndexMemoryBytes
    {
        get
        {
            lock (_gate)
                return _index.MemoryBytes;
        }
    }

    public void AddSegment(int number, ISegmentFile file)
    {
        lock (_gate)
        {
            var files = _files;
            if (number >= files.Length)
                Array.Resize(ref files, Math.Max(number + 1, files.Length * 2));
            files[number] = file;
            _files = files;
        }
    }

    /// <summary>Files one record's extents; <paramref name="dataOffset"/> is where the first data lie.</summary>
    public void Put(int segment, ReadOnlySpan<RecordExtent> extents, long dataOffset)
    {
        lock (_gate)
            foreach (var extent in extents)
            {
                _index.Set(
                    extent.Block,
                    extent.Blocks,
                    extent.IsZeroes ? BlockLocation.Zeroes : BlockLocation.In(segment, dataOffset)
                );
                dataOffset += extent.DataBytes;
            }
    }

    public DiskStatus Read(long offset, Span<byte> destination)
    {
        Span<BlockRun> runs = stackalloc BlockRun[RunsAtOnce];
        while (!destination.IsEmpty)
        {
            foreach (var run in runs[..Find(offset, destination.Length, runs)])
            {
                var bytes = (int)(run.Blocks * RecordExtent.BlockBytes);
                var status = ReadRun(run.Location, offset, destination[..bytes]);
                if (status != DiskStatus.Ok)
                    return status;
                offset += bytes;
                destination = destination[bytes..];
            }
        }
        return DiskStatus.Ok;
    }

    public void Dispose()
    {
        foreach (var file in _files)
            file?.Dispose();
    }

    // Segments do not change where they were written, so what the index said stays true once the lock is given back.
    private int Find(long offset, int lengthBytes, Span<BlockRun> runs)
    {
        long block = offset / RecordExtent.BlockBytes;
        long blocks = lengthBytes / RecordExtent.BlockBytes;
        var count = 0;
        lock (_gate)
            while (blocks > 0 && count < runs.Length)
            {
                var run = _index.Find(block, blocks);
                runs[count++] = run;
                block += run.Blocks;
                blocks -= run.Blocks;
            }
        return count;
    }

    private DiskStatus ReadRun(BlockLocation location, long offset, Span<byte> destination)
    {
        switch (location.Source)
        {
            case BlockSource.Below:
                return below.Read(offset, destination);
            case BlockSource.Zeroes:
                destination.Clear();
                return DiskStatus.Ok;
            default:
                try
                {
                    return _files[location.Segment]!.Read(destination, location.Offset) == destination.Length
                        ? DiskStatus.Ok
                        : DiskStatus.IoError;
                }
                catch (Exception error) when (error is IOException or ObjectDisposedException)
                {
                    return DiskStatus.IoError;
                }
        }
    }
}
