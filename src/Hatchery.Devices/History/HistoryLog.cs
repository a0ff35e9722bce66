using System.Globalization;
using Dapper;
using Microsoft.Extensions.Logging;

namespace Hatchery.Devices;

/// <summary>
/// The farm's history: which commands changed something, who gave them, where, when, with what outcome; the latest of them. No command waits for it. A row is
/// written when its command begins and again when it has ended, so that one under which a server died is there too.
/// </summary>
public sealed class HistoryLog : IAsyncDisposable
{
    private const int BatchMax = 64;
    private const int ByLengthMax = 128;
    private const int CommandLengthMax = 2000;
    private const int DetailLengthMax = 500;

    internal static readonly string[] Schema =
    [
        """
            CREATE TABLE IF NOT EXISTS history (
                id VARCHAR(32) NOT NULL PRIMARY KEY,
                at BIGINT NOT NULL,
                who VARCHAR(128) NOT NULL,
                server VARCHAR(63) NOT NULL,
                command VARCHAR(2000) NOT NULL,
                about TEXT NOT NULL,
                outcome VARCHAR(16) NOT NULL,
                detail VARCHAR(500) NOT NULL
            );
            CREATE INDEX IF NOT EXISTS history_at_idx ON history (at);
            """,
    ];

    private readonly FarmDatabase _database;
    private readonly HistoryLimits _limits;
    private readonly WaitingRows<HistoryRow> _rows;

    public HistoryLog(FarmDatabase database, HistoryLimits limits, ILogger<HistoryLog> log, TimeProvider time)
    {
        (_database, _limits) = (database, limits);
        _rows = new(
            "commands of the farm's history",
            InsertAsync,
            log,
            time,
            limits.WaitingMax,
            BatchMax,
            // What a command's beginning says, its end says again.
            row => row.Outcome != HistoryOutcomes.UnderWay
        );
    }

    /// <summary>Beginnings and ends of commands that wait for the database; 0 while it answers.</summary>
    public int Waiting => _rows.Waiting;

    /// <summary>Commands that were lost since this server started.</summary>
    public long Dropped => _rows.Dropped;

    /// <summary>Adds a command, or says how one that was added has ended.</summary>
    public void Put(HistoryRow row) =>
        _rows.Add(
            row with
            {
                By = SqlText.Of(row.By, ByLengthMax),
                Command = Shortened(row.Command, CommandLengthMax),
                Detail = Shortened(row.Detail, DetailLengthMax),
            }
        );

    /// <summary>The latest of those that are asked for, oldest first.</summary>
    /// <exception cref="System.Data.Common.DbException">The database is away.</exception>
    public async Task<IReadOnlyList<HistoryRow>> ReadAsync(HistoryQuery query)
    {
        var conditions = new List<string> { "at >= @since", "at < @until" };
        var values = new DynamicParameters();
        values.Add("since", query.Since?.UtcTicks ?? long.MinValue);
        values.Add("until", query.Until?.UtcTicks ?? long.MaxValue);
        values.Add("countMax", query.CountMax);
        if (query.By is { } by)
        {
            conditions.Add("(who = @who OR who LIKE @whoAnywhere ESCAPE '!')");
            values.Add("who", by);
            values.Add("whoAnywhere", $"{Literally(by)}@%");
        }
        foreach (var words in query.AboutAny)
        {
            var any = new List<string>();
            foreach (var word in words)
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"about{values.ParameterNames.Count()}");
                any.Add($"about LIKE @{name} ESCAPE '!'");
                values.Add(name, $"% {Literally(word)} %");
            }
            conditions.Add($"({string.Join(" OR ", any)})");
        }
        await using var connection = await _database.ConnectAsync();
        var rows = await connection.QueryAsync<Stored>(
            $"""
            SELECT id, at, who, server, command, about, outcome, detail FROM history
            WHERE {string.Join(" AND ", conditions)} ORDER BY at DESC, id DESC LIMIT @countMax
            """,
            values
        );
        return [.. rows.Reverse().Select(r => r.ToRow())];
    }

    /// <summary>Writes what there is; what the database does not take now is lost.</summary>
    public ValueTask DisposeAsync() => _rows.DisposeAsync();

    private Task InsertAsync(IReadOnlyList<HistoryRow> batch) =>
        _database.WriteAsync(async connection =>
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await connection.ExecuteAsync(
                """
                INSERT INTO history (id, at, who, server, command, about, outcome, detail)
                VALUES (@id, @at, @who, @server, @command, @about, @outcome, @detail)
                ON CONFLICT (id) DO UPDATE SET about = excluded.about, outcome = excluded.outcome, detail = excluded.detail
                """,
                batch.Select(r => new
                {
                    id = $"{r.Id:N}",
                    at = r.At.UtcTicks,
                    who = r.By,
                    server = r.Server,
                    command = r.Command,
                    about = $" {string.Join(' ', r.About)} ",
                    outcome = r.Outcome,
                    detail = r.Detail,
                }),
                transaction
            );
            await connection.ExecuteAsync(
                "DELETE FROM history WHERE at < (SELECT at FROM history ORDER BY at DESC LIMIT 1 OFFSET @last)",
                new { last = _limits.RowsMax - 1 },
                transaction
            );
            await transaction.CommitAsync();
            return 0;
        });

    /// <summary>In a pattern of LIKE.</summary>
    private static string Literally(string text) =>
        string.Concat(text.Select(c => c is '!' or '%' or '_' ? $"!{c}" : $"{c}"));

    private static string Shortened(string text, int lengthMax) =>
        SqlText.Of(text.Length > lengthMax ? $"{text[..(lengthMax - 1)]}\u2026" : text, lengthMax);

    private sealed record Stored(
        string Id,
        long At,
        string Who,
        string Server,
        string Command,
        string About,
        string Outcome,
        string Detail
    )
    {
        public HistoryRow ToRow() =>
            new(
                Guid.Parse(Id),
                new(At, TimeSpan.Zero),
                Who,
                Server,
                Command,
                [.. About.Split(' ', StringSplitOptions.RemoveEmptyEntries)],
                Outcome,
                Detail
            );
    }
}

/// <param name="RowsMax">Commands that the farm keeps; older ones go.</param>
/// <param name="WaitingMax">Beginnings and ends of commands that a server holds while the database is away.</param>
public sealed record HistoryLimits(int RowsMax = 100_000, int WaitingMax = 1024);
