using System.Data.Common;

namespace Akka.Persistence.Sql.Db;

/// <summary>Parameters by name, in one line.</summary>
internal static class DbCommands
{
    public static DbCommand Command(
        this DbConnection connection,
        string sql,
        DbTransaction? transaction = null,
        params ReadOnlySpan<(string Name, object? Value)> parameters
    )
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Transaction = transaction;
        foreach (var (name, value) in parameters)
            command.Set(name, value);
        return command;
    }

    public static void Set(this DbCommand command, string name, object? value)
    {
        if (command.Parameters.Contains(name))
        {
            command.Parameters[name].Value = value ?? DBNull.Value;
            return;
        }
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value ?? DBNull.Value;
        command.Parameters.Add(parameter);
    }

    public static async Task<int> ExecuteAsync(
        this DbConnection connection,
        string sql,
        DbTransaction? transaction,
        params (string Name, object? Value)[] parameters
    )
    {
        await using var command = connection.Command(sql, transaction, parameters);
        return await command.ExecuteNonQueryAsync().ConfigureAwait(false);
    }

    /// <summary>One number; 0 for NULL or no row.</summary>
    public static async Task<long> NumberAsync(
        this DbConnection connection,
        string sql,
        DbTransaction? transaction,
        params (string Name, object? Value)[] parameters
    )
    {
        await using var command = connection.Command(sql, transaction, parameters);
        return await command.ExecuteScalarAsync().ConfigureAwait(false) is long number ? number : 0L;
    }

    public static string? TextOrNull(this DbDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetString(column);

    public static int? NumberOrNull(this DbDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetInt32(column);
}
