using Hatchery.Disks;
using Microsoft.Extensions.Logging;

namespace Hatchery.Server;

/// <summary>
/// Looks at the store's disk again and again: one that fails is known before a machine boots from it, and used again when it is mended; one that was full
/// is given copies again when it has room.
/// </summary>
internal sealed class StoreWatch : IAsyncDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_intervalInNeed = TimeSpan.FromSeconds(2);

    private readonly Store _store;
    private readonly StoreAlarm _alarm;
    private readonly Action _back;
    private readonly TimeProvider _time;
    private readonly ILogger<StoreWatch> _log;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _watching;

    /// <param name="back">Told that a store that was lost is used again.</param>
    public StoreWatch(Store store, StoreAlarm alarm, Action back, TimeProvider time, ILogger<StoreWatch> log)
    {
        (_store, _alarm, _back, _time, _log) = (store, alarm, back, time, log);
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
                await Task.Delay(wasLost || _alarm.IsFull ? s_intervalInNeed : s_interval, _time, _ending.Token);
                // A disk that hangs holds up its own thread, and not the end of this server.
                var loss = await Task.Run(Look, _ending.Token).WaitAsync(_ending.Token);
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

    private StoreFault? Look()
    {
        var loss = _store.LookAtDisk();
        _alarm.LookForRoom(_store.HasRoom);
        return loss;
    }
}
