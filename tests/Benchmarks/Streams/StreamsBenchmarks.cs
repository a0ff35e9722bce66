using System.Diagnostics;
using Akka;
using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;

namespace Hatchery.Benchmarks;

/// <summary>What an element costs within an island, across a boundary, and what a signal from outside takes.</summary>
internal static class StreamsBenchmarks
{
    private const int Rounds = 5;

    public static async Task<int> RunAsync()
    {
        var system = ActorSystem.Create("streams", "akka { loglevel = OFF, stdout-loglevel = OFF }");
        using var materializer = system.Materializer();
        await Report("fused, 5 stages", 5_000_000, n => Elements(n).RunWith(Sink.Ignore<int>(), materializer));
        await Report(
            "one async boundary",
            2_000_000,
            n => Source.Repeat(1).Take(n).Async().Select(i => i + 1).RunWith(Sink.Ignore<int>(), materializer)
        );
        await Report(
            "tasks that are done (SelectAsync 4)",
            2_000_000,
            n => Source.Repeat(1).Take(n).SelectAsync(4, Task.FromResult).RunWith(Sink.Ignore<int>(), materializer)
        );
        await Report(
            "tasks of the pool (SelectAsync 16)",
            300_000,
            n =>
                Source
                    .Repeat(1)
                    .Take(n)
                    .SelectAsync(16, i => Task.Run(() => i))
                    .RunWith(Sink.Ignore<int>(), materializer)
        );
        await Report(
            "streams in a stream, of 1 element",
            200_000,
            n => Source.Repeat(1).Take(n).ConcatMany(i => Source.Single(i)).RunWith(Sink.Ignore<int>(), materializer)
        );
        await Report(
            "streams in a stream, of many elements",
            1_000_000,
            n =>
                Source
                    .Repeat(1)
                    .Take(10)
                    .ConcatMany(i => Source.Repeat(i).Take(n / 10))
                    .RunWith(Sink.Ignore<int>(), materializer)
        );
        await Report("queue to queue, one at a time", 100_000, n => PingPong(n, materializer));
        await Report("ask an actor, one at a time", 100_000, n => Asked(n, system, materializer));
        await Report("streams started and ended", 20_000, n => Started(n, materializer));
        await system.Terminate();
        return 0;
    }

    private static Source<int, NotUsed> Elements(int count) =>
        Source.Repeat(1).Take(count).Select(i => i + 1).Where(i => i > 0).Select(i => i * 2);

    /// <summary>An offer enters by an asynchronous callback and leaves by another.</summary>
    private static async Task PingPong(int count, IMaterializer materializer)
    {
        var (queue, sink) = Source
            .Queue<int>(1, OverflowStrategy.Backpressure)
            .ToMaterialized(Sink.Queue<int>(), Keep.Both)
            .Run(materializer);
        for (var i = 0; i < count; i++)
        {
            await queue.OfferAsync(i);
            await sink.PullAsync();
        }
        queue.Complete();
    }

    private static async Task Asked(int count, ActorSystem system, IMaterializer materializer)
    {
        var echo = system.ActorOf(Props.Create(() => new Echo()));
        await Source
            .Repeat(1)
            .Take(count)
            .Ask<int>(echo, TimeSpan.FromSeconds(10), 1)
            .RunWith(Sink.Ignore<int>(), materializer);
        system.Stop(echo);
    }

    private static async Task Started(int count, IMaterializer materializer)
    {
        for (var i = 0; i < count; i++)
            await Source.Single(i).Select(n => n + 1).RunWith(Sink.First<int>(), materializer);
    }

    private static async Task Report(string name, int count, Func<int, Task> run)
    {
        await run(count / 10);
        var best = TimeSpan.MaxValue;
        var cpu = TimeSpan.Zero;
        var allocated = 0L;
        using var process = Process.GetCurrentProcess();
        for (var round = 0; round < Rounds; round++)
        {
            var before = GC.GetTotalAllocatedBytes();
            process.Refresh();
            var used = process.TotalProcessorTime;
            var started = Stopwatch.GetTimestamp();
            await run(count);
            var took = Stopwatch.GetElapsedTime(started);
            if (took >= best)
                continue;
            best = took;
            process.Refresh();
            cpu = process.TotalProcessorTime - used;
            allocated = GC.GetTotalAllocatedBytes() - before;
        }
        var nanoseconds = best.TotalNanoseconds / count;
        Console.WriteLine(
            $"{name, -38} {nanoseconds, 8:F0} ns {cpu.TotalNanoseconds / count, 8:F0} ns of cpu {1e9 / nanoseconds, 12:N0} /s {allocated / count, 7} B"
        );
    }

    private sealed class Echo : ReceiveActor
    {
        public Echo() => ReceiveAny(message => Sender.Tell(message));
    }
}
