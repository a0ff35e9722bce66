namespace Hatchery.Disks;

/// <summary>What was appended to a segment's file, where, and how much it is; the parts are valid during the call only.</summary>
internal delegate void SegmentTap(CachePosition at, long bytes, IReadOnlyList<ReadOnlyMemory<byte>> parts);

/// <summary>Appends records to one new segment. Not thread-safe; a failed append leaves the segment as it was or throws again.</summary>
internal sealed class SegmentWriter
{
    private const int PageBytes = 4096;

    // From here on up to a page of padding is little, and page-aligned data are read, sent and written back page by page.
    private const int AlignedFromBytes = 32 << 10;

    private static readonly byte[] s_zeroes = new byte[PageBytes];

    private readonly SegmentHeader _header;
    private readonly SegmentTap? _tap;
    private readonly byte[] _sector = GC.AllocateArray<byte>(RecordHeader.HeaderBytes, pinned: true);
    private readonly List<ReadOnlyMemory<byte>> _buffers = new(RecordHeader.ExtentsMax + 2);
    private uint[] _crcs = new uint[64];

    private SegmentWriter(ISegmentFile file, SegmentHeader header, uint headerCrc, SegmentTap? tap) =>
        (File, _header, Chain, _tap) = (file, header, headerCrc, tap);

    public ISegmentFile File { get; }

    public int Number => (int)_header.Number;

    public long Length { get; private set; } = SegmentHeader.SizeBytes;

    public uint Chain { get; private set; }

    /// <summary>Every byte below is known to be synced; later records carry it.</summary>
    public long Durable { get; private set; } = SegmentHeader.SizeBytes;

    /// <summary>The durable length that the newest record carries.</summary>
    public long Marked { get; private set; } = SegmentHeader.SizeBytes;

    /// <summary>It was sealed, and had room for its index.</summary>
    public bool HasIndex { get; private set; }

    /// <summary>Creates the file and makes its header durable; on failure nothing of it is left.</summary>
    /// <param name="tap">Told of every byte that the file gets, once it stands: nothing of it is ever taken back.</param>
    public static SegmentWriter Create(
        IFileSystem files,
        FilePool pool,
        string path,
        SegmentHeader header,
        SegmentTap? tap
    )
    {
        var page = new byte[SegmentHeader.SizeBytes];
        var crc = header.Write(page);
        var file = pool.Create(files, path);
        try
        {
            file.Write([page], 0);
            file.Sync();
            files.SyncFolder(Path.GetDirectoryName(path)!);
        }
        catch (IOException)
        {
            file.Dispose();
            files.Delete(path);
            throw;
        }
        tap?.Invoke(new((int)header.Number, 0), page.Length, [page]);
        return new(file, header, crc, tap);
    }

    /// <summary>Begins a segment in a part of a file that somebody else makes durable.</summary>
    public static SegmentWriter Begin(ISegmentFile file, SegmentHeader header)
    {
        var page = new byte[SegmentHeader.SizeBytes];
        var crc = header.Write(page);
        file.Write([page], 0);
        return new(file, header, crc, tap: null);
    }

    /// <summary>Appends one record of at most 28 parts; the answer is where its data start.</summary>
    public long Append(ReadOnlySpan<RecordPart> parts)
    {
        var (dataBytes, pieces) = (0L, 0);
        for (var i = 0; i < parts.Length; i++)
        {
            dataBytes += parts[i].Extent.DataBytes;
            pieces += parts[i].Extent.Pieces;
            RecordHeader.WriteExtent(_sector, i, parts[i].Extent);
        }
        if (_crcs.Length < pieces)
            _crcs = new uint[pieces];
        var padding = dataBytes >= AlignedFromBytes ? (int)(-(Length + RecordHeader.HeaderBytes) & (PageBytes - 1)) : 0;
        if (padding > 0)
            _buffers.Add(s_zeroes.AsMemory(0, padding));
        foreach (var part in parts)
            if (!part.Data.IsEmpty)
                _buffers.Add(part.Data);
        var start = Length;
        Append(
            RecordKind.Write,
            PayloadCrc(parts, padding),
            RecordHeader.HeaderBytes + padding + dataBytes,
            padding,
            parts.Length,
            0
        );
        return start + RecordHeader.HeaderBytes + padding;
    }

    /// <summary>Of each piece of the record that was appended last, in order.</summary>
    public ReadOnlySpan<uint> Crcs => _crcs;

    /// <summary>Appends a durable mark, unless it would say nothing new.</summary>
    public void AppendMark(bool fillsPage)
    {
        var gap = (int)(-Length & (PageBytes - 1));
        if (Durable == Marked && (!fillsPage || gap == 0))
            return;
        var padding = fillsPage ? (gap == 0 ? PageBytes : gap) - RecordHeader.HeaderBytes : 0;
        if (padding > 0)
            _buffers.Add(s_zeroes.AsMemory(0, padding));
        Append(
            RecordKind.Mark,
            Crc32C.Append(0, s_zeroes.AsSpan(0, padding)),
            RecordHeader.HeaderBytes + padding,
            padding,
            0,
            0
        );
    }

    public void Synced(long length) => Durable = Math.Max(Durable, length);

    /// <summary>Syncs, and closes the segment with its index where there is room for one.</summary>
    /// <param name="live">What of this segment is not hidden by what came later.</param>
    public void Seal(IReadOnlyList<LivePiece> live)
    {
        File.Sync();
        Synced(Length);
        var (length, chain, marked) = (Length, Chain, Marked);
        try
        {
            var (entries, bytes) = Index(live);
            _buffers.Add(bytes);
            Append(RecordKind.Index, Crc32C.Append(0, bytes), RecordHeader.HeaderBytes + bytes.Length, 0, 0, entries);
            var index = _sector.ToArray();
            Append(RecordKind.End, 0, RecordHeader.HeaderBytes, 0, 0, length);
            File.Sync();
            HasIndex = true;
            _tap?.Invoke(new(Number, length), Length - length, [index, bytes, _sector]);
        }
        catch (IOException error) when (error.IsNoSpace())
        {
            // A segment without an index is read record by record; that is all it costs.
            File.Truncate(length);
            (Length, Chain, Marked) = (length, chain, marked);
            File.Sync();
        }
    }

    private static (int Entries, byte[] Bytes) Index(IReadOnlyList<LivePiece> live)
    {
        var entries = 0L;
        foreach (var piece in live)
            entries += piece.IsZeroes ? ((piece.Blocks - 1) / IndexEntry.ZeroBlocksMax) + 1 : 1;
        var length = entries * IndexEntry.SizeBytes;
        // What does not fit a record is no index; then the segment is read record by record.
        if (length > RecordHeader.SizeMaxBytes - RecordHeader.HeaderBytes)
            throw FileErrors.NoSpace("the index of a segment");
        var bytes = new byte[length + (-length & (RecordHeader.HeaderBytes - 1))];
        var at = bytes.AsSpan();
        foreach (var piece in live)
            for (long done = 0; done < piece.Blocks; at = at[IndexEntry.SizeBytes..])
            {
                var blocks = Math.Min(piece.Blocks - done, IndexEntry.ZeroBlocksMax);
                new IndexEntry(
                    piece.Block + done,
                    blocks,
                    piece.Crc,
                    piece.IsZeroes ? 0 : piece.Location.Offset,
                    piece.LiveMask
                ).Write(at);
                done += blocks;
            }
        return ((int)entries, bytes);
    }

    /// <summary>Of padding and data, put together from those of the pieces.</summary>
    private uint PayloadCrc(ReadOnlySpan<RecordPart> parts, int padding)
    {
        var crc = Crc32C.Append(0, s_zeroes.AsSpan(0, padding));
        var piece = 0;
        foreach (var (extent, data) in parts)
        {
            var block = extent.Block;
            var left = data.Span;
            while (!left.IsEmpty)
            {
                var blocks = extent.PieceBlocks(block);
                var bytes = blocks * RecordExtent.BlockBytes;
                _crcs[piece] = Crc32C.Append(0, left[..bytes]);
                crc = Crc32C.Combine(crc, _crcs[piece++], bytes);
                block += blocks;
                left = left[bytes..];
            }
        }
        return crc;
    }

    private void Append(RecordKind kind, uint payloadCrc, long sizeBytes, int padding, int extents, long detail)
    {
        try
        {
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
            // The two of a closing may be taken back, so they go together when both stand.
            if (kind is RecordKind.Write or RecordKind.Mark)
                _tap?.Invoke(new(Number, Length), sizeBytes, _buffers);
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
}
