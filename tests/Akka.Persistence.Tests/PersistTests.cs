using Akka.Actor;
using Akka.Persistence.Tests.Support;

namespace Akka.Persistence.Tests;

public sealed class PersistTests : IAsyncLifetime
{
    private readonly JournalFile _file = new();
    private readonly Told _told = new();
    private ActorSystem _system = null!;

    public Task InitializeAsync()
    {
        _system = _file.Open();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _file.DisposeAsync();

    [Fact]
    public async Task A_handler_runs_after_the_event_is_stored_and_can_answer_the_sender()
    {
        var ledger = _system.ActorOf(Ledger.Props("l"));
        Assert.Equal(1L, await ledger.Ask<long>(new Add("a")));
        Assert.Equal(["1|l|1"], _file.Texts("SELECT ordering, persistence_id, sequence_number FROM journal"));
    }

    [Fact]
    public async Task Commands_wait_until_the_handlers_of_Persist_have_run()
    {
        var actor = _system.ActorOf(
            Scripted.Props(
                "p",
                _told,
                self =>
                    self.On<string>(command =>
                    {
                        self.Tell($"command {command}");
                        self.Persist(new Added(command + "1"), e => self.Tell($"stored {e.Item}"));
                        self.Persist(new Added(command + "2"), e => self.Tell($"stored {e.Item}"));
                    })
            )
        );
        foreach (var command in new[] { "a", "b", "c" })
            actor.Tell(command);
        Assert.Equal(
            [
                "command a",
                "stored a1",
                "stored a2",
                "command b",
                "stored b1",
                "stored b2",
                "command c",
                "stored c1",
                "stored c2",
            ],
            await _told.TakeAsync(9)
        );
    }

    [Fact]
    public async Task Commands_wait_for_a_Persist_inside_a_handler_too()
    {
        var actor = _system.ActorOf(
            Scripted.Props(
                "p",
                _told,
                self =>
                    self.On<string>(command =>
                    {
                        self.Tell($"command {command}");
                        self.Persist(
                            new Added("outer"),
                            _ => self.Persist(new Added("inner"), e => self.Tell($"stored {e.Item} of {command}"))
                        );
                    })
            )
        );
        actor.Tell("a");
        actor.Tell("b");
        Assert.Equal(["command a", "stored inner of a", "command b", "stored inner of b"], await _told.TakeAsync(4));
    }

    [Fact]
    public async Task PersistAll_stores_events_in_order_with_consecutive_numbers()
    {
        var ledger = _system.ActorOf(Ledger.Props("l", _told.Writer));
        ledger.Tell(new AddAll("a", "b", "c"));
        Assert.Equal(["recovered", "stored a", "stored b", "stored c"], await _told.TakeAsync(4));
        Assert.Equal(new Numbers(3, 3), await ledger.Ask<Numbers>(new GetNumbers()));
    }

    [Fact]
    public async Task Handlers_of_PersistAsync_run_in_the_order_of_the_events()
    {
        var ledger = _system.ActorOf(Ledger.Props("l", _told.Writer));
        ledger.Tell(new AddAsync("a1", "a2"));
        ledger.Tell(new AddAsync("b1", "b2"));
        Assert.Equal(["recovered", "stored a1", "stored a2", "stored b1", "stored b2"], await _told.TakeAsync(5));
    }

    [Fact]
    public async Task PersistAsync_lets_the_next_command_in_before_its_event_is_stored()
    {
        var actor = _system.ActorOf(
            Scripted.Props(
                "p",
                _told,
                self =>
                {
                    self.On<string>(command =>
                    {
                        self.Tell(command);
                        // The second command stands in the mailbox already, ahead of the journal's answer.
                        self.PersistAsync(new Added(command), e => self.Tell($"stored {e.Item}"));
                        if (string.Equals(command, "a", StringComparison.Ordinal))
                            self.Asker.Tell("go");
                    });
                    self.On<int>(_ => self.Tell("number"));
                }
            )
        );
        actor.Tell("a");
        actor.Tell(1);
        actor.Tell("b");
        var told = await _told.TakeAsync(5);
        Assert.True(told.IndexOf("stored a") < told.IndexOf("stored b"));
        Assert.True(told.IndexOf("a") < told.IndexOf("number") && told.IndexOf("number") < told.IndexOf("b"));
    }

    [Fact]
    public async Task DeferAsync_keeps_its_turn_behind_pending_events_and_stores_nothing()
    {
        var actor = _system.ActorOf(
            Scripted.Props(
                "p",
                _told,
                self =>
                    self.On<string>(command =>
                    {
                        self.PersistAsync(new Added(command), e => self.Tell($"stored {e.Item}"));
                        self.DeferAsync("deferred", d => self.Tell($"{d} {command}"));
                        self.PersistAsync(new Added(command + "2"), e => self.Tell($"stored {e.Item}"));
                    })
            )
        );
        actor.Tell("a");
        Assert.Equal(["stored a", "deferred a", "stored a2"], await _told.TakeAsync(3));
        Assert.Equal(["2"], _file.Texts("SELECT COUNT(*) FROM journal"));
    }

    [Fact]
    public async Task DeferAsync_runs_at_once_when_nothing_is_pending()
    {
        var actor = _system.ActorOf(
            Scripted.Props(
                "p",
                _told,
                self =>
                    self.On<string>(_ =>
                    {
                        self.DeferAsync("now", self.Tell);
                        self.Tell("after");
                    })
            )
        );
        actor.Tell("a");
        Assert.Equal(["now", "after"], await _told.TakeAsync(2));
    }

    [Fact]
    public async Task An_event_that_cannot_be_serialised_is_rejected_and_the_actor_goes_on()
    {
        var ledger = _system.ActorOf(Ledger.Props("l", _told.Writer));
        Assert.Equal(-1L, await ledger.Ask<long>(new AddPoison()));
        Assert.Equal(2L, await ledger.Ask<long>(new Add("a")));
        Assert.StartsWith("rejected 1: Poison", (await _told.TakeAsync(2))[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Persisting_while_recovering_fails_the_recovery()
    {
        await _system.ActorOf(Ledger.Props("p")).Ask<long>(new Add("a"));
        _system.ActorOf(
            Scripted.Props("p", _told, self => self.OnRecovered<Added>(_ => self.Persist(new Added("x"), _ => { })))
        );
        Assert.StartsWith(
            "recovery failed: InvalidOperationException",
            await _told.NextAsync(),
            StringComparison.Ordinal
        );
    }
}
