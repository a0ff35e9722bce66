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

    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;
    private long _freedBytes;

    /// <summary>Given back since the start.</summary>
    public long FreedBytes => Interlocked.Read(ref _freedBytes);

    public void Start() => _running = Task.Run(RunAsync);

    /// <summary>One round through all open caches.</summary>
    public async Task SweepAsync()
    {
        var isFull = store.Usage.Level == CacheLevel.Full;
        foreach (var cache in store.OpenCaches)
        {
            var isShort = isFull || cache.Level == CacheLevel.Full;
            var isWasteful = cache.SizeBytes > (WasteMax * cache.LiveBytes) + (WasteMax * cache.SegmentSizeBytes);
            if (options.BytesPerSecond == 0 && !isShort)
                continue;
            var segments = cache.SegmentsToCompact(isShort);
            if (segments.Count == 0)
                continue;
            var before = cache.SizeBytes;
            // What cannot be done now (no space, the device has gone) is looked at again in the next round.
            await cache.CompactAsync(segments, isShort || isWasteful ? Unpaced : PaceAsync);
            Interlocked.Add(ref _freedBytes, Math.Max(0, before - cache.SizeBytes));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    private ValueTask Unpaced(int bytes) =>
        _stopping.IsCancellationRequested ? ValueTask.FromCanceled(_stopping.Token) : ValueTask.CompletedTask;

    private async ValueTask PaceAsync(int bytes) =>
        await Task.Delay(TimeSpan.FromSeconds(bytes / (double)options.BytesPerSecond), time, _stopping.Token);

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
