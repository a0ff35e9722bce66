namespace Hatchery.Disks;

/// <summary>What a cache may take: by its own limit, by the room in its store, by the memory for indexes.</summary>
public sealed partial class WriteCache
{
    // A cache that was full is so no more when this part of its limit is free again: not for every discarded block.
    private const int RoomAgainShare = 32;

    private long _indexCounted;
    private int _level;

    /// <summary>Data of the device's own: what it wrote, was not overwritten and not discarded.</summary>
    public long LiveBytes => _layer.LiveBytes;

    /// <summary>How near the cache is to what it may take.</summary>
    public CacheLevel Level => (CacheLevel)Volatile.Read(ref _level);

    public CacheUsage Usage => new(LiveBytes, SizeBytes, _options.LimitBytes, IndexMemoryBytes, Level, Fault);

    private bool HasRoomFor(ReadOnlySpan<RecordPart> parts)
    {
        // With the padding that a record may have.
        var (bytes, data) = (RecordHeader.HeaderBytes + 4096L, 0L);
        foreach (var part in parts)
            data += part.Extent.DataBytes;
        var purpose = data > 0 ? StorePurpose.Write : StorePurpose.Discard;
        var hasRoom =
            (data == 0 || (HasIndexMemory && IsWithinLimit(parts, data)))
            && (_options.Space is not { } space || space.TryTake(bytes + data, purpose));
        if (!hasRoom)
            SetLevel(CacheLevel.Full);
        else if (_level != (int)CacheLevel.Ok || _options.LimitBytes > 0)
            SetLevel(LevelNow());
        return hasRoom;
    }

    private bool HasIndexMemory =>
        _layer.IndexMemoryBytes < _options.IndexMemoryMaxBytes && _options.Indexes is not { IsFull: true };

    private bool IsWithinLimit(ReadOnlySpan<RecordPart> parts, long dataBytes)
    {
        if (_options.LimitBytes == 0 || LiveBytes + dataBytes <= _options.LimitBytes)
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
        return dataBytes == 0 || LiveBytes + dataBytes <= _options.LimitBytes;
    }

    private CacheLevel LevelNow()
    {
        var limit = _options.LimitBytes;
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
