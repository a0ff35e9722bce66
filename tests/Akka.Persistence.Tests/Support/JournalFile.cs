using Akka.Actor;
using Akka.Configuration;
using Hatchery.Testing;
using Microsoft.Data.Sqlite;

namespace Akka.Persistence.Tests.Support;

/// <summary>A database file for one test, and the actor systems that open it; each new system stands for a new process.</summary>
public sealed class JournalFile : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<ActorSystem> _systems = [];

    public string ConnectionString => $"Data Source={_folder["journal.db"]};Default Timeout=1";

    public ActorSystem Open(string settings = "")
    {
        var system = ActorSystem.Create("persistence-test", ConfigurationFactory.ParseString(settings + Settings()));
        _systems.Add(system);
        return system;
    }

    public SqliteConnection Connect()
    {
        var connection = new SqliteConnection(ConnectionString);
        connection.Open();
        return connection;
    }

    public List<string> Texts(string sql)
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var found = new List<string>();
        while (reader.Read())
            found.Add(string.Join("|", Enumerable.Range(0, reader.FieldCount).Select(i => reader.GetValue(i))));
        return found;
    }

    public void Execute(string sql)
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var system in _systems)
            await system.Terminate();
        SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    private string Settings() => SqlSettings.For("SQLite.MS", ConnectionString);
}
