using Hatchery.Disks;
using Microsoft.Extensions.Logging;

namespace Hatchery.Server;

/// <summary>Looks at the store's disk again and again: one that fails is known before a machine boots from it, and used again when it is mended.</summary>
internal sealed class StoreWatch : IAsyncDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_intervalWhenLost = TimeSpan.FromSeconds(2);

    private readonly Store _store;
    private readonly Action _back;
    private readonly TimeProvider _time;
    private readonly ILogger<StoreWatch> _log;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _watching;

    /// <param name="back">Told that a store that was lost is used again.</param>
    public StoreWatch(Store store, Action back, TimeProvider time, ILogger<StoreWatch> log)
    {
        (_store, _back, _time, _log) = (store, back, time, log);
        _watching = WatchAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _watching;
        _ending.Dispose();
    }

    private async Task WatchAsync()
    {
        try
        {
            while (true)
            {
                var wasLost = _store.Loss is not null;
                await Task.Delay(wasLost ? s_intervalWhenLost : s_interval, _time, _ending.Token);
                // A disk that hangs holds up its own thread, and not the end of this server.
                var loss = await Task.Run(_store.LookAtDisk, _ending.Token).WaitAsync(_ending.Token);
                if (!wasLost || loss is not null)
                    continue;
                Log.StoreBack(_log, _store.RootPath);
                _back();
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }
}
