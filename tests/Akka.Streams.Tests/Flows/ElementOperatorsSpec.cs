using Akka.Streams.Dsl;
using Akka.Streams.Supervision;

namespace Akka.Streams.Tests.Flows;

public sealed class ElementOperatorsSpec : StreamTest
{
    private static readonly Decider Resume = Deciders.ResumingDecider;
    private static readonly Decider Restart = Deciders.RestartingDecider;

    [Fact]
    public async Task A_wire_tap_that_throws_does_the_stream_no_harm()
    {
        var seen = new List<int>();
        var tapped = Numbers(1, 3)
            .WireTap(n =>
            {
                seen.Add(n);
                if (n == 2)
                    throw new IOException();
            });
        Assert.Equal([1, 2, 3], await Seq(tapped));
        Assert.Equal([1, 2], seen);
    }

    [Fact]
    public async Task Select_emits_what_the_function_makes() =>
        Assert.Equal([2, 4, 6], await Seq(Numbers(1, 3).Select(n => n * 2)));

    [Fact]
    public async Task A_throwing_function_fails_the_stream_by_default() =>
        await Failure<DivideByZeroException>(Seq(Numbers(0, 3).Select(n => 6 / n)));

    [Fact]
    public async Task Under_a_resuming_decider_the_element_is_dropped() =>
        Assert.Equal(
            [6, 3, 2],
            await Seq(
                Numbers(0, 3).Select(n => 6 / n).WithAttributes(ActorAttributes.CreateSupervisionStrategy(Resume))
            )
        );

    [Fact]
    public async Task Where_and_WhereNot_split_the_elements()
    {
        Assert.Equal([2, 4], await Seq(Numbers(1, 5).Where(n => n % 2 == 0)));
        Assert.Equal([1, 3, 5], await Seq(Numbers(1, 5).WhereNot(n => n % 2 == 0)));
    }

    [Fact]
    public async Task Collect_selects_and_maps() =>
        Assert.Equal(["2", "4"], await Seq(Numbers(1, 5).Collect(n => n % 2 == 0, n => n.ToString())));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(9)]
    public async Task Take_and_Skip_do_as_Linq(int count)
    {
        Assert.Equal(Enumerable.Range(1, 5).Take(count), await Seq(Numbers(1, 5).Take(count)));
        Assert.Equal(Enumerable.Range(1, 5).Skip(count), await Seq(Numbers(1, 5).Skip(count)));
    }

    [Fact]
    public async Task TakeWhile_may_include_the_element_that_ends_it()
    {
        Assert.Equal([1, 2], await Seq(Numbers(1, 9).TakeWhile(n => n < 3)));
        Assert.Equal([1, 2, 3], await Seq(Numbers(1, 9).TakeWhile(n => n < 3, inclusive: true)));
    }

    [Fact]
    public async Task SkipWhile_drops_only_the_beginning() =>
        Assert.Equal([3, 1, 2], await Seq(Source.From([1, 2, 3, 1, 2]).SkipWhile(n => n < 3)));

    [Fact]
    public async Task Scan_starts_with_zero() =>
        Assert.Equal([0, 1, 3, 6], await Seq(Numbers(1, 3).Scan(0, (sum, n) => sum + n)));

    [Fact]
    public async Task A_restarted_scan_starts_again_with_zero() =>
        Assert.Equal([0, 1, 4, 0, 5, 12], await Seq(Scanned(ActorAttributes.CreateSupervisionStrategy(Restart))));

    [Fact]
    public async Task A_resumed_scan_keeps_its_value() =>
        Assert.Equal([0, 1, 4, 9, 16], await Seq(Scanned(ActorAttributes.CreateSupervisionStrategy(Resume))));

    [Fact]
    public async Task Aggregate_emits_the_result_of_all() =>
        Assert.Equal([15], await Seq(Numbers(1, 5).Aggregate(0, (sum, n) => sum + n)));

    [Fact]
    public async Task Aggregate_of_nothing_is_zero() =>
        Assert.Equal([7], await Seq(Source.Empty<int>().Aggregate(7, (sum, n) => sum + n)));

    [Fact]
    public async Task Sum_of_nothing_fails() =>
        await Failure<NoSuchElementException>(Seq(Source.Empty<int>().Sum((a, b) => a + b)));

    [Fact]
    public async Task AggregateAsync_folds_with_tasks() =>
        Assert.Equal(
            [15],
            await Seq(
                Numbers(1, 5)
                    .AggregateAsync(
                        0,
                        async (sum, n) =>
                        {
                            await Task.Yield();
                            return sum + n;
                        }
                    )
            )
        );

    [Fact]
    public async Task SelectMany_emits_all_of_each() =>
        Assert.Equal([1, 2, 2, 3, 3, 3], await Seq(Numbers(0, 3).SelectMany(n => Enumerable.Repeat(n, n))));

    [Fact]
    public async Task StatefulSelectMany_has_state_for_each_run()
    {
        var indexed = Numbers(5, 6)
            .StatefulSelectMany<int, int, NotUsed>(() =>
            {
                var index = 0;
                return n => [index++, n];
            });
        Assert.Equal([0, 5, 1, 6], await Seq(indexed));
        Assert.Equal([0, 5, 1, 6], await Seq(indexed));
    }

    [Fact]
    public async Task Grouped_ends_with_a_smaller_group() =>
        Assert.Equal(["1,2", "3,4", "5"], await Seq(Numbers(1, 5).Grouped(2).Select(g => string.Join(',', g))));

    [Fact]
    public async Task Limit_fails_beyond_its_maximum()
    {
        Assert.Equal([1, 2, 3], await Seq(Numbers(1, 3).Limit(3)));
        await Failure<StreamLimitReachedException>(Seq(Numbers(1, 4).Limit(3)));
    }

    [Fact]
    public async Task ZipWithIndex_counts_from_zero() =>
        Assert.Equal([("a", 0L), ("b", 1L)], await Seq(Source.From(["a", "b"]).ZipWithIndex()));

    [Fact]
    public async Task Elements_must_not_be_null() =>
        await Failure<ArgumentNullException>(Seq(Numbers(1, 2).Select(_ => (string)null!)));

    private static Source<int, NotUsed> Scanned(Attributes attributes) =>
        Source
            .From([1, 3, -1, 5, 7])
            .Scan(0, (sum, n) => n < 0 ? throw new InvalidOperationException("negative") : sum + n)
            .WithAttributes(attributes);

    [Fact]
    public async Task Intersperse_emits_between_and_around()
    {
        Assert.Equal([1, 0, 2, 0, 3], await Seq(Numbers(1, 3).Intersperse(0)));
        Assert.Equal([7, 1, 0, 2, 9], await Seq(Numbers(1, 2).Via(Flow.Create<int>().Intersperse(7, 0, 9))));
        Assert.Equal([7, 9], await Seq(Source.Empty<int>().Intersperse(7, 0, 9)));
        Assert.Empty(await Seq(Source.Empty<int>().Intersperse(0)));
    }

    [Fact]
    public async Task OrElse_takes_the_second_source_where_the_first_is_empty()
    {
        Assert.Equal([1, 2], await Seq(Numbers(1, 2).OrElse(Numbers(5, 6))));
        Assert.Equal([1, 2], await Seq(Numbers(1, 2).OrElse(Source.Never<int>())));
        Assert.Equal([5, 6], await Seq(Source.Empty<int>().Via(Flow.Create<int>().OrElse(Numbers(5, 6)))));
        Assert.Empty(await Seq(Source.Empty<int>().OrElse(Source.Empty<int>())));
        await Failure<IOException>(Seq(Source.Never<int>().OrElse(Source.Failed<int>(new IOException()))));
    }
}
