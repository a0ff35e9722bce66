using Akka.Actor;
using Akka.Streams.Dsl;
using Akka.Streams.Supervision;

namespace Akka.Streams.Tests.Stages;

public sealed class MaterializerSpec : StreamTest
{
    [Fact]
    public async Task Streams_can_be_started_from_many_threads_at_once()
    {
        var sums = await Task.WhenAll(
                Enumerable
                    .Range(0, 4)
                    .Select(_ =>
                        Task.Run(() =>
                            Task.WhenAll(
                                Enumerable
                                    .Range(0, 500)
                                    .Select(i =>
                                        Numbers(1, 10).Async().RunAggregate(i, (sum, n) => sum + n, Materializer)
                                    )
                            )
                        )
                    )
            )
            .WaitAsync(TimeSpan.FromSeconds(60));
        foreach (var each in sums)
            Assert.Equal(Enumerable.Range(0, 500).Select(i => i + 55), each);
    }

    [Fact]
    public async Task Settings_come_from_the_configuration()
    {
        var system = ActorSystem.Create(
            "settings",
            """
            akka.loglevel = OFF
            akka.stdout-loglevel = OFF
            akka.stream.materializer {
              initial-input-buffer-size = 2
              max-input-buffer-size = 8
              dispatcher = "akka.actor.default-dispatcher"
              debug-logging = on
              sync-processing-limit = 77
            }
            """
        );
        var settings = ActorMaterializerSettings.Create(system);
        Assert.Equal(2, settings.InitialInputBufferSize);
        Assert.Equal(8, settings.MaxInputBufferSize);
        Assert.Equal("akka.actor.default-dispatcher", settings.Dispatcher);
        Assert.True(settings.IsDebugLogging);
        Assert.Equal(77, settings.SyncProcessingLimit);
        using var materializer = system.Materializer();
        Assert.Equal(
            [1, 2],
            await Source.From([1, 2]).Async().RunWith(Sink.Seq<int>(), materializer).WaitAsync(Patience)
        );
        await system.Terminate();
    }

    [Fact]
    public async Task The_supervision_of_the_settings_counts_where_a_graph_has_none()
    {
        var settings = ActorMaterializerSettings.Create(Sys).WithSupervisionStrategy(Deciders.ResumingDecider);
        using var materializer = Sys.Materializer(settings);
        var result = Numbers(0, 2).Select(n => 2 / n).RunWith(Sink.Seq<int>(), materializer);
        Assert.Equal([2, 1], await result.WaitAsync(Patience));
    }

    [Fact]
    public async Task Streams_of_an_actor_end_with_it()
    {
        var started = new TaskCompletionSource<Task>();
        var owner = Sys.ActorOf(Props.Create(() => new Owner(started)));
        var stream = await started.Task.WaitAsync(Patience);
        Sys.Stop(owner);
        await Assert.ThrowsAnyAsync<Exception>(() => stream.WaitAsync(Patience));
        Assert.True(stream.IsFaulted);
    }

    [Fact]
    public async Task Timers_of_the_materializer_run_until_they_are_cancelled()
    {
        var fired = new TaskCompletionSource();
        var count = 0;
        var repeated = Materializer.ScheduleRepeatedly(
            TimeSpan.Zero,
            TimeSpan.FromMilliseconds(1),
            () =>
            {
                if (Interlocked.Increment(ref count) == 3)
                    fired.TrySetResult();
            }
        );
        await fired.Task.WaitAsync(Patience);
        repeated.Cancel();
        Assert.True(repeated.IsCancellationRequested);
    }

    [Fact]
    public async Task Attributes_closest_to_a_stage_count()
    {
        var inner = Attributes.CreateName("inner").And(Attributes.CreateInputBuffer(1, 2));
        var both = Attributes.CreateName("outer").And(inner);
        Assert.Equal("inner", both.GetNameOrDefault());
        Assert.Equal("outer", both.GetFirstAttribute<Attributes.Name>()!.Value);
        Assert.Equal(2, both.GetMandatoryAttribute<Attributes.InputBuffer>().Max);
        Assert.Equal(["outer", "inner"], both.AttributeList.OfType<Attributes.Name>().Select(name => name.Value));
        Assert.Equal([1], await Seq(Source.Single(1).AddAttributes(both)));
    }

    private sealed class Owner : ReceiveActor
    {
        public Owner(TaskCompletionSource<Task> started) =>
            started.SetResult(Source.Never<int>().RunWith(Sink.Ignore<int>(), Context.Materializer()));
    }
}
