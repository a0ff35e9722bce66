using System.Threading.Channels;
using Akka.Actor;
using Akka.Persistence.Journal;
using Akka.Persistence.Tests.Support;

namespace Akka.Persistence.Tests;

public sealed class MemoryPluginTests : IAsyncLifetime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private readonly Told _told = new();
    private readonly ActorSystem _system = ActorSystem.Create(
        "memory",
        """
        akka.loglevel = OFF
        akka.stdout-loglevel = OFF
        akka.persistence.journal.plugin = "akka.persistence.journal.inmem"
        akka.persistence.journal.inmem.class = "Akka.Persistence.Tests.MemoryPluginTests+Doubling, Akka.Persistence.Tests"
        akka.persistence.snapshot-store.plugin = "akka.persistence.snapshot-store.inmem"
        """
    );

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _system.Terminate();

    [Fact]
    public async Task A_journal_on_top_of_the_one_in_memory_reads_and_changes_its_events()
    {
        var first = _system.ActorOf(Ledger.Props("l"));
        await first.Ask<long>(new AddAll("a", "b", "keep", "gone"), s_patience);
        await first.GracefulStop(s_patience);
        var second = _system.ActorOf(Ledger.Props("l"));
        Assert.Equal(["aa", "bb", "keep"], (await second.Ask<Items>(new GetItems(), s_patience)).All);
        Assert.Equal(5L, await second.Ask<long>(new Add("next"), s_patience));
    }

    [Fact]
    public async Task An_actor_without_a_persistence_id_does_not_start()
    {
        var watcher = _system.ActorOf(Props.Create(() => new Watcher(Ledger.Props(null!), _told.Writer)));
        watcher.Tell("watch");
        Assert.Equal("ended", await _told.NextAsync());
    }

    [Fact]
    public async Task No_list_of_events_is_nothing_to_persist()
    {
        var actor = _system.ActorOf(Props.Create(() => new Listless()));
        Assert.Equal("went on", await actor.Ask<string>("x", s_patience));
    }

    [Fact]
    public async Task Events_that_are_not_there_yet_cannot_be_deleted()
    {
        var actor = _system.ActorOf(Props.Create(() => new Listless()));
        var failure = await actor.Ask<DeleteMessagesFailure>(7L, s_patience);
        Assert.Equal(7L, failure.ToSequenceNr);
    }

    [Fact]
    public async Task Where_no_snapshot_store_is_configured_snapshots_are_refused()
    {
        var none = Persistence.Instance.Apply(_system).SnapshotStoreFor("akka.persistence.no-snapshot-store");
        var refused = await none.Ask<SaveSnapshotFailure>(
            new SaveSnapshot(new SnapshotMetadata("s", 1), "state"),
            s_patience
        );
        Assert.StartsWith("No snapshot store configured", refused.Cause.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_binding_to_an_adapter_that_is_not_there_is_named()
    {
        var cause = Assert.Throws<ArgumentException>(() =>
            EventAdapters.Create((ExtendedActorSystem)_system, """event-adapter-bindings { "System.String" = none }""")
        );
        Assert.Contains(
            "System.String was bound to undefined event-adapter: none",
            cause.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_snapshot_keeps_the_time_it_comes_with()
    {
        var store = Persistence.Instance.Apply(_system).SnapshotStoreFor(null!);
        var taken = new SnapshotMetadata("s", 3, new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc));
        var saved = await store.Ask<SaveSnapshotSuccess>(new SaveSnapshot(taken, "state"), s_patience);
        Assert.Equal(taken, saved.Metadata);
        var stamped = await store.Ask<SaveSnapshotSuccess>(
            new SaveSnapshot(new SnapshotMetadata("s", 4), "state"),
            s_patience
        );
        Assert.NotEqual(DateTime.MinValue, stamped.Metadata.Timestamp);
    }

    public sealed class Doubling : MemoryJournal
    {
        public override Task ReplayMessagesAsync(
            IActorContext context,
            string persistenceId,
            long fromSequenceNr,
            long toSequenceNr,
            long max,
            Action<IPersistentRepresentation> recoveryCallback
        )
        {
            foreach (var stored in Read(persistenceId, fromSequenceNr, HighestSequenceNr(persistenceId), 2).ToArray())
                Update(persistenceId, stored.SequenceNr, Doubled);
            Delete(persistenceId, 4);
            return base.ReplayMessagesAsync(
                context,
                persistenceId,
                fromSequenceNr,
                toSequenceNr,
                max,
                recoveryCallback
            );
        }

        private static IPersistentRepresentation Doubled(IPersistentRepresentation stored) =>
            stored.WithPayload(new Added(((Added)stored.Payload).Item + ((Added)stored.Payload).Item));
    }

    private sealed class Watcher : ReceiveActor
    {
        public Watcher(Props props, ChannelWriter<string> told)
        {
            Receive<Terminated>(_ => told.TryWrite("ended"));
            ReceiveAny(_ => Context.Watch(Context.ActorOf(props)));
        }
    }

    private sealed class Listless : UntypedPersistentActor
    {
        private IActorRef _asker = ActorRefs.Nobody;

        public override string PersistenceId => "listless";

        protected override void OnCommand(object message)
        {
            switch (message)
            {
                case long toSequenceNr:
                    _asker = Sender;
                    DeleteMessages(toSequenceNr);
                    break;
                case DeleteMessagesFailure:
                    _asker.Tell(message);
                    break;
                default:
                    PersistAll<string>(null!, _ => { });
                    Sender.Tell("went on");
                    break;
            }
        }

        protected override void OnRecover(object message) { }
    }
}
