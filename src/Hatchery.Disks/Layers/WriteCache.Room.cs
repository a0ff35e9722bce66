namespace Hatchery.Disks;

/// <summary>What a cache may take: by its own limit, by the room in its store, by the memory for indexes.</summary>
public sealed partial class WriteCache
{
    // A cache that was full is so no more when this part of its limit is free again: not for every discarded block.
    private const int RoomAgainShare = 32;
    private const long SegmentSizeMinBytes = 4 << 20;

    private long _indexCounted;
    private int _level;
    private bool _isFullByLimit;
    private long _limitBytes;

    /// <summary>Data of the device's own: what it wrote, was not overwritten and not discarded.</summary>
    public long LiveBytes => _layer.LiveBytes;

    /// <summary>How near the cache is to what it may take.</summary>
    public CacheLevel Level => (CacheLevel)Volatile.Read(ref _level);

    public CacheUsage Usage => new(LiveBytes, SizeBytes, LimitBytes, IndexMemoryBytes, Level, Fault);

    /// <summary>What <see cref="WriteCacheOptions.LimitBytes"/> says, until told otherwise; a change counts from the next write on. 0: no limit.</summary>
    public long LimitBytes
    {
        get => Volatile.Read(ref _limitBytes);
        set
        {
            // One that is full for want of room in its store, or of memory, is so whatever its own limit is.
            if (Interlocked.Exchange(ref _limitBytes, value) != value && (Level != CacheLevel.Full || _isFullByLimit))
                SetLevel(LevelNow());
        }
    }

    /// <summary>Small beside the cache's limit: compaction works on whole segments.</summary>
    internal long SegmentSizeBytes =>
        LimitBytes is > 0 and var limit
            ? Math.Min(_options.SegmentSizeBytes, Math.Max(limit / 8, SegmentSizeMinBytes))
            : _options.SegmentSizeBytes;

    private DiskStatus RoomFor(ReadOnlySpan<RecordPart> parts)
    {
        // With the padding that a record may have.
        var (bytes, data) = (RecordHeader.HeaderBytes + 4096L, 0L);
        foreach (var part in parts)
            data += part.Extent.DataBytes;
        var purpose = data > 0 ? StorePurpose.Write : StorePurpose.Discard;
        var isWithinLimit = data == 0 || IsWithinLimit(parts, data);
        var mayGrow = isWithinLimit && (data == 0 || HasIndexMemory);
        if (mayGrow && (_options.Space is not { } space || space.TryTake(bytes + data, purpose)))
        {
            if (_level != (int)CacheLevel.Ok || LimitBytes > 0)
                SetLevel(LevelNow());
            return DiskStatus.Ok;
        }
        _isFullByLimit = !isWithinLimit;
        SetLevel(CacheLevel.Full);
        return mayGrow ? StoreIsFull() : DiskStatus.NoSpace;
    }

    /// <summary>Writes are refused until there is room; where another server has all of the cache, this one ends, and the device goes on there.</summary>
    private DiskStatus StoreIsFull()
    {
        if (_mirror is not { IsElsewhere: true })
            return DiskStatus.NoSpace;
        End(DiskStatus.IoError);
        Report(new(StoreFaultKind.NoSpace, _folder, "no space left"));
        return DiskStatus.IoError;
    }

    private bool HasIndexMemory =>
        _layer.IndexMemoryBytes < _options.IndexMemoryMaxBytes && _options.Indexes is not { IsFull: true };

    private bool IsWithinLimit(ReadOnlySpan<RecordPart> parts, long dataBytes)
    {
        var limit = LimitBytes;
        if (limit == 0 || LiveBytes + dataBytes <= limit)
            return true;
        // What is there already may be overwritten.
        Span<BlockPiece> now = stackalloc BlockPiece[RecordHeader.ExtentsMax];
        foreach (var (extent, _) in parts)
            for (var block = extent.Block; !extent.IsZeroes && block < extent.EndBlock; )
                foreach (var piece in now[.._layer.Find(block, extent.EndBlock - block, now)])
                {
                    block += piece.Take;
                    if (piece.Source == BlockSource.Segment)
                        dataBytes -= piece.Take * RecordExtent.BlockBytes;
                }
        return dataBytes == 0 || LiveBytes + dataBytes <= limit;
    }

    private CacheLevel LevelNow()
    {
        var limit = LimitBytes;
        var live = limit > 0 ? LiveBytes : 0;
        return _level == (int)CacheLevel.Full && live > limit - (limit / RoomAgainShare) ? CacheLevel.Full
            : limit > 0 && live >= limit / 100.0 * _options.WarnPercent ? CacheLevel.Warning
            : CacheLevel.Ok;
    }

    private void SetLevel(CacheLevel level)
    {
        if (Interlocked.Exchange(ref _level, (int)level) != (int)level)
            _options.OnLevel?.Invoke(level);
    }

    private void Grow(long bytes)
    {
        Interlocked.Add(ref _sizeBytes, bytes);
        _options.Space?.Grew(bytes);
    }

    private void CountIndex()
    {
        var now = _layer.IndexMemoryBytes;
        _options.Indexes?.Add(now - _indexCounted);
        _indexCounted = now;
    }
}
