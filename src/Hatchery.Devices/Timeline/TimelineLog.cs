using System.Data.Common;
using System.Threading.Channels;
using Dapper;
using Hatchery.Disks;
using Microsoft.Extensions.Logging;

namespace Hatchery.Devices;

/// <summary>
/// Buffers the steps of boots and writes them in bulk. With the database slow or away the oldest are dropped and counted: a time
/// stamp never stops a boot.
/// </summary>
public sealed class TimelineLog : IAsyncDisposable
{
    private const int DetailLengthMax = 255;

    // Whoever asks for boot scripts in a machine's name, again and again, must not fill the database.
    private const int StepsPerDeviceMax = 1000;

    private readonly FarmDatabase _database;
    private readonly ILogger<TimelineLog> _log;
    private readonly Channel<TimelineStep> _steps;
    private readonly int _batchMax;
    private readonly Task _writing;
    private long _dropped;

    /// <param name="bufferMax">Steps held while the database does not take them.</param>
    public TimelineLog(FarmDatabase database, ILogger<TimelineLog> log, int bufferMax = 4096, int batchMax = 256)
    {
        (_database, _log, _batchMax) = (database, log, batchMax);
        _steps = Channel.CreateBounded<TimelineStep>(
            new BoundedChannelOptions(bufferMax) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
            _ => Interlocked.Increment(ref _dropped)
        );
        _writing = Task.Run(WriteAsync);
    }

    public void Add(TimelineStep step) =>
        _steps.Writer.TryWrite(
            step.Detail.Length <= DetailLengthMax ? step : step with { Detail = step.Detail[..DetailLengthMax] }
        );

    /// <summary>The latest steps of a device, oldest first.</summary>
    public async Task<IReadOnlyList<TimelineStep>> ReadAsync(DeviceId device, int countMax = 32)
    {
        await using var connection = _database.Connect();
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

    public async ValueTask DisposeAsync()
    {
        _steps.Writer.TryComplete();
        await _writing;
    }

    private async Task WriteAsync()
    {
        var batch = new List<TimelineStep>(_batchMax);
        while (await _steps.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < _batchMax && _steps.Reader.TryRead(out var step))
                batch.Add(step);
            try
            {
                await InsertAsync(batch);
            }
            catch (DbException away)
            {
                Log.TimelineNotWritten(_log, away, batch.Count);
            }
            if (Interlocked.Exchange(ref _dropped, 0) is > 0 and var dropped)
                Log.TimelineDropped(_log, dropped);
        }
    }

    private async Task InsertAsync(List<TimelineStep> batch)
    {
        await using var connection = _database.Connect();
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
}
