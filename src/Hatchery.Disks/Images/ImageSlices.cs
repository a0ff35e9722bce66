namespace Hatchery.Disks;

/// <summary>The parts of a disk in which it is copied: after each of them, a copy that was interrupted can be taken up again.</summary>
/// <param name="clusterBytes">What the copy keeps at least of a range of data.</param>
internal sealed class ImageSlices(long diskBytes, long clusterBytes = 1)
{
    private const int ChunksPerSlice = 64;
    private const long SliceBytes = ChunksPerSlice * (long)ImageChunks.ChunkBytes;

    private readonly long[] _dataBytes = new long[(diskBytes + SliceBytes - 1) / SliceBytes];
    private long _countedTo;
    private long _limitBytes = long.MaxValue;

    public long DiskBytes => diskBytes;

    public int Count => _dataBytes.Length;

    public bool HasData(int slice) => _dataBytes[slice] > 0;

    public static long StartOf(int slice) => slice * SliceBytes;

    public long LengthOf(int slice) => Math.Min(SliceBytes, diskBytes - StartOf(slice));

    /// <summary>How many chunks lie before a slice; with the number of slices, how many there are.</summary>
    public long ChunksBefore(int slice) => Math.Min(slice * (long)ChunksPerSlice, ImageChunks.CountOf(diskBytes));

    /// <summary>How many slices that many chunks fill.</summary>
    public int SlicesIn(long chunks) =>
        chunks >= ImageChunks.CountOf(diskBytes) ? Count : (int)(chunks / ChunksPerSlice);

    /// <summary>Room that the data of a slice and of those after it takes.</summary>
    public long DataBytesFrom(int slice) => Math.Min(_dataBytes.Skip(slice).Sum(), _limitBytes);

    /// <summary>For maps that tell nothing of holes: there is no more data than that.</summary>
    public void LimitTo(long dataBytes) => _limitBytes = dataBytes;

    /// <summary>Takes the ranges of a map, in order.</summary>
    public void Add(MapRange range)
    {
        if (!range.IsData || range.StartBytes < 0 || range.LengthBytes <= 0)
            return;
        var at = Math.Max(range.StartBytes / clusterBytes * clusterBytes, _countedTo);
        // No sum of the two, which may be beyond any number.
        var end = Math.Min(diskBytes, range.StartBytes + Math.Min(range.LengthBytes, diskBytes));
        end = Math.Min(diskBytes, (end + clusterBytes - 1) / clusterBytes * clusterBytes);
        _countedTo = Math.Max(_countedTo, end);
        while (at < end)
        {
            var slice = (int)(at / SliceBytes);
            var part = Math.Min(end, StartOf(slice + 1)) - at;
            _dataBytes[slice] += part;
            at += part;
        }
    }

    /// <summary>How much of the work is done, 0 to 1: the slices before this one, and a part of it. One without data is hardly work.</summary>
    public double Share(int slice, double part = 0)
    {
        const double Empty = 0.001;
        var (done, all) = (0d, 0d);
        for (var i = 0; i < Count; i++)
        {
            var weight = HasData(i) ? 1 : Empty;
            all += weight;
            done +=
                weight
                * (
                    i < slice ? 1
                    : i == slice ? part
                    : 0
                );
        }
        return all == 0 ? 1 : done / all;
    }
}
