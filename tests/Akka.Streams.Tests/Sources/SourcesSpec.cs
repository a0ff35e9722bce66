using Akka.Actor;
using Akka.Streams.Dsl;
using Akka.Util;

namespace Akka.Streams.Tests.Sources;

public sealed class SourcesSpec : StreamTest
{
    [Fact]
    public async Task Single_Empty_and_Failed_end_as_they_say()
    {
        Assert.Equal([1], await Seq(Source.Single(1)));
        Assert.Empty(await Seq(Source.Empty<int>()));
        await Failure<IOException>(Seq(Source.Failed<int>(new IOException())));
    }

    [Fact]
    public async Task A_source_can_be_run_again_and_again()
    {
        var source = Numbers(1, 3);
        Assert.Equal([1, 2, 3], await Seq(source));
        Assert.Equal([1, 2, 3, 1, 2, 3], await Seq(source.Concat(source)));
    }

    [Fact]
    public async Task Unfold_ends_when_the_function_yields_nothing() =>
        Assert.Equal(
            [1, 2, 4, 8],
            await Seq(Source.Unfold(1, n => n > 8 ? Option<(int, int)>.None : new Option<(int, int)>((n * 2, n))))
        );

    [Fact]
    public async Task UnfoldAsync_waits_for_each_step() =>
        Assert.Equal(
            [1, 2, 4, 8],
            await Seq(
                Source.UnfoldAsync(
                    1,
                    async n =>
                    {
                        await Task.Yield();
                        return n > 8 ? Option<(int, int)>.None : new Option<(int, int)>((n * 2, n));
                    }
                )
            )
        );

    [Fact]
    public async Task FromTask_emits_the_result_or_fails_with_the_task()
    {
        var gate = new TaskCompletionSource<int>();
        var result = Seq(Source.FromTask(gate.Task));
        gate.SetResult(5);
        Assert.Equal([5], await result);
        await Failure<IOException>(Seq(Source.FromTask(Task.FromException<int>(new IOException()))));
    }

    [Fact]
    public async Task An_asynchronous_enumerable_is_emitted_and_disposed()
    {
        var disposed = new TaskCompletionSource();
        Assert.Equal([0, 1, 2], await Seq(Source.From(Numbered).Take(3)));
        await disposed.Task.WaitAsync(Patience);

        async IAsyncEnumerable<int> Numbered()
        {
            try
            {
                for (var i = 0; ; i++)
                {
                    await Task.Yield();
                    yield return i;
                }
            }
            finally
            {
                disposed.TrySetResult();
            }
        }
    }

    [Fact]
    public async Task UnfoldResource_closes_what_it_opened()
    {
        var closed = new TaskCompletionSource();
        var lines = Source.UnfoldResource(
            () => new StringReader("a\nb\nc"),
            reader => reader.ReadLine() is { } line ? new Option<string>(line) : Option<string>.None,
            reader =>
            {
                reader.Dispose();
                closed.TrySetResult();
            }
        );
        Assert.Equal(["a", "b"], await Seq(lines.Take(2)));
        await closed.Task.WaitAsync(Patience);
    }

    [Fact]
    public async Task Tick_goes_on_until_it_is_cancelled()
    {
        var (ticks, result) = Source
            .Tick(TimeSpan.Zero, TimeSpan.FromMilliseconds(2), "tick")
            .ToMaterialized(Sink.Queue<string>(), Keep.Both)
            .Run(Materializer);
        Assert.Equal("tick", (await result.PullAsync().WaitAsync(Patience)).Value);
        Assert.Equal("tick", (await result.PullAsync().WaitAsync(Patience)).Value);
        ticks.Cancel();
        while ((await result.PullAsync().WaitAsync(Patience)).HasValue) { }
    }

    [Fact]
    public async Task Maybe_emits_the_value_that_it_is_given()
    {
        var (promise, result) = Source.Maybe<int>().ToMaterialized(Sink.Seq<int>(), Keep.Both).Run(Materializer);
        promise.SetResult(6);
        Assert.Equal([6], await result.WaitAsync(Patience));
    }

    [Fact]
    public async Task Lazily_makes_its_source_on_demand()
    {
        var made = 0;
        var source = Source.Lazily(() =>
        {
            made++;
            return Numbers(1, 3);
        });
        Assert.Equal(0, made);
        Assert.Equal([1, 2, 3], await source.RunWith(Sink.Seq<int>(), Materializer).WaitAsync(Patience));
        Assert.Equal(1, made);
    }

    [Fact]
    public async Task A_failed_iterator_fails_the_stream()
    {
        await Failure<IOException>(Seq(Source.From(Broken())));

        static IEnumerable<int> Broken()
        {
            yield return 1;
            throw new IOException();
        }
    }

    [Fact]
    public async Task The_actor_of_an_ActorRef_source_takes_elements_and_ends_the_stream()
    {
        var (actor, result) = Source
            .ActorRef<int>(10, OverflowStrategy.DropNew)
            .ToMaterialized(Sink.Seq<int>(), Keep.Both)
            .Run(Materializer);
        actor.Tell(1);
        actor.Tell(2);
        actor.Tell(new Status.Success(Done.Instance));
        Assert.Equal([1, 2], await result.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_poisoned_ActorRef_source_completes()
    {
        var (actor, result) = Source
            .ActorRef<int>(10, OverflowStrategy.DropNew)
            .ToMaterialized(Sink.Ignore<int>(), Keep.Both)
            .Run(Materializer);
        actor.Tell(PoisonPill.Instance);
        await result.WaitAsync(Patience);
    }
}
