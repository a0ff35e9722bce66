using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence.Query;
using Akka.Persistence.Sql.Query;
using Akka.Persistence.Tests.Support;
using Akka.Streams;
using Akka.Streams.Dsl;
using Hatchery.Testing;
using Npgsql;

namespace Akka.Persistence.Tests;

public sealed class PostgreSqlTests(PostgreSqlServer server) : IClassFixture<PostgreSqlServer>, IAsyncLifetime
{
    private readonly List<ActorSystem> _systems = [];
    private readonly Told _told = new();
    private readonly string _id = $"{Guid.NewGuid():N}";

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var system in _systems)
            await system.Terminate();
    }

    [PostgreSqlFact]
    public async Task Events_and_snapshots_are_found_by_the_next_process()
    {
        var writer = Open().ActorOf(Ledger.Props(_id));
        await writer.Ask<long>(new AddAll("a", "b"));
        await writer.Ask<SaveSnapshotSuccess>(new TakeSnapshot());
        await writer.Ask<SaveSnapshotSuccess>(new TakeSnapshot());
        Assert.Equal(3L, await writer.Ask<long>(new Add("c")));

        var reader = Open().ActorOf(Ledger.Props(_id, _told.Writer));
        Assert.Equal(["a", "b", "c"], (await reader.Ask<Items>(new GetItems())).All);
        Assert.Equal("offer 2", await _told.NextAsync());
        await reader.Ask<DeleteMessagesSuccess>(new DeleteUpTo(3));
        Assert.Equal(3, (await Open().ActorOf(Ledger.Props(_id)).Ask<Numbers>(new GetNumbers())).LastSequenceNr);
    }

    [PostgreSqlFact]
    public async Task The_second_of_two_writers_fails_alone()
    {
        var first = Open().ActorOf(Ledger.Props(_id));
        var system = Open();
        var second = system.ActorOf(Ledger.Props(_id, _told.Writer));
        var others = Enumerable.Range(0, 20).Select(i => system.ActorOf(Ledger.Props($"{_id}-{i}"))).ToArray();
        await Task.WhenAll(others.Append(second).Select(a => a.Ask<Numbers>(new GetNumbers())));
        await first.Ask<long>(new Add("first"));
        second.Tell(new Add("second"));
        var asked = others.Select(o => o.Ask<long>(new Add("a"))).ToArray();
        Assert.Contains("another writer", await _told.UntilAsync("failed"), StringComparison.Ordinal);
        Assert.All(await Task.WhenAll(asked), nr => Assert.Equal(1L, nr));
    }

    [PostgreSqlFact]
    public async Task A_query_by_tag_waits_for_a_lower_number_that_is_committed_later()
    {
        var system = Open();
        var tag = _id;
        var ledger = system.ActorOf(Ledger.Props(_id));
        await ledger.Ask<long>(new Add($"{tag}:first"));

        await using var late = new NpgsqlConnection(server.ConnectionString);
        await late.OpenAsync();
        await using var transaction = await late.BeginTransactionAsync();
        await InsertAsync(late, transaction, $"{_id}-late", tag);
        await ledger.Ask<long>(new Add($"{tag}:after"));

        var seen = PersistenceQuery
            .Get(system)
            .ReadJournalFor<SqlReadJournal>(SqlReadJournal.Identifier)
            .EventsByTag(tag, Offset.NoOffset())
            .Select(e =>
            {
                _told.Writer.TryWrite(((Added)e.Event).Item);
                return e;
            })
            .Take(3)
            .RunWith(Sink.Seq<EventEnvelope>(), system.Materializer());
        // These commits take longer than many looks of the query.
        for (var i = 0; i < 50; i++)
            await ledger.Ask<long>(new Add($"{tag}:more"));
        Assert.False(seen.IsCompleted);
        await transaction.CommitAsync();
        var items = (await seen.WaitAsync(TimeSpan.FromSeconds(20))).Select(e => ((Added)e.Event).Item);
        Assert.Equal([$"{tag}:first", "late", $"{tag}:after"], items);
    }

    private static async Task InsertAsync(
        NpgsqlConnection connection,
        NpgsqlTransaction transaction,
        string id,
        string tag
    )
    {
        await using var command = new NpgsqlCommand(
            """
            WITH row AS (
              INSERT INTO journal (created, deleted, persistence_id, sequence_number, message, manifest, identifier)
              VALUES (1, false, @id, 1, '{"Item":"late"}'::bytea, 'added', 4711) RETURNING ordering)
            INSERT INTO tags (ordering_id, tag, sequence_nr, persistence_id) SELECT ordering, @tag, 1, @id FROM row
            """,
            connection,
            transaction
        );
        command.Parameters.AddWithValue("id", id);
        command.Parameters.AddWithValue("tag", tag);
        await command.ExecuteNonQueryAsync();
    }

    private ActorSystem Open()
    {
        var settings = SqlSettings.For("PostgreSQL.15", server.ConnectionString);
        var system = ActorSystem.Create("postgresql-test", ConfigurationFactory.ParseString(settings));
        _systems.Add(system);
        return system;
    }
}
