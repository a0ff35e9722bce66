namespace Hatchery.Disks;

/// <summary>What one device has written on top of a shared vDisk: an append-only row of segments, open for one epoch. Thread-safe.</summary>
/// <remarks>
/// Writes are visible when the page cache has them, and acknowledged when that of every other copy has them, too; <see cref="FlushAsync"/> makes
/// them durable, here and there. A failed sync ends the cache: what the disk holds is then unknown, so every later call answers <see cref="DiskStatus.IoError"/>.
/// </remarks>
public sealed partial class WriteCache : IAsyncDisposable
{
    private readonly IFileSystem _files;
    private readonly string _folder;
    private readonly WriteCacheOptions _options;
    private readonly Layer _layer;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _slots;
    private readonly SemaphoreSlim _fence = new(1);
    private int _isDisposed;
    private volatile DiskStatus _state = DiskStatus.Ok;

    private WriteCache(
        IFileSystem files,
        string folder,
        CacheIdentity identity,
        Epoch epoch,
        WriteCacheOptions options,
        IBlockReader below
    )
    {
        (_files, _folder, _options, _limitBytes) = (files, folder, options, options.LimitBytes);
        _mirror = options.Mirror;
        (Identity, Epoch, Promised) = (identity, epoch, epoch);
        _layer = new(identity.DiskLengthBytes / RecordExtent.BlockBytes, below);
        _slots = new(options.QueueMax);
    }

    public CacheIdentity Identity { get; }

    public LayerId Layer => Identity.Layer;

    public long LengthBytes => Identity.DiskLengthBytes;

    internal Action? Closed { get; set; }

    /// <summary>It was closed in good order: its newest segment says so.</summary>
    internal bool IsSealed { get; private set; }

    /// <summary>A sync failed: this copy must never be opened again.</summary>
    internal bool IsLost { get; private set; }

    /// <summary>The epoch that this cache was opened with; every record carries it.</summary>
    public Epoch Epoch { get; }

    /// <summary>The lowest epoch that may write here.</summary>
    public Epoch Promised { get; private set; }

    /// <summary>What opening found, when it was there before.</summary>
    public CacheRecovery Recovery { get; private set; } = CacheRecovery.None;

    public long IndexMemoryBytes => _layer.IndexMemoryBytes;

    /// <summary>Bytes in all segments, headers and overwritten data included.</summary>
    public long SizeBytes => Volatile.Read(ref _sizeBytes);

    /// <summary>Ok while the cache takes requests; otherwise what every request is answered.</summary>
    public DiskStatus State => _state;

    /// <summary>Reads, and compares what was read with its checksums: where they differ the cache is over, and says why.</summary>
    public DiskStatus Read(long offset, Span<byte> destination)
    {
        var state = _state;
        if (state != DiskStatus.Ok)
            return state;
        state = _layer.Read(offset, destination, out var fault);
        if (fault is not null)
            Stop(fault);
        return state;
    }

    public ValueTask<DiskStatus> WriteAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        if (data.Length > RequestMaxBytes)
            return WriteInPiecesAsync(offset, data, cancellation);
        return data.IsEmpty ? new(State) : SubmitAsync(CacheRequest.Write(offset, data), cancellation);
    }

    public ValueTask<DiskStatus> ZeroAsync(long offset, long lengthBytes, CancellationToken cancellation)
    {
        if (lengthBytes > RecordExtent.BlocksMax * RecordExtent.BlockBytes)
            return ZeroInPiecesAsync(offset, lengthBytes, cancellation);
        return lengthBytes == 0 ? new(State) : SubmitAsync(CacheRequest.Zero(offset, lengthBytes), cancellation);
    }

    /// <summary>Promises, durably, to take nothing below an epoch. This cache, if it is of a lower one, is over: every later call answers <see cref="DiskStatus.Fenced"/>.</summary>
    public async ValueTask<DiskStatus> FenceAsync(Epoch epoch)
    {
        await _fence.WaitAsync();
        try
        {
            if (epoch <= Promised)
                return epoch < Promised ? DiskStatus.Fenced : DiskStatus.Ok;
            // Refuse first, let the writer finish what it has in hand, promise then: the promise says that the length is final.
            // Other copies are not waited for: what they do not have was never acknowledged.
            End(DiskStatus.Fenced);
            await SubmitAsync(CacheRequest.Close(), CancellationToken.None);
            EpochPromise.Write(_files, _folder, epoch);
            Promised = epoch;
            return DiskStatus.Ok;
        }
        catch (IOException error)
        {
            return error.Status();
        }
        finally
        {
            _fence.Release();
        }
    }

    /// <summary>Flushes, and closes the last segment with its index. Waits for the mirror, unless that has fenced the cache.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        await SubmitAsync(CacheRequest.Close(), CancellationToken.None);
        End(DiskStatus.IoError);
        await FlusherEndedAsync();
        _layer.Dispose();
        _options.Indexes?.Add(-_indexCounted);
        Closed?.Invoke();
    }

    /// <summary>What was found wrong with the cache, or with a layer below; it has ended the cache.</summary>
    public StoreFault? Fault { get; private set; }

    private void Lose(string reason)
    {
        lock (_gate)
        {
            if (IsLost)
                return;
            IsLost = true;
        }
        End(DiskStatus.IoError);
        LostMark.Make(_files, _folder, reason);
        Report(new(StoreFaultKind.Damaged, _folder, reason));
        _options.Health?.Suspect();
    }

    /// <summary>
    /// Damage was read: nothing of the layer is used any more. That of a layer below is none of this cache's own, and what the disk did not give back it may
    /// have all the same.
    /// </summary>
    private void Stop(StoreFault fault)
    {
        End(DiskStatus.IoError);
        Report(fault);
        if (fault.Kind == StoreFaultKind.Damaged && fault.Path.StartsWith(_folder, StringComparison.Ordinal))
            Lose(fault.ToString());
    }

    /// <summary>The disk of its store fails, or is gone: what was flushed may be there when that is back.</summary>
    internal void LoseStore(StoreFault loss)
    {
        End(DiskStatus.IoError);
        Report(loss);
    }

    /// <summary>Damage was found in this copy while nobody read it: nothing of it is used any more.</summary>
    internal void GiveUp(StoreFault damage)
    {
        Stop(damage);
        Lose(damage.ToString());
    }

    private void Report(StoreFault fault)
    {
        lock (_gate)
        {
            if (Fault is not null)
                return;
            Fault = fault;
        }
        if (fault.Kind == StoreFaultKind.IoError)
            _options.Health?.Suspect();
        if (_options.OnFault is { } told)
            told(fault);
        else
            _options.Space?.Lost(fault);
    }

    private void End(DiskStatus status)
    {
        lock (_gate)
            if (_state == DiskStatus.Ok)
                _state = status;
        if (_mirror is not null)
            Release(default, default);
    }

    private async ValueTask<DiskStatus> WriteInPiecesAsync(
        long offset,
        ReadOnlyMemory<byte> data,
        CancellationToken cancellation
    )
    {
        while (!data.IsEmpty)
        {
            var piece = data[..Math.Min(data.Length, RequestMaxBytes)];
            var status = await WriteAsync(offset, piece, cancellation);
            if (status != DiskStatus.Ok)
                return status;
            offset += piece.Length;
            data = data[piece.Length..];
        }
        return DiskStatus.Ok;
    }

    private async ValueTask<DiskStatus> ZeroInPiecesAsync(long offset, long lengthBytes, CancellationToken cancellation)
    {
        while (lengthBytes > 0)
        {
            var piece = Math.Min(lengthBytes, RecordExtent.BlocksMax * RecordExtent.BlockBytes);
            var status = await ZeroAsync(offset, piece, cancellation);
            if (status != DiskStatus.Ok)
                return status;
            offset += piece;
            lengthBytes -= piece;
        }
        return DiskStatus.Ok;
    }
}
