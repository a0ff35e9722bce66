using Hatchery.Testing;

namespace Hatchery.Devices.Tests;

/// <summary>
/// An empty farm database of the kind that this run of the tests is on: SQLite, or with HATCHERY_TEST_DATABASE=postgresql a real
/// PostgreSQL server. tests/run.sh runs the tests of what lies in the database on both.
/// </summary>
internal sealed class TestDatabase : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly string? _connectionString;
    private readonly List<FarmDatabase> _opened = [];

    public TestDatabase() => _connectionString = IsPostgreSql ? PostgreSqlServer.Shared.NewDatabase() : null;

    public static bool IsPostgreSql { get; } =
        Environment.GetEnvironmentVariable("HATCHERY_TEST_DATABASE") switch
        {
            null or "" or "sqlite" => false,
            "postgresql" => true,
            var other => throw new InvalidOperationException($"HATCHERY_TEST_DATABASE={other}: sqlite or postgresql"),
        };

    /// <summary>Opens it as one more server does.</summary>
    public FarmDatabase Open()
    {
        var database = _connectionString is null
            ? FarmDatabase.Sqlite(_folder["farm.db"])
            : FarmDatabase.PostgreSql(new(_connectionString));
        lock (_opened)
            _opened.Add(database);
        return database;
    }

    /// <summary>One that is not there.</summary>
    public static FarmDatabase Away() =>
        IsPostgreSql
            ? FarmDatabase.PostgreSql(new("Host=/nowhere;Database=farm;Username=nobody"))
            : FarmDatabase.Sqlite("/nowhere/farm.db");

    public void Dispose()
    {
        foreach (var database in _opened)
            database.Source.Dispose();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }
}
