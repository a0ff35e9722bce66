using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence.Journal;
using Akka.Persistence.Tests.Support;

namespace Akka.Persistence.Tests;

public sealed class AdapterTests : IAsyncLifetime
{
    private readonly Told _told = new();
    private ActorSystem _system = null!;

    public Task InitializeAsync()
    {
        _system = ActorSystem.Create(
            "adapter-test",
            ConfigurationFactory.ParseString(
                """
                akka.loglevel = WARNING
                akka.actor.ask-timeout = 20s
                adapted {
                  class = "Akka.Persistence.Journal.MemoryJournal, Akka.Persistence"
                  event-adapters {
                    wrapper = "Akka.Persistence.Tests.Wrapper, Akka.Persistence.Tests"
                    doubler = "Akka.Persistence.Tests.Doubler, Akka.Persistence.Tests"
                  }
                  event-adapter-bindings {
                    "System.Object, System.Private.CoreLib" = wrapper
                    "Akka.Persistence.Tests.Wrapped, Akka.Persistence.Tests" = [wrapper, doubler]
                  }
                }
                """
            )
        );
        return Task.CompletedTask;
    }

    public Task DisposeAsync() => _system.Terminate();

    [Fact]
    public async Task Events_pass_the_adapters_of_their_nearest_type_on_their_way_out_and_in()
    {
        var writer = Start();
        writer.Tell("a");
        Assert.Equal("stored a", await _told.NextAsync());
        Start();
        // The stored form is bound to two adapters: each gives its own events.
        Assert.Equal(["event a", "event a", "event a"], await _told.TakeAsync(3));
    }

    private IActorRef Start() =>
        _system.ActorOf(
            Scripted.Props(
                "p",
                _told,
                self =>
                {
                    self.UseJournal("adapted");
                    self.OnRecovered<string>(e => self.Tell($"event {e}"));
                    self.On<string>(command => self.Persist(command, e => self.Tell($"stored {e}")));
                }
            )
        );
}

public sealed record Wrapped(string Text);

public sealed class Wrapper : IEventAdapter
{
    public string Manifest(object evt) => "wrapped";

    public object ToJournal(object evt) => evt is string text ? new Wrapped(text) : evt;

    public IEventSequence FromJournal(object evt, string manifest) =>
        evt is Wrapped wrapped ? EventSequence.Single(wrapped.Text) : EventSequence.Empty;
}

public sealed class Doubler : IReadEventAdapter
{
    public IEventSequence FromJournal(object evt, string manifest) =>
        EventSequence.Create(((Wrapped)evt).Text, ((Wrapped)evt).Text);
}
