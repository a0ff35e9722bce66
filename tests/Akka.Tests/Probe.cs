using System.Threading.Channels;
using Akka.Actor;
using Akka.Configuration;

namespace Akka.Tests;

/// <summary>An actor that hands what it receives to the test.</summary>
public sealed class Probe
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Channel<(object Message, IActorRef Sender)> _received = Channel.CreateUnbounded<(
        object,
        IActorRef
    )>();

    public Probe(ActorSystem system) => Ref = system.ActorOf(Props.Create(() => new Recorder(_received.Writer)));

    public IActorRef Ref { get; }

    public IActorRef LastSender { get; private set; } = ActorRefs.NoSender;

    public async Task<T> Next<T>()
    {
        using var limit = new CancellationTokenSource(Patience);
        var (message, sender) = await _received.Reader.ReadAsync(limit.Token);
        LastSender = sender;
        return Assert.IsType<T>(message, exactMatch: false);
    }

    /// <summary>The next message, which has to be this one.</summary>
    public async Task Expect(object message) => Assert.Equal(message, await Next<object>());

    /// <summary>Nothing came before what the test itself sends now.</summary>
    public async Task ExpectNothingBefore(object mark)
    {
        Ref.Tell(mark, ActorRefs.NoSender);
        await Expect(mark);
    }

    /// <summary>Has the probe watch an actor; its end comes as <see cref="Terminated"/>.</summary>
    public Task Watch(IActorRef subject) => Ref.Ask<Done>(new Recorder.WatchThis(subject), Patience);

    private sealed class Recorder : ReceiveActor
    {
        public Recorder(ChannelWriter<(object, IActorRef)> received)
        {
            Receive<WatchThis>(watch =>
            {
                Context.Watch(watch.Subject);
                Sender.Tell(Done.Instance, Self);
            });
            ReceiveAny(message => received.TryWrite((message, Sender)));
        }

        public sealed record WatchThis(IActorRef Subject);
    }
}

/// <summary>A test with an actor system of its own that ends with it.</summary>
public abstract class ActorTest : IAsyncLifetime
{
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    protected ActorTest(string config = "") =>
        System = ActorSystem.Create(
            "test",
            ConfigurationFactory.ParseString(config).WithFallback("akka.loglevel = OFF, akka.stdout-loglevel = OFF")
        );

    protected ActorSystem System { get; }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await System.Terminate().WaitAsync(Patience);

    protected Probe NewProbe() => new(System);

    protected IActorRef Spawn(Action<object, IActorContext> handle) =>
        System.ActorOf(Props.Create(() => new Inline(handle)));

    /// <summary>An actor whose handler stands in the test.</summary>
    public sealed class Inline(Action<object, IActorContext> handle) : UntypedActor
    {
        protected override void OnReceive(object message) => handle(message, Context);
    }
}
