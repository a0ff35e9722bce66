using System.Collections.Immutable;
using Dapper;
using Hatchery.Disks;
using Microsoft.Extensions.Logging;

namespace Hatchery.Devices;

/// <summary>
/// Buffers the steps of boots and writes them in bulk, and shows them to whoever watches. With the database slow or away it waits and
/// the oldest are dropped and counted: a time stamp never stops a boot.
/// </summary>
public sealed class TimelineLog : IAsyncDisposable
{
    private const int DetailLengthMax = 255;

    // Whoever asks for boot scripts in a machine's name, again and again, must not fill the database.
    private const int StepsPerDeviceMax = 1000;

    /// <summary>A machine or an initiator that does the same again and again does it once in so long.</summary>
    private static readonly TimeSpan s_sameAgain = TimeSpan.FromSeconds(10);

    private readonly FarmDatabase _database;
    private readonly WaitingRows<TimelineStep> _steps;
    private readonly int _bufferMax;
    private readonly Lock _gate = new();
    private readonly Dictionary<DeviceId, TimelineStep> _latest = [];
    private ImmutableList<Action<TimelineStep>> _watchers = [];

    /// <param name="bufferMax">Steps held while the database does not take them.</param>
    public TimelineLog(
        FarmDatabase database,
        ILogger<TimelineLog> log,
        TimeProvider time,
        int bufferMax = 4096,
        int batchMax = 256
    )
    {
        (_database, _bufferMax) = (database, bufferMax);
        _steps = new("steps of boot timelines", InsertAsync, log, time, bufferMax, batchMax);
    }

    /// <summary>How many watch.</summary>
    public int Watchers => _watchers.Count;

    public void Add(TimelineStep step)
    {
        step = step with { Detail = SqlText.Of(step.Detail, DetailLengthMax) };
        lock (_gate)
        {
            if (IsSameAgain(step))
                return;
            _steps.Add(step);
            foreach (var watcher in _watchers)
                watcher(step);
        }
    }

    /// <summary>Whether what was added is written, or nearly: who has many steps to add adds them then, lest those of boots are dropped for them.</summary>
    public bool HasRoom => _steps.HasRoom;

    /// <summary>Calls for every step of this server from now on, in order, until what it returns is disposed.</summary>
    /// <param name="watcher">Neither blocks nor throws.</param>
    public IDisposable Watch(Action<TimelineStep> watcher)
    {
        lock (_gate)
            _watchers = _watchers.Add(watcher);
        return new Watching(this, watcher);
    }

    /// <summary>The latest steps of a device, oldest first.</summary>
    public async Task<IReadOnlyList<TimelineStep>> ReadAsync(DeviceId device, int countMax = 32)
    {
        await using var connection = await _database.ConnectAsync();
        var rows = await connection.QueryAsync<(long At, string Step, string Server, string Detail)>(
            "SELECT at, step, server, detail FROM timeline WHERE device = @device ORDER BY at DESC LIMIT @countMax",
            new { device = device.ToString(), countMax }
        );
        return
        [
            .. rows.Reverse()
                .Select(r => new TimelineStep(device, new(r.At, TimeSpan.Zero), r.Step, r.Server, r.Detail)),
        ];
    }

    /// <summary>The latest step of a device at this server, which the database may not have yet; null when there was none, or long ago.</summary>
    public TimelineStep? LatestHere(DeviceId device)
    {
        lock (_gate)
            return _latest.GetValueOrDefault(device);
    }

    /// <summary>Writes what there is; what the database does not take now is lost.</summary>
    public ValueTask DisposeAsync() => _steps.DisposeAsync();

    private bool IsSameAgain(TimelineStep step)
    {
        if (
            _latest.TryGetValue(step.Device, out var latest)
            && (latest.Step, latest.Detail) == (step.Step, step.Detail)
            && (step.At - latest.At).Duration() < s_sameAgain
        )
            return true;
        if (_latest.Count >= _bufferMax)
            _latest.Clear();
        _latest[step.Device] = step;
        return false;
    }

    private async Task InsertAsync(IReadOnlyList<TimelineStep> batch)
    {
        await using var connection = await _database.ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await connection.ExecuteAsync(
            "INSERT INTO timeline (device, at, step, server, detail) VALUES (@device, @at, @step, @server, @detail)",
            batch.Select(s => new
            {
                device = s.Device.ToString(),
                at = s.At.UtcTicks,
                step = s.Step,
                server = s.Server,
                detail = s.Detail,
            }),
            transaction
        );
        await connection.ExecuteAsync(
            """
            DELETE FROM timeline WHERE device = @device AND at <
                (SELECT at FROM timeline WHERE device = @device ORDER BY at DESC LIMIT 1 OFFSET @last)
            """,
            batch
                .Select(s => s.Device)
                .Distinct()
                .Select(device => new { device = device.ToString(), last = StepsPerDeviceMax - 1 }),
            transaction
        );
        await transaction.CommitAsync();
    }

    private sealed class Watching(TimelineLog log, Action<TimelineStep> watcher) : IDisposable
    {
        public void Dispose()
        {
            lock (log._gate)
                log._watchers = log._watchers.Remove(watcher);
        }
    }
}
