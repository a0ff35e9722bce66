namespace Hatchery.Disks;

/// <summary>
/// A write cache as a member of its session holds it: the same segments, byte for byte, written as another server says. Everything blocks; one
/// call at a time, but for <see cref="BeginSync"/>. What fails is an outcome, never an exception.
/// </summary>
public sealed partial class CacheCopy : IDisposable
{
    private readonly IFileSystem _files;
    private readonly FilePool _pool;
    private readonly string _folder;
    private readonly LayerId _layer;
    private readonly CopyPlace _place;
    private PooledFile? _file;
    private CachePosition _end;
    private bool _isBroken;
    private volatile bool _isLost;

    internal CacheCopy(
        IFileSystem files,
        FilePool pool,
        string folder,
        LayerId layer,
        CopyPlace? place = null,
        bool isLost = false
    )
    {
        (_files, _pool, _folder, _layer, _place) = (files, pool, folder, layer, place ?? new());
        IsLost = isLost;
    }

    public LayerId Layer => _layer;

    /// <summary>A sync failed: nothing of the copy may be used any more.</summary>
    public bool IsLost
    {
        get => _isLost;
        private set => _isLost = value;
    }

    /// <summary>The store that it lies in is lost: nothing can be said of the copy before that is back.</summary>
    public bool IsOutOfReach => _place.Health?.Loss is not null;

    /// <summary>The promise that lies on the disk; null when it cannot be read.</summary>
    public Epoch? Promised
    {
        get
        {
            try
            {
                return EpochPromise.Read(_files, _folder);
            }
            catch (IOException)
            {
                return null;
            }
        }
    }

    /// <summary>Damage was found in it: whoever appends is told that it is lost. On any thread.</summary>
    internal void GiveUp() => IsLost = true;

    /// <summary>Makes a promise durable, and ends this server's own session of a lower epoch, if there is one.</summary>
    /// <returns>The copy as it is now that nothing of a lower epoch is under way; null when the promise could not be stored.</returns>
    public async ValueTask<CopyState?> PromiseAsync(Epoch epoch)
    {
        if (IsOutOfReach)
            return null;
        if (_place.OpenCache() is { } cache)
        {
            if (cache.Epoch >= epoch || await cache.FenceAsync(epoch) != DiskStatus.Ok)
                return null;
            IsLost |= cache.IsLost;
        }
        try
        {
            CreateFolder();
            if (EpochPromise.Read(_files, _folder) is not { } promised || epoch < promised)
                return null;
            if (epoch > promised)
                EpochPromise.Write(_files, _folder, epoch);
            if (_isBroken)
                _file?.Truncate(_end.Offset);
            _isBroken = false;
            return Measure();
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Parts that are appended at once.</summary>
    public const int PartsMax = HostFile.BuffersMax;

    public DiskOutcome Append(CachePosition at, ReadOnlyMemory<byte> bytes) => Append(at, [bytes]);

    /// <summary>Appends parts, one behind the other, where the copy ends. At offset 0 of a segment there is one, its header, which is durable when this returns.</summary>
    public DiskOutcome Append(CachePosition at, IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        if (IsLost || _isBroken)
            return IsLost ? DiskOutcome.Lost : DiskOutcome.NotWritten;
        var outcome =
            !HasRoom(parts.Sum(p => (long)p.Length)) ? DiskOutcome.NotWritten
            : at.Offset == 0 ? Begin(at.Segment, parts[0])
            : Continue(at, parts);
        _isBroken = outcome == DiskOutcome.NotWritten;
        return outcome;
    }

    /// <summary>
    /// What makes everything up to there durable. It may run on another thread while parts are appended to the same segment; before it has
    /// ended nothing else is called, another of its kind neither.
    /// </summary>
    public Func<DiskOutcome> BeginSync(CachePosition upTo)
    {
        if (IsLost)
            return () => DiskOutcome.Lost;
        if (_isBroken || upTo > _end)
            return () => DiskOutcome.NotWritten;
        // Without a file that is written all is sealed, and synced.
        return _file is { } file ? () => Sync(file) : () => DiskOutcome.Done;
    }

    /// <summary>Lets the copy end there, durably; from now on it is whole as long as the host runs. It takes no more but a new segment.</summary>
    public DiskOutcome Seal(CachePosition at)
    {
        if (IsLost)
            return DiskOutcome.Lost;
        if (EndFile() is var ended and not DiskOutcome.Done)
            return ended;
        try
        {
            // The highest first: what a loss of power leaves of this is a row without a hole.
            DeleteFrom(at.Segment + 1);
            if (at.Segment > 0 && Cut(at.Segment, at.Offset) is var cut and not DiskOutcome.Done)
                return cut;
            _files.SyncFolder(_folder);
            if (at.Segment > 0 && !IsRowWhole())
                return DiskOutcome.NotWritten;
            HostRunMark.Write(_files, _folder);
            _end = at;
            return DiskOutcome.Done;
        }
        catch (IOException)
        {
            return DiskOutcome.NotWritten;
        }
    }

    /// <summary>Reads a segment's bytes from an offset on; null when it is not here.</summary>
    public CopyRead? Read(int segment, long offset, Span<byte> destination)
    {
        try
        {
            var path = PathOf(segment);
            if (IsLost || segment < 1 || !_files.Exists(path))
                return null;
            using var file = _files.OpenRead(path);
            var length = segment == _end.Segment ? _end.Offset : file.Length;
            return offset < 0 || offset > length
                ? null
                : new(length, file.Read(destination[..(int)Math.Min(destination.Length, length - offset)], offset));
        }
        catch (IOException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        EndCopy();
        _file?.Dispose();
        _file = null;
        _place.Closed();
    }

    private CopyState Measure()
    {
        if (IsLost)
            return new(CopyCondition.Lost, default);
        // What this process writes itself it knows; everything else the disk says.
        if (_file is not null)
            return new(CopyCondition.Whole, _end);
        using var load = new LayerLoad(_files, _pool, _folder);
        var state = load.Open() switch
        {
            null => load.Measure(),
            { Kind: StoreFaultKind.Missing } => new(CopyCondition.Missing, default),
            _ => new(CopyCondition.Lost, default),
        };
        _end = state.End;
        return state;
    }

    private DiskOutcome Continue(CachePosition at, IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        if (_file is not { } file || at != _end)
            return DiskOutcome.NotWritten;
        try
        {
            file.Write(parts, at.Offset);
        }
        catch (IOException error)
        {
            Suspect(error);
            CutBack(file, at.Offset);
            return DiskOutcome.NotWritten;
        }
        var bytes = parts.Sum(p => (long)p.Length);
        _end = at.Plus(bytes);
        _place.Grew(bytes);
        return DiskOutcome.Done;
    }

    private DiskOutcome Begin(int number, ReadOnlyMemory<byte> bytes)
    {
        if (
            SegmentHeader.TryRead(bytes.Span, out var header, out _) != SegmentHeaderState.Whole
            || header!.Number != (ulong)number
            || header.Layer != _layer
            // The copies would not be the same.
            || (_file is not null && (number != _end.Segment + 1 || header.PreviousLength != _end.Offset))
            || _place.OpenCache() is { State: DiskStatus.Ok }
        )
            return DiskOutcome.NotWritten;
        if (EndFile() is var ended and not DiskOutcome.Done)
            return ended;
        try
        {
            DeleteFrom(number);
            _file = Create(PathOf(number), bytes);
        }
        catch (IOException error)
        {
            Suspect(error);
            return DiskOutcome.NotWritten;
        }
        _end = new(number, bytes.Length);
        _place.Grew(bytes.Length);
        DeleteGone(header.Gaps);
        return DiskOutcome.Done;
    }

    /// <summary>On failure nothing of it is left.</summary>
    private PooledFile Create(string path, ReadOnlyMemory<byte> bytes)
    {
        var file = _pool.Create(_files, path);
        try
        {
            file.Write([bytes], 0);
            file.Sync();
            _files.SyncFolder(_folder);
            return file;
        }
        catch (IOException)
        {
            file.Dispose();
            _files.Delete(path);
            throw;
        }
    }

    /// <summary>Nothing more is written to the newest segment.</summary>
    private DiskOutcome EndFile()
    {
        if (_file is not { } file)
            return DiskOutcome.Done;
        var outcome = Sync(file);
        file.Dispose();
        _file = null;
        return outcome;
    }

    private DiskOutcome Sync(ISegmentFile file)
    {
        try
        {
            file.Sync();
            return DiskOutcome.Done;
        }
        catch (IOException)
        {
            IsLost = true;
            LostMark.Make(_files, _folder, LostMark.SyncFailed);
            _place.Lost(LostMark.SyncFailed);
            _place.Health?.Suspect();
            return DiskOutcome.Lost;
        }
    }

    private void Suspect(IOException error)
    {
        if (!error.IsNoSpace())
            _place.Health?.Suspect();
    }

    private DiskOutcome Cut(int segment, long length)
    {
        var path = PathOf(segment);
        if (!_files.Exists(path))
            return DiskOutcome.NotWritten;
        using var file = _files.OpenWrite(path);
        var before = file.Length;
        if (before < length || length < SegmentHeader.SizeBytes)
            return DiskOutcome.NotWritten;
        if (before > length)
        {
            file.Truncate(length);
            _place.Grew(length - before);
        }
        return Sync(file);
    }

    private static void CutBack(PooledFile file, long length)
    {
        try
        {
            file.Truncate(length);
        }
        catch (IOException)
        {
            // It is tried again before anything more is taken.
        }
    }

    private bool HasRoom(long bytes) => _place.Space is not { } space || space.TryTake(bytes, StorePurpose.Write);

    /// <summary>What was cut off may have named segments as gone that are needed again.</summary>
    private bool IsRowWhole()
    {
        using var load = new LayerLoad(_files, _pool, _folder);
        return load.Open() is null;
    }

    private void DeleteFrom(int number)
    {
        foreach (var segment in Segments().Where(n => n >= number).OrderDescending())
            Delete(segment);
    }

    private void DeleteGone(IReadOnlyList<SegmentGap> gaps)
    {
        try
        {
            foreach (var segment in Segments().Where(n => gaps.Any(g => g.Contains(n))))
                Delete(segment);
        }
        catch (IOException)
        {
            // The newest header says that they are gone, whoever opens it.
        }
    }

    private void Delete(int segment)
    {
        var path = PathOf(segment);
        using (var file = _files.OpenRead(path))
            _place.Grew(-file.Length);
        _files.Delete(path);
    }

    private List<int> Segments() => [.. _files.List(_folder).Select(SegmentName.NumberOf).OfType<int>()];

    private void CreateFolder()
    {
        _files.CreateFolder(_folder);
        _files.SyncFolder(Path.GetDirectoryName(_folder)!);
    }

    private string PathOf(int segment) => Path.Combine(_folder, SegmentName.Of(segment));
}
