using System.Data.Common;
using Dapper;

namespace Hatchery.Devices;

/// <summary>The farm's tables are newer than this server knows: it must not write into them.</summary>
public sealed class NewerSchemaException(string part, int found, int known)
    : Exception(
        $"its tables ({part}) have version {found}, and this server knows version {known}: install a newer Hatchery here, or take another database"
    );

/// <summary>
/// Brings tables from the version that they have to the one that this server knows, each part in one transaction. Servers that start
/// at once do it one after the other; a server of the version before goes on with what it knows, so a step only ever adds.
/// </summary>
public static class SchemaUpgrade
{
    private const int PatienceSeconds = 60;

    /// <summary>For the servers that started before this one.</summary>
    internal static TimeSpan Patience { get; } = TimeSpan.FromSeconds(PatienceSeconds);

    // Any number that no other program takes for its own locks in this database.
    private const long UpgradeLock = 4_711_082_016;

    /// <param name="part">Whose tables: each part has a version of its own.</param>
    /// <param name="steps">The first makes version 1, and so on; steps that were ever released do not change. The first is also taken
    /// for tables of before there were versions, so it creates only what is missing.</param>
    /// <exception cref="NewerSchemaException">The tables are of a later version.</exception>
    public static async Task RunAsync(
        FarmDatabase database,
        string part,
        IReadOnlyList<string> steps,
        CancellationToken cancellation
    )
    {
        await using var connection = await database.ConnectPatientlyAsync(Patience, cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if (database.IsPostgreSql)
            await ExecuteAsync(
                $"SET LOCAL statement_timeout = '{PatienceSeconds}s'; SELECT pg_advisory_xact_lock({UpgradeLock})"
            );
        await ExecuteAsync(
            "CREATE TABLE IF NOT EXISTS schema_version (part VARCHAR(32) NOT NULL PRIMARY KEY, version INTEGER NOT NULL)"
        );
        var found = await connection.QuerySingleOrDefaultAsync<int>(
            Command("SELECT version FROM schema_version WHERE part = @part", new { part })
        );
        if (found > steps.Count)
            throw new NewerSchemaException(part, found, steps.Count);
        foreach (var step in steps.Skip(found))
            await ExecuteAsync(step);
        if (found < steps.Count)
            await connection.ExecuteAsync(
                Command(
                    """
                    INSERT INTO schema_version (part, version) VALUES (@part, @version)
                    ON CONFLICT (part) DO UPDATE SET version = excluded.version
                    """,
                    new { part, version = steps.Count }
                )
            );
        await transaction.CommitAsync(cancellation);

        Task<int> ExecuteAsync(string sql) => connection.ExecuteAsync(Command(sql, null));
        CommandDefinition Command(string sql, object? values) =>
            new(sql, values, transaction, PatienceSeconds, cancellationToken: cancellation);
    }
}
