using System.Runtime.InteropServices;

namespace Hatchery.Disks;

/// <summary>Appends records to one new segment. Not thread-safe; a failed append leaves the segment as it was or throws again.</summary>
internal sealed class SegmentWriter
{
    private const int PageBytes = 4096;

    // From here on up to a page of padding is little, and page-aligned data are read, sent and written back page by page.
    private const int AlignedFromBytes = 32 << 10;

    private static readonly byte[] s_zeroes = new byte[PageBytes];

    private readonly SegmentHeader _header;
    private readonly BlockIndex _index;
    private readonly byte[] _sector = GC.AllocateArray<byte>(RecordHeader.HeaderBytes, pinned: true);
    private readonly List<ReadOnlyMemory<byte>> _buffers = new(RecordHeader.ExtentsMax + 2);
    private readonly RecordExtent[] _extents = new RecordExtent[RecordHeader.ExtentsMax];

    private SegmentWriter(ISegmentFile file, SegmentHeader header, uint headerCrc)
    {
        (File, _header, Chain) = (file, header, headerCrc);
        _index = new(header.DiskLengthBytes / RecordExtent.BlockBytes);
    }

    public ISegmentFile File { get; }

    public int Number => (int)_header.Number;

    public long Length { get; private set; } = SegmentHeader.SizeBytes;

    public uint Chain { get; private set; }

    /// <summary>Every byte below is known to be synced; later records carry it.</summary>
    public long Durable { get; private set; } = SegmentHeader.SizeBytes;

    /// <summary>The durable length that the newest record carries.</summary>
    public long Marked { get; private set; } = SegmentHeader.SizeBytes;

    /// <summary>Creates the file and makes its header durable; on failure nothing of it is left.</summary>
    public static SegmentWriter Create(IFileSystem files, string path, SegmentHeader header)
    {
        var page = new byte[SegmentHeader.SizeBytes];
        var crc = header.Write(page);
        var file = files.Create(path);
        try
        {
            file.Write([page], 0);
            file.Sync();
            files.SyncFolder(Path.GetDirectoryName(path)!);
            return new(file, header, crc);
        }
        catch (IOException)
        {
            file.Dispose();
            files.Delete(path);
            throw;
        }
    }

    /// <summary>Appends one record of at most 28 requests; the answer is where its data start.</summary>
    public long Append(ReadOnlySpan<CacheRequest> requests)
    {
        long dataBytes = 0;
        for (var i = 0; i < requests.Length; i++)
        {
            _extents[i] = requests[i].Extent;
            dataBytes += _extents[i].DataBytes;
            RecordHeader.WriteExtent(_sector, i, _extents[i]);
        }
        var padding = dataBytes >= AlignedFromBytes ? (int)(-(Length + RecordHeader.HeaderBytes) & (PageBytes - 1)) : 0;
        if (padding > 0)
            _buffers.Add(s_zeroes.AsMemory(0, padding));
        foreach (var request in requests)
            if (!request.Data.IsEmpty)
                _buffers.Add(request.Data);
        var start = Length;
        Append(RecordKind.Write, RecordHeader.HeaderBytes + padding + dataBytes, padding, requests.Length, 0);
        var dataOffset = start + RecordHeader.HeaderBytes + padding;
        var at = dataOffset;
        foreach (var extent in _extents.AsSpan(0, requests.Length))
        {
            _index.Set(
                extent.Block,
                extent.Blocks,
                extent.IsZeroes ? BlockLocation.Zeroes : BlockLocation.In(Number, at)
            );
            at += extent.DataBytes;
        }
        return dataOffset;
    }

    public ReadOnlySpan<RecordExtent> Extents(int count) => _extents.AsSpan(0, count);

    /// <summary>Appends a durable mark, unless it would say nothing new.</summary>
    public void AppendMark(bool fillsPage)
    {
        var gap = (int)(-Length & (PageBytes - 1));
        if (Durable == Marked && (!fillsPage || gap == 0))
            return;
        var padding = fillsPage ? (gap == 0 ? PageBytes : gap) - RecordHeader.HeaderBytes : 0;
        if (padding > 0)
            _buffers.Add(s_zeroes.AsMemory(0, padding));
        Append(RecordKind.Mark, RecordHeader.HeaderBytes + padding, padding, 0, 0);
    }

    public void Synced(long length) => Durable = Math.Max(Durable, length);

    /// <summary>Syncs, and closes the segment with its index where there is room for one.</summary>
    public void Seal()
    {
        File.Sync();
        Synced(Length);
        var (length, chain, marked) = (Length, Chain, Marked);
        try
        {
            var entries = Entries();
            var bytes = new byte[
                (entries.Count * IndexEntry.SizeBytes)
                    + (-(entries.Count * IndexEntry.SizeBytes) & (RecordHeader.HeaderBytes - 1))
            ];
            for (var i = 0; i < entries.Count; i++)
                entries[i].Write(bytes.AsSpan(i * IndexEntry.SizeBytes));
            _buffers.Add(bytes);
            Append(RecordKind.Index, RecordHeader.HeaderBytes + bytes.Length, 0, 0, entries.Count);
            Append(RecordKind.End, RecordHeader.HeaderBytes, 0, 0, length);
            File.Sync();
        }
        catch (IOException error) when (error.IsNoSpace())
        {
            // A segment without an index is read record by record; that is all it costs.
            File.Truncate(length);
            (Length, Chain, Marked) = (length, chain, marked);
            File.Sync();
        }
    }

    private void Append(RecordKind kind, long sizeBytes, int padding, int extents, long detail)
    {
        try
        {
            uint payloadCrc = 0;
            foreach (var buffer in CollectionsMarshal.AsSpan(_buffers))
                payloadCrc = Crc32C.Append(payloadCrc, buffer.Span);
            var dataStart = RecordHeader.HeaderBytes + padding;
            var record = new RecordHeader(
                kind,
                Chain,
                payloadCrc,
                Length,
                _header.Epoch,
                Durable,
                sizeBytes,
                dataStart,
                extents,
                detail
            );
            var crc = record.Write(_sector, _header.Salt);
            _buffers.Insert(0, _sector);
            File.Write(_buffers, Length);
            (Length, Chain, Marked) = (Length + sizeBytes, crc, Durable);
        }
        catch (IOException error) when (error.IsNoSpace())
        {
            File.Truncate(Length);
            throw;
        }
        finally
        {
            _buffers.Clear();
        }
    }

    private List<IndexEntry> Entries()
    {
        var entries = new List<IndexEntry>();
        for (long block = 0; block < _index.DiskBlocks; )
        {
            var run = _index.Find(block, _index.DiskBlocks - block);
            if (run.Location.Source != BlockSource.Below)
                entries.Add(
                    new(block, run.Blocks, run.Location.Source == BlockSource.Zeroes ? 0 : run.Location.Offset)
                );
            block += run.Blocks;
        }
        return entries;
    }
}
