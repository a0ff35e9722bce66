using System.Threading.Channels;
using Akka.Actor;

namespace Akka.Persistence.Tests.Support;

/// <summary>Hands every message that it is sent to a test.</summary>
public sealed class Probe
{
    private readonly Channel<object> _received = Channel.CreateUnbounded<object>();

    public Probe(ActorSystem system, IActorRef? watched = null) =>
        Ref = system.ActorOf(Props.Create(() => new Receiver(_received.Writer, watched)));

    public IActorRef Ref { get; }

    public async Task<T> NextAsync<T>()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        return Assert.IsType<T>(await _received.Reader.ReadAsync(limit.Token));
    }

    public sealed class Receiver : UntypedActor
    {
        private readonly ChannelWriter<object> _received;

        public Receiver(ChannelWriter<object> received, IActorRef? watched)
        {
            _received = received;
            if (watched is not null)
                Context.Watch(watched);
        }

        protected override void OnReceive(object message) => _received.TryWrite(message);
    }
}
