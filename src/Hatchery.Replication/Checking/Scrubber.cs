using Hatchery.Devices;
using Hatchery.Disks;
using Microsoft.Extensions.Logging;

namespace Hatchery.Replication;

/// <param name="Interval">How long after it was read last an image is read again; zero: never.</param>
/// <param name="BytesPerSecond">That are read for it; 0: as fast as it goes.</param>
public sealed record ScrubOptions(TimeSpan Interval, long BytesPerSecond);

/// <summary>Reads this server's images now and then, one at a time and slowly, so that damage is found while other servers have what repairs it.</summary>
public sealed class Scrubber(
    Store store,
    IFarmView view,
    ImageChecks checks,
    ScrubOptions options,
    TimeProvider time,
    ILogger<Scrubber> log
) : IAsyncDisposable
{
    /// <summary>Between two looks for an image that is due.</summary>
    private static readonly TimeSpan s_lookAgain = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _stopping = new();

    // Where the store does not take the time of it, the same image would be due for ever.
    private readonly Dictionary<LayerId, DateTimeOffset> _begun = [];
    private readonly ByteRate _rate = new(options.BytesPerSecond, time);
    private Task _running = Task.CompletedTask;

    public void Start()
    {
        if (options.Interval > TimeSpan.Zero)
            _running = RunAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(
                    s_lookAgain < options.Interval ? s_lookAgain : options.Interval,
                    time,
                    _stopping.Token
                );
                while (NextDue() is { } image)
                    await CheckAsync(image);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    /// <summary>Of those that are due the one that was read longest ago. One that came a while ago counts from then.</summary>
    private LayerId? NextDue()
    {
        var due = time.GetUtcNow() - options.Interval;
        var wanted = view.Current.VDisks.SelectMany(v => v.Versions).Select(v => v.Image).ToHashSet();
        return store
            .ListImages()
            .Where(m => wanted.Contains(m.Layer) && store.DamageOf(m.Layer) is null)
            .Select(m => (Image: (LayerId?)m.Layer, At: store.CheckedAt(m.Layer) ?? m.ImportedAt))
            .Where(i => i.At <= due && _begun.GetValueOrDefault(i.Image!.Value) <= due)
            .OrderBy(i => i.At)
            .Select(i => i.Image)
            .FirstOrDefault();
    }

    private async Task CheckAsync(LayerId image)
    {
        _begun[image] = time.GetUtcNow();
        try
        {
            await checks.CheckAsync(image, pace: _rate.TakeAsync, withCaches: false, cancellation: _stopping.Token);
        }
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            Log.ScrubFailed(log, image, failed);
        }
    }
}
