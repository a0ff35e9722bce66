using System.Data.Common;
using System.Net.Sockets;
using Hatchery.Devices;
using Microsoft.Extensions.Logging;

namespace Hatchery.Server;

/// <summary>Looks at the farm database again and again: for its clock, and to tell operators once when it is away and when it is back.</summary>
internal sealed class DatabaseWatch : IAsyncDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(2);

    /// <summary>A host's clock that is wrong by more is worth a line.</summary>
    private static readonly TimeSpan s_clockTolerance = TimeSpan.FromSeconds(5);

    private readonly FarmDatabase _database;
    private readonly DatabaseClock _clock;
    private readonly TimeProvider _time;
    private readonly ILogger<DatabaseWatch> _log;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _watching;
    private long? _awaySince;
    private bool _saidClock;

    public DatabaseWatch(FarmDatabase database, DatabaseClock clock, TimeProvider time, ILogger<DatabaseWatch> log)
    {
        (_database, _clock, _time, _log) = (database, clock, time, log);
        _watching = WatchAsync();
    }

    /// <summary>One phrase for operators.</summary>
    public string State =>
        _awaySince is { } since
            ? $"{_database.Name}, away for {_time.GetElapsedTime(since).TotalSeconds:0} s"
            : _database.Name;

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _watching;
        _ending.Dispose();
    }

    private async Task WatchAsync()
    {
        while (!_ending.IsCancellationRequested)
        {
            await Task.Delay(s_interval, _time, _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                await _clock.LookAsync(_ending.Token);
                Back();
            }
            catch (Exception) when (_ending.IsCancellationRequested) { }
            catch (Exception away) when (away is DbException or SocketException or TimeoutException or IOException)
            {
                if (_awaySince is not null)
                    continue;
                _awaySince = _time.GetTimestamp();
                Log.DatabaseAway(_log, _database.Name, away.GetBaseException().Message.ReplaceLineEndings(" "));
            }
        }
    }

    private void Back()
    {
        if (_awaySince is { } since)
        {
            _awaySince = null;
            Log.DatabaseBack(_log, _database.Name, _time.GetElapsedTime(since).TotalSeconds);
        }
        var isWrong = _clock.HostIsAhead.Duration() > s_clockTolerance;
        if (isWrong && !_saidClock)
            Log.ClockWrong(
                _log,
                _clock.HostIsAhead.Duration().TotalSeconds,
                _clock.HostIsAhead > TimeSpan.Zero ? "ahead of" : "behind"
            );
        _saidClock = isWrong;
    }
}
