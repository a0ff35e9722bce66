namespace Hatchery.Disks;

/// <summary>How hard compaction works.</summary>
public sealed record CompactorOptions
{
    /// <summary>How often it looks at the open write caches.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>What of old segments is written again in a second, for all caches together; more when space is short. 0: nothing, unless it is.</summary>
    public long BytesPerSecond { get; init; } = 64L << 20;
}

/// <summary>Gives back the space that open write caches waste: one cache at a time, a MiB at a time, beside what their devices do.</summary>
/// <param name="onFailure">Told of what ended in another way than <see cref="DiskStatus"/> has words for.</param>
public sealed class Compactor(
    Store store,
    CompactorOptions options,
    TimeProvider time,
    Action<Exception>? onFailure = null
) : IAsyncDisposable
{
    // A cache whose files are this many times what it holds is compacted as fast as it goes.
    private const int WasteMax = 3;

    // The others wait so long for a cache that does not get on: its copies may not answer. A server that fails is out of its sessions sooner.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly Dictionary<WriteCache, Task> _left = [];
    private readonly CancellationTokenSource _stopping = new();
    private long _steps;
    private Task _running = Task.CompletedTask;
    private long _freedBytes;

    /// <summary>Given back since the start.</summary>
    public long FreedBytes => Interlocked.Read(ref _freedBytes);

    public void Start() => _running = Task.Run(RunAsync);

    /// <summary>One round through all open caches.</summary>
    public async Task SweepAsync()
    {
        foreach (var (cache, compacting) in _left.Where(l => l.Value.IsCompleted).ToList())
        {
            _left.Remove(cache);
            await compacting;
        }
        var isFull = store.Usage.Level == CacheLevel.Full;
        foreach (var cache in store.OpenCaches.Where(c => !_left.ContainsKey(c)))
        {
            var isShort = isFull || cache.Level == CacheLevel.Full;
            var isWasteful = cache.SizeBytes > (WasteMax * cache.LiveBytes) + (WasteMax * cache.SegmentSizeBytes);
            if (options.BytesPerSecond == 0 && !isShort)
                continue;
            var segments = cache.SegmentsToCompact(isShort);
            if (segments.Count == 0)
                continue;
            var compacting = CompactAsync(cache, segments, isPaced: !isShort && !isWasteful);
            if (!cache.IsMirrored)
                await compacting;
            else if (!await EndsAsync(compacting))
                _left.Add(cache, compacting);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    private async Task CompactAsync(WriteCache cache, IReadOnlySet<int> segments, bool isPaced)
    {
        var before = cache.SizeBytes;
        // What cannot be done now (no space, the device has gone) is looked at again in the next round.
        await cache.CompactAsync(segments, bytes => new(StepAsync(isPaced ? bytes : 0)));
        Interlocked.Add(ref _freedBytes, Math.Max(0, before - cache.SizeBytes));
    }

    /// <summary>False: it does not get on, and is left to itself.</summary>
    private async Task<bool> EndsAsync(Task compacting)
    {
        while (true)
        {
            var steps = Volatile.Read(ref _steps);
            try
            {
                await compacting.WaitAsync(s_patience, time, _stopping.Token);
                return true;
            }
            catch (TimeoutException) when (!compacting.IsCompleted)
            {
                if (steps == Volatile.Read(ref _steps))
                    return false;
            }
        }
    }

    private Task StepAsync(int bytes)
    {
        Interlocked.Increment(ref _steps);
        var pause = bytes > 0 ? TimeSpan.FromSeconds(bytes / (double)options.BytesPerSecond) : TimeSpan.Zero;
        // What was left may come here when this is disposed.
        return _stopping.IsCancellationRequested
            ? Task.FromCanceled(new(canceled: true))
            : Task.Delay(pause, time, _stopping.Token);
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(options.Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
                try
                {
                    await SweepAsync();
                }
                catch (Exception failed) when (failed is not OperationCanceledException)
                {
                    onFailure?.Invoke(failed);
                }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }
}
