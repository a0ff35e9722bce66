using Hatchery.Devices;
using Hatchery.Disks;
using Microsoft.Extensions.Logging;

namespace Hatchery.Server;

/// <summary>
/// Deletes write caches that neither a session row nor a device's journal names any more: those set aside when their device booted
/// again, once they are old enough, and those that a server left behind when it died; and copies of which this server is no member any more.
/// </summary>
/// <param name="server">This one's name.</param>
internal sealed class CacheRetention(
    string server,
    Store store,
    SessionTable sessions,
    IFarmView view,
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
        // The row of a cache is older than the cache: what is listed first and named by no row after is over.
        var caches = store.ListCaches();
        var rows = await sessions.AllAsync();
        var live = rows.Where(row => row.HasMember(server)).SelectMany(row => row.Layers).ToHashSet();
        // What is left of a copy saves most of the work when this server becomes a member again.
        var left = rows.SelectMany(row => row.Layers).Except(live).ToHashSet();
        // A row may be ahead of the journal, when a boot was not written down after all; then the boot before goes on.
        live.UnionWith(view.Current.Devices.Select(d => d.Boot?.Cache).OfType<LayerId>().Except(left));
        // What was written of a version in maintenance is in that version, or nobody wants it.
        live.ExceptWith(view.Current.Devices.Where(view.Current.IsCacheOver).Select(d => d.Boot!.Cache));
        foreach (var cache in caches.Where(c => !c.IsOpen && !live.Contains(c.Layer)))
        {
            var isOld = time.GetUtcNow() - cache.ChangedAt >= keep;
            // Nothing is deleted that was not set aside before: how old its last write is says nothing about when it was last needed.
            var fault = !cache.IsSetAside
                ? isOld || !left.Contains(cache.Layer)
                    ? store.SetCacheAside(cache.Layer)
                    : null
                : isOld
                    ? store.DeleteCache(cache.Layer)
                    : null;
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
                catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
                {
                    Log.CacheNotDeleted(log, "*", denied.Message);
                }
            } while (await timer.WaitForNextTickAsync(_stopping.Token));
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }
}
