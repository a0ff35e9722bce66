using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence.Journal;
using Akka.Persistence.Tests.Support;

namespace Akka.Persistence.Tests;

public sealed class BreakerTests : IAsyncLifetime
{
    private readonly Told _told = new();
    private ActorSystem _system = null!;

    public Task InitializeAsync()
    {
        FailingJournal.Writes = 0;
        _system = ActorSystem.Create(
            "breaker-test",
            ConfigurationFactory.ParseString(
                """
                akka.loglevel = OFF
                failing-journal {
                  class = "Akka.Persistence.Tests.FailingJournal, Akka.Persistence.Tests"
                  circuit-breaker { max-failures = 3, call-timeout = 10s, reset-timeout = 1h }
                }
                silent-journal {
                  class = "Akka.Persistence.Tests.SilentJournal, Akka.Persistence.Tests"
                  recovery-event-timeout = 50ms
                }
                """
            )
        );
        return Task.CompletedTask;
    }

    public Task DisposeAsync() => _system.Terminate();

    [Fact]
    public async Task After_so_many_failures_in_a_row_a_journal_is_left_in_peace()
    {
        var actors = Enumerable
            .Range(0, 6)
            .Select(i => _system.ActorOf(Props.Create(() => new Fragile($"l{i}", _told))))
            .ToArray();
        foreach (var actor in actors)
            await actor.Ask<bool>(true, TimeSpan.FromSeconds(20));
        var causes = new List<string>();
        foreach (var actor in actors)
        {
            actor.Tell("a");
            causes.Add(await _told.UntilAsync("failed"));
        }
        Assert.Equal(3, FailingJournal.Writes);
        Assert.All(causes.Take(3), c => Assert.Equal("failed InvalidOperationException", c));
        Assert.All(causes.Skip(3), c => Assert.Equal("failed OpenCircuitException", c));
    }

    [Fact]
    public async Task A_journal_that_never_answers_fails_the_recovery_in_time()
    {
        _system.ActorOf(Scripted.Props("p", _told, self => self.UseJournal("silent-journal")));
        Assert.StartsWith(
            "recovery failed: RecoveryTimedOutException",
            await _told.NextAsync(),
            StringComparison.Ordinal
        );
    }

    private sealed class Fragile : ReceivePersistentActor
    {
        private readonly Told _told;

        public Fragile(string id, Told told)
        {
            PersistenceId = id;
            _told = told;
            JournalPluginId = "failing-journal";
            Command<bool>(ready => Sender.Tell(ready));
            Command<string>(s => Persist(s, _ => { }));
        }

        public override string PersistenceId { get; }

        protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) =>
            _told.Writer.TryWrite($"failed {cause.GetType().Name}");
    }
}

public sealed class FailingJournal : AsyncWriteJournal
{
    public static int Writes { get; set; }

    public override Task<long> ReadHighestSequenceNrAsync(string persistenceId, long fromSequenceNr) =>
        Task.FromResult(0L);

    public override Task ReplayMessagesAsync(
        IActorContext context,
        string persistenceId,
        long fromSequenceNr,
        long toSequenceNr,
        long max,
        Action<IPersistentRepresentation> recoveryCallback
    ) => Task.CompletedTask;

    protected override Task<IImmutableList<Exception>> WriteMessagesAsync(IEnumerable<AtomicWrite> messages)
    {
        Writes++;
        return Task.FromException<IImmutableList<Exception>>(new InvalidOperationException("the disk is gone"));
    }

    protected override Task DeleteMessagesToAsync(string persistenceId, long toSequenceNr) => Task.CompletedTask;
}

public sealed class SilentJournal : AsyncWriteJournal
{
    public override Task<long> ReadHighestSequenceNrAsync(string persistenceId, long fromSequenceNr) =>
        new TaskCompletionSource<long>().Task;

    public override Task ReplayMessagesAsync(
        IActorContext context,
        string persistenceId,
        long fromSequenceNr,
        long toSequenceNr,
        long max,
        Action<IPersistentRepresentation> recoveryCallback
    ) => Task.CompletedTask;

    protected override Task<IImmutableList<Exception>> WriteMessagesAsync(IEnumerable<AtomicWrite> messages) =>
        Task.FromResult<IImmutableList<Exception>>(ImmutableArray<Exception>.Empty);

    protected override Task DeleteMessagesToAsync(string persistenceId, long toSequenceNr) => Task.CompletedTask;
}
