using Hatchery.Devices;
using Hatchery.Disks;
using Microsoft.Extensions.Logging;

namespace Hatchery.Server;

/// <summary>
/// Deletes write caches that no session row names any more: those set aside when their device booted again, once they are old
/// enough, and those that a server left behind when it died.
/// </summary>
internal sealed class CacheRetention(
    Store store,
    SessionTable sessions,
    TimeSpan keep,
    TimeProvider time,
    ILogger<CacheRetention> log
) : IAsyncDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    public void Start() => _running = RunAsync();

    /// <summary>One round: a cache whose end has not been seen yet is set aside, one that was set aside long enough is deleted.</summary>
    public async Task SweepAsync()
    {
        var live = (await sessions.AllAsync()).SelectMany(row => row.Layers).ToHashSet();
        foreach (var cache in store.ListCaches().Where(c => !c.IsOpen && !live.Contains(c.Layer)))
        {
            var isOld = time.GetUtcNow() - cache.ChangedAt >= keep;
            var fault =
                isOld ? store.DeleteCache(cache.Layer)
                : cache.IsSetAside ? null
                : store.SetCacheAside(cache.Layer);
            if (fault is { Kind: not (StoreFaultKind.Missing or StoreFaultKind.InUse) })
                Log.CacheNotDeleted(log, cache.Layer.ToString(), fault.ToString());
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(s_interval, time);
        try
        {
            do
            {
                try
                {
                    await SweepAsync();
                }
                catch (System.Data.Common.DbException away)
                {
                    Log.CacheNotDeleted(log, "*", $"the farm database does not answer: {away.Message}");
                }
            } while (await timer.WaitForNextTickAsync(_stopping.Token));
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }
}
