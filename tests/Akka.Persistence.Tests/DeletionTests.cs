using Akka.Actor;
using Akka.Persistence.Tests.Support;

namespace Akka.Persistence.Tests;

public sealed class DeletionTests : IAsyncLifetime
{
    private readonly JournalFile _file = new();
    private ActorSystem _system = null!;

    public Task InitializeAsync()
    {
        _system = _file.Open();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _file.DisposeAsync();

    [Fact]
    public async Task Deleted_events_are_gone_but_for_the_one_that_keeps_the_highest_number()
    {
        var ledger = _system.ActorOf(Ledger.Props("l"));
        await ledger.Ask<long>(new AddAll("red:a", "red:b", "red:c", "red:d"));
        Assert.Equal(3, (await ledger.Ask<DeleteMessagesSuccess>(new DeleteUpTo(3))).ToSequenceNr);
        Assert.Equal(["3|1", "4|0"], _file.Texts("SELECT sequence_number, deleted FROM journal ORDER BY 1"));
        Assert.Equal(["4"], _file.Texts("SELECT sequence_nr FROM tags"));

        var items = await _file.Open().ActorOf(Ledger.Props("l")).Ask<Items>(new GetItems());
        Assert.Equal(["red:d"], items.All);
    }

    [Fact]
    public async Task An_actor_without_events_goes_on_counting_where_it_was()
    {
        var ledger = _system.ActorOf(Ledger.Props("l"));
        await ledger.Ask<long>(new AddAll("a", "b", "c"));
        await ledger.Ask<DeleteMessagesSuccess>(new DeleteUpTo(long.MaxValue));

        var successor = _file.Open().ActorOf(Ledger.Props("l"));
        Assert.Equal(new Numbers(3, 0), await successor.Ask<Numbers>(new GetNumbers()));
        Assert.Equal(4L, await successor.Ask<long>(new Add("d")));
    }

    [Fact]
    public async Task Deleting_twice_leaves_one_tombstone()
    {
        var ledger = _system.ActorOf(Ledger.Props("l"));
        await ledger.Ask<long>(new AddAll("a", "b", "c"));
        await ledger.Ask<DeleteMessagesSuccess>(new DeleteUpTo(1));
        await ledger.Ask<DeleteMessagesSuccess>(new DeleteUpTo(2));
        Assert.Equal(["2|1", "3|0"], _file.Texts("SELECT sequence_number, deleted FROM journal ORDER BY 1"));
    }

    [Fact]
    public async Task Another_actors_events_stay()
    {
        await _system.ActorOf(Ledger.Props("other")).Ask<long>(new Add("a"));
        var ledger = _system.ActorOf(Ledger.Props("l"));
        await ledger.Ask<long>(new Add("b"));
        await ledger.Ask<DeleteMessagesSuccess>(new DeleteUpTo(1));
        Assert.Equal(["l|1", "other|0"], _file.Texts("SELECT persistence_id, deleted FROM journal ORDER BY 1"));
    }

    [Fact]
    public async Task Snapshots_that_meet_the_criteria_are_deleted()
    {
        var ledger = _system.ActorOf(Ledger.Props("l"));
        foreach (var item in new[] { "a", "b", "c" })
        {
            await ledger.Ask<long>(new Add(item));
            await ledger.Ask<SaveSnapshotSuccess>(new TakeSnapshot());
        }
        await ledger.Ask<DeleteSnapshotsSuccess>(new SnapshotSelectionCriteria(2));
        Assert.Equal(["3"], _file.Texts("SELECT sequence_number FROM snapshot"));
    }

    [Fact]
    public async Task A_snapshot_taken_again_at_the_same_event_replaces_the_first()
    {
        var ledger = _system.ActorOf(Ledger.Props("l"));
        await ledger.Ask<long>(new Add("a"));
        await ledger.Ask<SaveSnapshotSuccess>(new TakeSnapshot());
        await ledger.Ask<SaveSnapshotSuccess>(new TakeSnapshot());
        Assert.Equal(["1"], _file.Texts("SELECT COUNT(*) FROM snapshot"));
    }
}
