using Akka.Actor;
using Akka.Persistence.Tests.Support;

namespace Akka.Persistence.Tests;

public sealed class FaultTests : IAsyncLifetime
{
    private readonly JournalFile _file = new();
    private readonly Told _told = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _file.DisposeAsync();

    [Fact]
    public async Task The_second_of_two_writers_of_one_id_fails_stops_and_says_why()
    {
        var first = _file.Open().ActorOf(Ledger.Props("l"));
        var second = _file.Open().ActorOf(Ledger.Props("l", _told.Writer));
        await second.Ask<Numbers>(new GetNumbers());
        Assert.Equal(1L, await first.Ask<long>(new Add("first")));
        second.Tell(new Add("second"));
        var told = await _told.TakeAsync(3);
        Assert.StartsWith("failed 1: Event 1 of 'l'", told[1], StringComparison.Ordinal);
        Assert.Contains("another writer", told[1], StringComparison.Ordinal);
        Assert.Equal("stopped", told[2]);
        Assert.Equal(2L, await first.Ask<long>(new Add("still here")));
        Assert.Equal(["2"], _file.Texts("SELECT COUNT(*) FROM journal"));
    }

    [Fact]
    public async Task An_event_of_a_writer_that_had_been_replaced_is_left_out_of_a_recovery()
    {
        await _file.Open().ActorOf(Ledger.Props("l")).Ask<long>(new AddAll("a", "b", "c", "d"));
        _file.Execute("UPDATE journal SET writer_uuid = 'old' WHERE sequence_number IN (1, 4)");
        var successor = _file.Open().ActorOf(Ledger.Props("l"));
        Assert.Equal(["a", "b", "c"], (await successor.Ask<Items>(new GetItems())).All);
        Assert.Equal(5L, await successor.Ask<long>(new Add("e")));
    }

    [Fact]
    public async Task One_write_that_cannot_be_stored_takes_none_of_fifty_others_with_it()
    {
        var system = _file.Open();
        var poisoned = system.ActorOf(Ledger.Props("poisoned", _told.Writer));
        var others = Enumerable.Range(0, 50).Select(i => system.ActorOf(Ledger.Props($"l{i}"))).ToArray();
        await Task.WhenAll(others.Append(poisoned).Select(a => a.Ask<Numbers>(new GetNumbers())));
        Occupy("poisoned", 1);

        var asked = new List<Task<long>>();
        for (var i = 0; i < others.Length; i++)
        {
            if (i == 25)
                poisoned.Tell(new Add("never"));
            asked.Add(others[i].Ask<long>(new Add("a")));
        }
        Assert.All(await Task.WhenAll(asked), nr => Assert.Equal(1L, nr));
        Assert.Contains("another writer", await _told.UntilAsync("failed"), StringComparison.Ordinal);
        Assert.Equal(["50"], _file.Texts("SELECT COUNT(*) FROM journal WHERE persistence_id <> 'poisoned'"));
    }

    [Fact]
    public async Task Nothing_is_stored_behind_a_write_that_failed()
    {
        var system = _file.Open();
        var ledger = system.ActorOf(Ledger.Props("l", _told.Writer));
        await ledger.Ask<Numbers>(new GetNumbers());
        Occupy("l", 1);
        for (var i = 0; i < 50; i++)
            ledger.Tell(new AddAsync($"{i}"));
        await _told.UntilAsync("stopped");
        // Another actor's write comes behind all that was sent before it.
        await system.ActorOf(Ledger.Props("other")).Ask<long>(new Add("a"));
        Assert.Equal(["1"], _file.Texts("SELECT sequence_number FROM journal WHERE persistence_id = 'l'"));
    }

    [Fact]
    public async Task A_locked_database_fails_the_write_and_loses_nothing_that_was_acknowledged()
    {
        var system = _file.Open();
        var ledger = system.ActorOf(Ledger.Props("l", _told.Writer));
        await ledger.Ask<long>(new Add("a"));
        using (var blocker = _file.Connect())
        {
            using var transaction = blocker.BeginTransaction();
            ledger.Tell(new Add("b"));
            Assert.Contains("locked", await _told.UntilAsync("failed 2"), StringComparison.Ordinal);
        }
        var successor = system.ActorOf(Ledger.Props("l"));
        Assert.Equal(2L, await successor.Ask<long>(new Add("c")));
        Assert.Equal(["a", "c"], (await successor.Ask<Items>(new GetItems())).All);
    }

    [Fact]
    public async Task A_database_that_cannot_be_opened_fails_the_recovery_with_its_reason()
    {
        var system = _file.Open(
            "nowhere { class = \"Akka.Persistence.Sql.Journal.SqlWriteJournal, Akka.Persistence.Sql\", "
                + "connection-string = \"Data Source=/nonexistent/journal.db\", provider-name = \"SQLite.MS\" }\n"
        );
        var actor = system.ActorOf(Scripted.Props("p", _told, self => self.UseJournal("nowhere")));
        actor.Tell("a");
        Assert.Contains("unable to open database file", await _told.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Saving_a_snapshot_without_a_snapshot_store_is_refused()
    {
        var system = _file.Open();
        var actor = system.ActorOf(
            Scripted.Props(
                "p",
                _told,
                self =>
                {
                    self.UseSnapshotStore("akka.persistence.no-snapshot-store");
                    self.On<string>(self.SaveSnapshot);
                    self.On<SaveSnapshotFailure>(f => self.Tell(f.Cause.GetType().Name));
                }
            )
        );
        actor.Tell("state");
        Assert.Equal("NoSnapshotStoreException", await _told.NextAsync());
    }

    private void Occupy(string persistenceId, long sequenceNr) =>
        _file.Execute(
            $"""
            INSERT INTO journal (created, deleted, persistence_id, sequence_number, message, manifest, identifier)
            VALUES (1, 0, '{persistenceId}', {sequenceNr}, x'00', 'added', 4711)
            """
        );
}
