using Akka.Actor;
using Akka.Persistence.Tests.Support;

namespace Akka.Persistence.Tests;

public sealed class RecoveryTests : IAsyncLifetime
{
    private readonly JournalFile _file = new();
    private readonly Told _told = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _file.DisposeAsync();

    [Fact]
    public async Task A_new_process_finds_what_the_one_before_had_acknowledged()
    {
        // The first system is neither stopped nor told: as after a kill, it is just not used any more.
        await _file.Open().ActorOf(Ledger.Props("l")).Ask<long>(new AddAll("a", "b"));
        var items = await _file.Open().ActorOf(Ledger.Props("l")).Ask<Items>(new GetItems());
        Assert.Equal(["a", "b"], items.All);
    }

    [Fact]
    public async Task Ten_thousand_events_are_recovered_in_order()
    {
        var expected = Enumerable.Range(0, 10_000).Select(i => $"item {i}").ToArray();
        var writer = _file.Open().ActorOf(Ledger.Props("l", _told.Writer));
        foreach (var part in expected.Chunk(500))
            writer.Tell(new AddAll(part));
        await _told.UntilAsync("stored item 9999");
        var items = await _file.Open().ActorOf(Ledger.Props("l")).Ask<Items>(new GetItems(), TimeSpan.FromSeconds(30));
        Assert.Equal(expected, items.All);
    }

    [Fact]
    public async Task Recovery_starts_from_the_newest_snapshot()
    {
        var writer = _file.Open().ActorOf(Ledger.Props("l"));
        await writer.Ask<long>(new AddAll([.. Enumerable.Range(0, 5000).Select(i => $"{i}")]));
        var saved = await writer.Ask<SaveSnapshotSuccess>(new TakeSnapshot());
        Assert.Equal(5000, saved.Metadata.SequenceNr);
        var last = Enumerable.Range(5000, 5000).Select(i => $"{i}").ToArray();
        await writer.Ask<long>(new AddAll(last));
        await writer.Ask<Numbers>(new GetNumbers());

        var reader = _file.Open().ActorOf(Ledger.Props("l", _told.Writer));
        Assert.Equal(new Numbers(10_000, 10_000), await reader.Ask<Numbers>(new GetNumbers()));
        Assert.Equal(["offer 5000", "recovered"], await _told.TakeAsync(2));
    }

    [Theory]
    [InlineData(7, long.MaxValue, 7)]
    [InlineData(long.MaxValue, 4, 4)]
    [InlineData(5, 3, 3)]
    public async Task A_recovery_can_be_limited(long toSequenceNr, long replayMax, int items)
    {
        await _file.Open().ActorOf(Ledger.Props("l")).Ask<long>(new AddAll([.. "abcdefghij".Select(c => $"{c}")]));
        var recovery = new Recovery(SnapshotSelectionCriteria.Latest, toSequenceNr, replayMax);
        var reader = _file.Open().ActorOf(Ledger.Props("l", recovery: recovery));
        Assert.Equal(new Numbers(10, items), await reader.Ask<Numbers>(new GetNumbers()));
    }

    [Fact]
    public async Task A_recovery_can_start_from_an_older_snapshot_or_none()
    {
        var writer = _file.Open().ActorOf(Ledger.Props("l"));
        foreach (var item in new[] { "a", "b" })
        {
            await writer.Ask<long>(new Add(item));
            await writer.Ask<SaveSnapshotSuccess>(new TakeSnapshot());
        }
        var older = _file
            .Open()
            .ActorOf(Ledger.Props("l", _told.Writer, new Recovery(new SnapshotSelectionCriteria(1))));
        Assert.Equal(["a", "b"], (await older.Ask<Items>(new GetItems())).All);
        Assert.Equal(["offer 1", "recovered"], await _told.TakeAsync(2));

        var none = _file.Open().ActorOf(Ledger.Props("l", _told.Writer, Recovery.None));
        Assert.Equal(new Numbers(2, 0), await none.Ask<Numbers>(new GetNumbers()));
    }

    [Fact]
    public async Task An_event_that_cannot_be_applied_stops_the_actor()
    {
        var system = _file.Open();
        await system.ActorOf(Ledger.Props("p")).Ask<long>(new Add("a"));
        var actor = system.ActorOf(
            Scripted.Props(
                "p",
                _told,
                self => self.OnRecovered<Added>(_ => throw new FormatException("cannot be applied"))
            )
        );
        await new Probe(system, actor).NextAsync<Terminated>();
        Assert.Equal("recovery failed: FormatException: cannot be applied", await _told.NextAsync());
    }

    [Fact]
    public async Task Few_permits_are_enough_for_many_actors()
    {
        var system = _file.Open("akka.persistence.max-concurrent-recoveries = 2\n");
        var asked = Enumerable
            .Range(0, 100)
            .Select(i => system.ActorOf(Ledger.Props($"l{i}")).Ask<Numbers>(new GetNumbers()));
        Assert.All(await Task.WhenAll(asked), numbers => Assert.Equal(new Numbers(0, 0), numbers));
    }
}
