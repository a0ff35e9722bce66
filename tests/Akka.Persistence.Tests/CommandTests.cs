using Akka.Actor;
using Akka.Persistence.Tests.Support;

namespace Akka.Persistence.Tests;

public sealed class CommandTests : IAsyncLifetime
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
    public async Task An_asynchronous_handler_can_persist_after_it_has_waited()
    {
        var released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var actor = _system.ActorOf(
            Scripted.Props(
                "p",
                _told,
                self =>
                    self.OnAsync<string>(async command =>
                    {
                        self.Tell($"command {command}");
                        await released.Task;
                        self.Persist(new Added(command), e => self.Tell($"stored {e.Item}"));
                    })
            )
        );
        actor.Tell("a");
        actor.Tell("b");
        Assert.Equal("command a", await _told.NextAsync());
        released.SetResult();
        Assert.Equal(["stored a", "command b", "stored b"], await _told.TakeAsync(3));
    }

    [Fact]
    public async Task An_asynchronous_handler_that_never_waits_is_as_good_as_another()
    {
        var actor = _system.ActorOf(
            Scripted.Props(
                "p",
                _told,
                self =>
                    self.OnAsync<string>(command =>
                    {
                        self.Persist(new Added(command), e => self.Tell($"stored {e.Item}"));
                        return Task.CompletedTask;
                    })
            )
        );
        foreach (var command in new[] { "a", "b", "c" })
            actor.Tell(command);
        Assert.Equal(["stored a", "stored b", "stored c"], await _told.TakeAsync(3));
    }

    [Fact]
    public async Task What_an_actor_stashes_itself_comes_back_when_it_asks_for_it()
    {
        var actor = _system.ActorOf(
            Scripted.Props(
                "p",
                _told,
                self =>
                {
                    self.On<int>(_ => self.Stash.Stash());
                    self.On<string>(command =>
                        self.Persist(
                            new Added(command),
                            e =>
                            {
                                self.Tell($"stored {e.Item}");
                                self.Switch(() => self.On<int>(number => self.Tell($"number {number}")));
                                self.Stash.UnstashAll();
                            }
                        )
                    );
                }
            )
        );
        actor.Tell(1);
        actor.Tell(2);
        actor.Tell("a");
        Assert.Equal(["stored a", "number 1", "number 2"], await _told.TakeAsync(3));
    }

    [Fact]
    public async Task Timers_work_in_a_persistent_actor_and_wait_like_commands()
    {
        var actor = _system.ActorOf(
            Scripted.Props(
                "p",
                _told,
                self =>
                {
                    self.On<string>(command =>
                    {
                        self.Timers.StartSingleTimer("key", 5, TimeSpan.FromMilliseconds(1));
                        self.Persist(new Added(command), e => self.Tell($"stored {e.Item}"));
                    });
                    self.On<int>(number => self.Tell($"timer {number}"));
                }
            )
        );
        actor.Tell("a");
        Assert.Equal(["stored a", "timer 5"], await _told.TakeAsync(2));
    }

    [Fact]
    public async Task A_command_that_nothing_takes_is_published_as_unhandled()
    {
        var actor = _system.ActorOf(Ledger.Props("l"));
        await actor.Ask<Numbers>(new GetNumbers());
        var probe = new Probe(_system);
        _system.EventStream.Subscribe(probe.Ref, typeof(Event.UnhandledMessage));
        actor.Tell(1.5);
        Assert.Equal(1.5, (await probe.NextAsync<Event.UnhandledMessage>()).Message);
    }

    [Fact]
    public async Task A_restarted_actor_recovers_what_it_had_persisted()
    {
        var ledger = _system.ActorOf(Ledger.Props("l", _told.Writer));
        await ledger.Ask<long>(new Add("a"));
        ledger.Tell(new Crash());
        Assert.Equal(2L, await ledger.Ask<long>(new Add("b")));
        Assert.Equal(["a", "b"], (await ledger.Ask<Items>(new GetItems())).All);
    }

    [Fact]
    public async Task One_object_sent_many_times_counts_as_often()
    {
        var ledger = _system.ActorOf(Ledger.Props("l"));
        var same = new Add("a");
        for (var i = 0; i < 10; i++)
            ledger.Tell(same);
        Assert.Equal(11L, await ledger.Ask<long>(same));
    }

    [Fact]
    public async Task Commands_that_came_before_a_crash_are_not_lost()
    {
        var ledger = _system.ActorOf(Ledger.Props("l"));
        ledger.Tell(new Add("a"));
        ledger.Tell(new Crash());
        for (var i = 0; i < 20; i++)
            ledger.Tell(new Add($"b{i}"));
        Assert.Equal(22L, await ledger.Ask<long>(new Add("last")));
    }

    [Fact]
    public async Task The_end_of_a_watched_actor_is_heard_of_also_when_it_comes_while_an_event_is_stored()
    {
        IActorRef[] watched = [.. Enumerable.Range(0, 20).Select(_ => _system.ActorOf(Akka.Actor.Props.Empty))];
        var actor = _system.ActorOf(
            Scripted.Props(
                "p",
                _told,
                self =>
                {
                    self.On<string>(_ =>
                    {
                        foreach (var each in watched)
                            self.Watch(each);
                        self.Tell("watches");
                    });
                    self.On<Terminated>(_ => self.Persist(new Added("end"), _ => self.Tell("stored")));
                }
            )
        );
        actor.Tell("watch");
        Assert.Equal("watches", await _told.NextAsync());
        foreach (var each in watched)
            _system.Stop(each);
        Assert.All(await _told.TakeAsync(watched.Length), told => Assert.Equal("stored", told));
    }
}
