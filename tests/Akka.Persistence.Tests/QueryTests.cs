using Akka.Actor;
using Akka.Persistence.Query;
using Akka.Persistence.Sql.Query;
using Akka.Persistence.Tests.Support;
using Akka.Streams;
using Akka.Streams.Dsl;

namespace Akka.Persistence.Tests;

public sealed class QueryTests : IAsyncLifetime
{
    private readonly JournalFile _file = new();
    private ActorSystem _system = null!;
    private ActorMaterializer _materializer = null!;
    private SqlReadJournal _journal = null!;

    public Task InitializeAsync()
    {
        _system = _file.Open();
        _materializer = _system.Materializer();
        _journal = PersistenceQuery.Get(_system).ReadJournalFor<SqlReadJournal>(SqlReadJournal.Identifier);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _file.DisposeAsync();

    [Fact]
    public async Task Current_events_of_an_actor_come_with_number_time_and_tags()
    {
        await AddAsync("l", "red:a", "b");
        var events = await AllAsync(_journal.CurrentEventsByPersistenceId("l", 0, long.MaxValue));
        Assert.Equal([new Added("red:a"), new Added("b")], events.Select(e => e.Event));
        Assert.Equal([1L, 2L], events.Select(e => e.SequenceNr));
        Assert.Equal(["red"], events[0].Tags);
        Assert.Empty(events[1].Tags);
        Assert.InRange(DateTime.UtcNow.Ticks - events[0].Timestamp, 0, TimeSpan.FromMinutes(5).Ticks);
    }

    [Fact]
    public async Task Events_of_an_actor_can_be_limited_by_number()
    {
        await AddAsync("l", "a", "b", "c", "d");
        var events = await AllAsync(_journal.CurrentEventsByPersistenceId("l", 2, 3));
        Assert.Equal([2L, 3L], events.Select(e => e.SequenceNr));
    }

    [Fact]
    public async Task A_live_query_by_id_gives_events_to_come_and_ends_at_the_last_number_asked_for()
    {
        var ledger = _system.ActorOf(Ledger.Props("l"));
        var events = AllAsync(_journal.EventsByPersistenceId("l", 1, 120));
        for (var i = 0; i < 12; i++)
            await ledger.Ask<long>(new AddAll([.. Enumerable.Range(0, 10).Select(n => $"{i}-{n}")]));
        Assert.Equal(Enumerable.Range(1, 120).Select(n => (long)n), (await events).Select(e => e.SequenceNr));
    }

    [Fact]
    public async Task Current_events_of_a_tag_are_those_with_the_tag_in_order()
    {
        await AddAsync("l", "red:a", "blue:b", "c");
        await AddAsync("m", "red,blue:d");
        Assert.Equal(
            ["red:a", "red,blue:d"],
            Names(await AllAsync(_journal.CurrentEventsByTag("red", Offset.NoOffset())))
        );
        Assert.Equal(
            ["blue:b", "red,blue:d"],
            Names(await AllAsync(_journal.CurrentEventsByTag("blue", Offset.NoOffset())))
        );
        Assert.Empty(await AllAsync(_journal.CurrentEventsByTag("green", Offset.NoOffset())));
    }

    [Fact]
    public async Task A_query_by_tag_goes_on_behind_the_offset_of_the_last_event()
    {
        await AddAsync("l", "red:a", "red:b", "red:c");
        var all = await AllAsync(_journal.CurrentEventsByTag("red", Offset.NoOffset()));
        Assert.Equal(["red:c"], Names(await AllAsync(_journal.CurrentEventsByTag("red", all[1].Offset))));
    }

    [Fact]
    public async Task A_live_query_by_tag_misses_and_repeats_nothing_while_many_write()
    {
        const int writers = 8;
        const int each = 100;
        var events = AllAsync(_journal.EventsByTag("red", Offset.NoOffset()).Take(writers * each));
        for (var w = 0; w < writers; w++)
        {
            var ledger = _system.ActorOf(Ledger.Props($"l{w}"));
            for (var i = 0; i < each; i++)
            {
                ledger.Tell(new Add($"red:{w}-{i}"));
                ledger.Tell(new Add("untagged"));
            }
        }
        var seen = await events;
        Assert.Equal(writers * each, seen.Select(e => e.Event).Distinct().Count());
        var offsets = seen.Select(e => ((Sequence)e.Offset).Value).ToArray();
        Assert.Equal(offsets.Order(), offsets);
    }

    [Fact]
    public async Task A_deleted_event_is_not_found_by_its_tag()
    {
        var ledger = await AddAsync("l", "red:a", "red:b");
        await ledger.Ask<DeleteMessagesSuccess>(new DeleteUpTo(1));
        Assert.Equal(["red:b"], Names(await AllAsync(_journal.CurrentEventsByTag("red", Offset.NoOffset()))));
    }

    [Fact]
    public async Task Persistence_ids_come_once_each_as_they_appear()
    {
        await AddAsync("a", "1");
        var ids = _journal.PersistenceIds().Take(3).RunWith(Sink.Seq<string>(), _materializer);
        await AddAsync("b", "1", "2");
        await AddAsync("c", "1");
        Assert.Equal(["a", "b", "c"], await Within(ids));
        var current = await Within(_journal.CurrentPersistenceIds().RunWith(Sink.Seq<string>(), _materializer));
        Assert.Equal(["a", "b", "c"], current);
    }

    [Fact]
    public async Task Every_event_is_found_across_pages()
    {
        await AddAsync("l", [.. Enumerable.Range(0, 130).Select(i => $"{i}")]);
        Assert.Equal(130, (await AllAsync(_journal.CurrentAllEvents(Offset.NoOffset()))).Count);
        Assert.Equal(130, (await AllAsync(_journal.AllEvents(Offset.NoOffset()).Take(130))).Count);
    }

    [Fact]
    public async Task A_query_on_a_new_database_finds_nothing() =>
        Assert.Empty(await AllAsync(_journal.CurrentEventsByTag("red", Offset.NoOffset())));

    private async Task<IActorRef> AddAsync(string id, params string[] items)
    {
        var ledger = _system.ActorOf(Ledger.Props(id));
        foreach (var item in items)
            await ledger.Ask<long>(new Add(item));
        return ledger;
    }

    private async Task<List<EventEnvelope>> AllAsync(Source<EventEnvelope, NotUsed> source) =>
        [.. await Within(source.RunWith(Sink.Seq<EventEnvelope>(), _materializer))];

    private static Task<T> Within<T>(Task<T> task) => task.WaitAsync(TimeSpan.FromSeconds(20));

    private static IEnumerable<string> Names(IEnumerable<EventEnvelope> events) =>
        events.Select(e => ((Added)e.Event).Item);
}
