using System.Diagnostics;
using Akka.Actor;
using Akka.Configuration;

namespace Hatchery.Benchmarks;

/// <summary>Messages of 100 bytes from an actor of one system to one of another on loopback, beside a plain socket loop with frames of the same kind.</summary>
internal static class RemoteBenchmarks
{
    private const int Rounds = 5;
    private const int PayloadBytes = 100;
    private const int Stream = 1_000_000;
    private const int Turns = 20_000;

    // So many may be under way: less than what remoting lets wait for one system.
    private const int Window = 20_000;

    public static async Task<int> RunAsync()
    {
        using var from = Start("from");
        using var to = Start("to");
        var sink = ReferenceTo(from, to, to.ActorOf(Props.Create(() => new Sink()), "sink"));
        using var loop = new SocketLoop(PayloadBytes);
        await Compare("one way, messages", Stream, n => Send(from, sink, n), n => loop.Send(n, Window / 2));
        await Compare("there and back, one at a time", Turns, n => Ask(sink, n), loop.Turn);
        return 0;
    }

    private static ActorSystem Start(string name) =>
        ActorSystem.Create(
            name,
            ConfigurationFactory.ParseString(
                """
                akka { loglevel = OFF, stdout-loglevel = OFF, actor.provider = remote }
                akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
                """
            )
        );

    private static IActorRef ReferenceTo(ActorSystem from, ActorSystem to, IActorRef actor) =>
        ((ExtendedActorSystem)from).Provider.ResolveActorRef(
            actor.Path.ToSerializationFormatWithAddress(((ExtendedActorSystem)to).Provider.DefaultAddress)
        );

    private static async Task Send(ActorSystem system, IActorRef sink, int count)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var source = system.ActorOf(Props.Create(() => new Source(sink, count, done)));
        await done.Task;
        system.Stop(source);
    }

    private static async Task Ask(IActorRef sink, int count)
    {
        var payload = new byte[PayloadBytes];
        for (var i = 0; i < count; i++)
            await sink.Ask<byte[]>(payload);
    }

    /// <summary>The best of some rounds of each, turn and turn about, as the machine may be busy with something else.</summary>
    private static async Task Compare(string name, int count, Func<int, Task> ours, Action<int> peers)
    {
        await ours(count / 10);
        peers(count / 10);
        var (our, peer, cpu) = (TimeSpan.MaxValue, TimeSpan.MaxValue, TimeSpan.Zero);
        using var process = Process.GetCurrentProcess();
        for (var round = 0; round < Rounds; round++)
        {
            process.Refresh();
            var used = process.TotalProcessorTime;
            var started = Stopwatch.GetTimestamp();
            await ours(count);
            var took = Stopwatch.GetElapsedTime(started);
            process.Refresh();
            if (took < our)
                (our, cpu) = (took, process.TotalProcessorTime - used);
            started = Stopwatch.GetTimestamp();
            peers(count);
            took = Stopwatch.GetElapsedTime(started);
            peer = took < peer ? took : peer;
        }
        Console.WriteLine(
            $"{name, -30} {count / our.TotalSeconds, 10:N0} /s {cpu.TotalNanoseconds / count, 8:N0} ns of cpu   plain socket {count / peer.TotalSeconds, 10:N0} /s   ratio {peer / our:F2}"
        );
    }

    /// <summary>Counts, and answers each half window; what has a sender of its own goes back.</summary>
    private sealed class Sink : ReceiveActor
    {
        private int _count;

        public Sink() =>
            Receive<byte[]>(payload =>
            {
                if (payload.Length > 0 && payload[0] == 0)
                    Sender.Tell(payload);
                else if (++_count % (Window / 2) == 0)
                    Sender.Tell(Window / 2);
            });
    }

    private sealed class Source : ReceiveActor
    {
        private readonly byte[] _payload = new byte[PayloadBytes];
        private int _sent;
        private int _taken;

        public Source(IActorRef sink, int count, TaskCompletionSource done)
        {
            _payload[0] = 1;
            Receive<int>(taken =>
            {
                _taken += taken;
                if (_taken == count)
                    done.SetResult();
                for (; _sent < count && _sent - _taken < Window; _sent++)
                    sink.Tell(_payload);
            });
            Self.Tell(0);
        }
    }
}
