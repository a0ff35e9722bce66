using Akka.Streams.Dsl;

namespace Akka.Streams.Tests.Stages;

public sealed class TerminationSpec : StreamTest
{
    [Fact]
    public async Task Streams_end_abruptly_with_their_materializer()
    {
        var result = Source.Maybe<int>().ToMaterialized(Sink.First<int>(), Keep.Right).Run(Materializer);
        Materializer.Shutdown();
        await Failure<AbruptTerminationException>(result);
        Assert.True(Materializer.IsShutdown);
        Assert.ThrowsAny<Exception>(() =>
        {
            _ = Source.Single(1).RunWith(Sink.Ignore<int>(), Materializer);
        });
    }

    [Fact]
    public async Task Streams_end_abruptly_with_their_system()
    {
        var result = Source.Never<int>().Async().RunWith(Sink.Ignore<int>(), Materializer);
        await Sys.Terminate();
        await Assert.ThrowsAnyAsync<Exception>(() => result.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_kill_switch_completes_downstream_and_cancels_upstream()
    {
        var ((upstream, killSwitch), downstream) = Source
            .Repeat(1)
            .WatchTermination(Keep.Right)
            .ViaMaterialized(KillSwitches.Single<int>(), Keep.Both)
            .ToMaterialized(Sink.Ignore<int>(), Keep.Both)
            .Run(Materializer);
        killSwitch.Shutdown();
        await upstream.WaitAsync(Patience);
        await downstream.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_kill_switch_aborts_a_stream_that_is_always_busy()
    {
        var busy = new TaskCompletionSource();
        var count = 0;
        var (killSwitch, downstream) = Source
            .Repeat(1)
            .ViaMaterialized(KillSwitches.Single<int>(), Keep.Right)
            .ToMaterialized(
                Sink.ForEach<int>(_ =>
                {
                    if (++count == 10_000)
                        busy.TrySetResult();
                }),
                Keep.Both
            )
            .Run(Materializer);
        await busy.Task.WaitAsync(Patience);
        killSwitch.Abort(new IOException("cut"));
        var failure = await Failure<AggregateException>(downstream);
        Assert.Equal("cut", Assert.IsType<IOException>(failure.InnerException).Message);
    }

    [Fact]
    public async Task A_shared_kill_switch_ends_all_its_streams_also_those_that_start_later()
    {
        var shared = KillSwitches.Shared("all");
        var streams = Enumerable
            .Range(0, 3)
            .Select(_ => Source.Never<int>().Via(shared.Flow<int>()).RunWith(Sink.Ignore<int>(), Materializer))
            .ToList();
        shared.Shutdown();
        await Task.WhenAll(streams).WaitAsync(Patience);
        await Source.Never<int>().Via(shared.Flow<int>()).RunWith(Sink.Ignore<int>(), Materializer).WaitAsync(Patience);
    }

    [Fact]
    public async Task WatchTermination_tells_success_and_failure()
    {
        var done = Numbers(1, 3).WatchTermination(Keep.Right).To(Sink.Ignore<int>()).Run(Materializer);
        await done.WaitAsync(Patience);
        var failed = Source
            .Failed<int>(new IOException())
            .WatchTermination(Keep.Right)
            .To(Sink.Ignore<int>())
            .Run(Materializer);
        await Failure<IOException>(failed);
    }

    [Fact]
    public async Task A_failed_stream_whose_value_nobody_looks_at_is_not_reported_as_unobserved()
    {
        const string message = "nobody looks at this";
        var reports = 0;
        TaskScheduler.UnobservedTaskException += Count;
        try
        {
            await RunFailing(message);
            for (var i = 0; i < 3; i++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= Count;
        }
        Assert.Equal(0, reports);

        void Count(object? sender, UnobservedTaskExceptionEventArgs args)
        {
            if (args.Exception.ToString().Contains(message, StringComparison.Ordinal))
                Interlocked.Increment(ref reports);
        }
    }

    private async Task RunFailing(string message)
    {
        var ended = Source
            .Failed<int>(new IOException(message))
            .WatchTermination(Keep.Right)
            .To(Sink.ForEach<int>(_ => { }))
            .Run(Materializer);
        await Failure<IOException>(ended);
    }
}
