using System.Threading.Channels;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence.Tests.Support;

namespace Akka.Persistence.Tests;

public sealed class StashOverflowTests : IAsyncLifetime
{
    private readonly Told _told = new();
    private ActorSystem _system = null!;

    public Task InitializeAsync()
    {
        _system = ActorSystem.Create(
            "stash-test",
            ConfigurationFactory.ParseString(
                """
                akka.loglevel = WARNING
                silent-journal.class = "Akka.Persistence.Tests.SilentJournal, Akka.Persistence.Tests"
                small-stash {
                  mailbox-type = "Akka.Dispatch.UnboundedDequeBasedMailbox, Akka"
                  stash-capacity = 2
                }
                """
            )
        );
        return Task.CompletedTask;
    }

    public Task DisposeAsync() => _system.Terminate();

    [Fact]
    public async Task A_full_stash_answers_as_the_strategy_says()
    {
        // The journal never answers, so the actor stays in recovery and stashes.
        var actor = _system.ActorOf(Props.Create(() => new Patient(_told.Writer)).WithMailbox("small-stash"));
        actor.Tell("first");
        actor.Tell("second");
        Assert.Equal("full", await actor.Ask<string>("third", TimeSpan.FromSeconds(20)));
    }

    private sealed class Patient : ReceivePersistentActor
    {
        public Patient(ChannelWriter<string> told)
        {
            JournalPluginId = "silent-journal";
            CommandAny(m => told.TryWrite($"{m}"));
        }

        public override string PersistenceId => "patient";

        public override IStashOverflowStrategy InternalStashOverflowStrategy => new ReplyToStrategy("full");
    }
}
