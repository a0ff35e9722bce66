using Dapper;

namespace Hatchery.Devices;

/// <summary>
/// The farm's time: the database's clock, which all servers share, carried on by this host's monotonic clock between looks at it. What
/// is compared between servers (leases of addresses, states of devices) goes by it; a host's own clock may be wrong, and may jump.
/// Thread-safe.
/// </summary>
/// <param name="host">This host's clock; timers and the time between two moments are its.</param>
public sealed class DatabaseClock(FarmDatabase database, TimeProvider host) : TimeProvider
{
    private volatile Look? _latest;

    public override TimeZoneInfo LocalTimeZone => host.LocalTimeZone;

    public override long TimestampFrequency => host.TimestampFrequency;

    /// <summary>How far the host's clock was ahead of the database's at the last look.</summary>
    public TimeSpan HostIsAhead => _latest is { } look ? look.HostAhead : TimeSpan.Zero;

    public override DateTimeOffset GetUtcNow() =>
        _latest is { } look ? look.Utc + host.GetElapsedTime(look.Timestamp) : host.GetUtcNow();

    public override long GetTimestamp() => host.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        host.CreateTimer(callback, state, dueTime, period);

    /// <summary>Looks at the database's clock. The embedded database has this host's, and is only asked whether it is there.</summary>
    /// <exception cref="System.Data.Common.DbException">The database is away.</exception>
    public async Task LookAsync(CancellationToken cancellation = default)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        if (!database.IsPostgreSql)
        {
            await connection.ExecuteScalarAsync(new CommandDefinition("SELECT 1", cancellationToken: cancellation));
            return;
        }
        var asked = host.GetTimestamp();
        var utc = await connection.QuerySingleAsync<DateTime>(
            new CommandDefinition("SELECT clock_timestamp() AT TIME ZONE 'UTC'", cancellationToken: cancellation)
        );
        // It said so halfway between question and answer, as far as one can know.
        var now = new DateTimeOffset(DateTime.SpecifyKind(utc, DateTimeKind.Utc)) + (host.GetElapsedTime(asked) / 2);
        _latest = new(now, host.GetTimestamp(), host.GetUtcNow() - now);
    }

    private sealed record Look(DateTimeOffset Utc, long Timestamp, TimeSpan HostAhead);
}
