using System.Runtime.InteropServices;

namespace Hatchery.Disks;

/// <summary>Writes what one index knows as a closed layer: in the order of the disk, without anything that nobody needs.</summary>
internal sealed class LayerWriter
{
    public const long SegmentBytes = 256L << 20;

    private const int SlotsAtOnce = 4096;
    private const int BatchBytes = 1 << 20;
    private const int PageBytes = BlockIndex.PageBlocks * RecordExtent.BlockBytes;

    // An index of more entries than this may not fit a record.
    private const int EntriesMax = 1 << 20;

    private readonly ISegmentFile _file;
    private readonly CacheIdentity _identity;
    private readonly Guid _hostRun;
    private readonly WriteCacheOptions _options;
    private readonly byte[] _batch = new byte[BatchBytes];
    private readonly List<RecordPart> _parts = [];
    private readonly List<LivePiece> _live = [];
    private SegmentWriter? _segment;
    private ClosedSegment _previous;
    private long _start;
    private int _used;

    private LayerWriter(ISegmentFile file, CacheIdentity identity, Guid hostRun, WriteCacheOptions options) =>
        (_file, _identity, _hostRun, _options) = (file, identity, hostRun, options);

    /// <summary>Writes and syncs the file; what it was made of is compared with its checksums on the way.</summary>
    /// <param name="source">Nobody changes it meanwhile.</param>
    /// <param name="identity">Its layer and parent are those of the file.</param>
    /// <param name="progress">Told how much is done, 0 to 1.</param>
    /// <param name="pace">Waited for when so many bytes were read; null: as fast as it goes, without a pause.</param>
    /// <returns>Damage in the source.</returns>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static async ValueTask<StoreFault?> WriteAsync(
        IFileSystem files,
        string path,
        Layer source,
        CacheIdentity identity,
        WriteCacheOptions options,
        Action<double>? progress = null,
        Func<int, CancellationToken, ValueTask>? pace = null,
        CancellationToken cancellation = default
    )
    {
        using var file = files.Create(path);
        var writer = new LayerWriter(file, identity, files.HostRun, options);
        var found = new List<LivePiece>();
        var pages = Math.Max(1, identity.DiskLengthBytes / PageBytes);
        var unpaid = 0;
        for (long page = 0; page >= 0; )
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Invoke(Math.Min(1, (double)page / pages));
            found.Clear();
            page = source.Collect(page, _ => true, found, SlotsAtOnce);
            foreach (var piece in found)
            {
                if (writer.Add(source, piece, path) is { } fault)
                    return fault;
                unpaid += piece.IsZeroes ? 0 : (int)piece.Blocks * RecordExtent.BlockBytes;
                if (pace is null || unpaid < BatchBytes)
                    continue;
                await pace(unpaid, cancellation);
                unpaid = 0;
            }
        }
        writer.Append();
        writer.Seal(writer._segment ?? writer.Begin());
        return null;
    }

    private StoreFault? Add(Layer source, LivePiece piece, string path)
    {
        if (piece.IsZeroes)
        {
            for (long done = 0; done < piece.Blocks; done += RecordExtent.BlocksMax)
                Add(
                    new(
                        new(piece.Block + done, Math.Min(piece.Blocks - done, RecordExtent.BlocksMax), IsZeroes: true),
                        default
                    )
                );
            return null;
        }
        Span<byte> data = stackalloc byte[PageBytes];
        data = data[..((int)piece.Blocks * RecordExtent.BlockBytes)];
        if (source.Read(piece, data, out var fault) != DiskStatus.Ok)
            return fault ?? new(StoreFaultKind.IoError, path, "what it is made of cannot be read");
        for (var first = 0; first < piece.Blocks; )
        {
            var end = first;
            while (end < piece.Blocks && (piece.LiveMask & (1 << end)) != 0)
                end++;
            if (end > first)
                Add(piece.Block + first, data[(first * RecordExtent.BlockBytes)..(end * RecordExtent.BlockBytes)]);
            first = end + 1;
        }
        return null;
    }

    private void Add(long block, ReadOnlySpan<byte> data)
    {
        if (_used + data.Length > BatchBytes)
            Append();
        data.CopyTo(_batch.AsSpan(_used));
        if (_parts is [.., { Extent.IsZeroes: false } last] && last.Extent.EndBlock == block)
        {
            var length = last.Data.Length + data.Length;
            _parts[^1] = RecordPart.Of(last.Extent.Block, _batch.AsMemory(_used - last.Data.Length, length));
        }
        else
            Add(RecordPart.Of(block, _batch.AsMemory(_used, data.Length)));
        _used += data.Length;
    }

    private void Add(RecordPart part)
    {
        if (_parts.Count == RecordHeader.ExtentsMax)
        {
            // What this part holds lies behind what goes now.
            var kept = part.Data.ToArray();
            Append();
            kept.CopyTo(_batch.AsSpan());
            part = part with { Data = _batch.AsMemory(0, kept.Length) };
        }
        _parts.Add(part);
    }

    private void Append()
    {
        if (_parts.Count == 0)
            return;
        var segment = _segment ?? Begin();
        var at = segment.Append(CollectionsMarshal.AsSpan(_parts));
        var crc = 0;
        foreach (var (extent, _) in _parts)
        {
            if (extent.IsZeroes)
                _live.Add(new(extent.Block, extent.Blocks, BlockLocation.ZeroesBy(segment.Number)));
            for (var block = extent.Block; !extent.IsZeroes && block < extent.EndBlock; )
            {
                var blocks = extent.PieceBlocks(block);
                var location = BlockLocation.In(segment.Number, at);
                _live.Add(new(block, blocks, location, segment.Crcs[crc++], LiveMask: 0xff));
                block += blocks;
                at += blocks * RecordExtent.BlockBytes;
            }
        }
        _parts.Clear();
        _used = 0;
        if (segment.Length >= _options.SegmentSizeBytes || _live.Count >= EntriesMax)
            Seal(segment);
    }

    private SegmentWriter Begin() =>
        _segment = SegmentWriter.Begin(
            new SegmentSlice(_file, _start),
            new(
                0,
                SegmentHeader.CheckedPieces,
                _identity.Farm,
                _identity.Device,
                _identity.Boot,
                default,
                _identity.Layer,
                _identity.Parent,
                (ulong)_previous.Number + 1,
                _identity.DiskLengthBytes,
                _hostRun,
                _previous.Length,
                _previous.Chain,
                _options.Salt()
            )
        );

    private void Seal(SegmentWriter segment)
    {
        segment.Seal(_live);
        if (!segment.HasIndex)
            throw FileErrors.NoSpace("the index of a layer");
        _live.Clear();
        _previous = new(segment.Number, segment.Length, segment.Chain);
        _start += segment.Length;
        _segment = null;
    }
}
