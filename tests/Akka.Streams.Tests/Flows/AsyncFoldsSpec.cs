using Akka.Streams.Dsl;
using Akka.Streams.Supervision;

namespace Akka.Streams.Tests.Flows;

public sealed class AsyncFoldsSpec : StreamTest
{
    private static readonly Attributes Resuming = ActorAttributes.CreateSupervisionStrategy(Deciders.ResumingDecider);
    private static readonly Attributes Restarting = ActorAttributes.CreateSupervisionStrategy(
        Deciders.RestartingDecider
    );

    [Fact]
    public async Task ScanAsync_emits_the_start_and_every_step() =>
        Assert.Equal([0, 1, 3, 6], await Seq(Numbers(1, 3).ScanAsync(0, AddAsync)));

    [Fact]
    public async Task A_failed_task_fails_the_stream_with_the_tasks_own_exception()
    {
        var failure = await Failure<AggregateException>(Seq(Negative.ScanAsync(0, AddAsync)));
        Assert.Equal("negative", Assert.IsType<IOException>(failure.InnerException).Message);
        await Failure<AggregateException>(Seq(Negative.AggregateAsync(0, AddAsync)));
    }

    [Fact]
    public async Task Supervision_drops_the_step_or_starts_anew()
    {
        Assert.Equal([0, 1, 2], await Seq(Negative.ScanAsync(0, AddAsync).WithAttributes(Resuming)));
        Assert.Equal([0, 1, 1], await Seq(Negative.ScanAsync(0, AddAsync).WithAttributes(Restarting)));
        Assert.Equal([2], await Seq(Negative.AggregateAsync(0, AddAsync).WithAttributes(Resuming)));
        Assert.Equal([1], await Seq(Negative.AggregateAsync(0, AddAsync).WithAttributes(Restarting)));
    }

    [Fact]
    public async Task A_null_result_is_a_failure()
    {
        var letters = Source.From(["a", "b", "c"]);
        var failure = await Failure<ArgumentNullException>(Seq(letters.ScanAsync("", AppendAsync)));
        Assert.StartsWith("Element must not be null, rule 2.13", failure.Message, StringComparison.Ordinal);
        Assert.Equal(["ac"], await Seq(letters.AggregateAsync("", AppendAsync).WithAttributes(Resuming)));
        Assert.Equal(["c"], await Seq(letters.AggregateAsync("", AppendAsync).WithAttributes(Restarting)));
    }

    private static Source<int, NotUsed> Negative => Source.From([1, -1, 1]);

    private static async Task<int> AddAsync(int sum, int n)
    {
        await Task.Yield();
        return n < 0 ? throw new IOException("negative") : sum + n;
    }

    private static Task<string> AppendAsync(string text, string letter) =>
        Task.FromResult(letter == "b" ? null! : text + letter);
}
