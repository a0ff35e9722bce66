using Akka.Streams.Dsl;
using FsCheck;
using FsCheck.Fluent;

namespace Akka.Streams.Tests.Flows;

public sealed class RandomPipelinesSpec : StreamTest
{
    [Theory]
    [InlineData(1)]
    [InlineData(20_261_121)]
    [InlineData(7_777)]
    public async Task Stages_composed_at_random_do_what_Linq_does(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 150; round++)
        {
            var input = Enumerable.Range(0, random.Next(0, 200)).Select(_ => random.Next(-50, 50)).ToArray();
            var source = Source.From(input);
            IEnumerable<int> expected = input;
            var names = new List<string>();
            for (var i = random.Next(0, 12); i > 0; i--)
                (source, expected) = Step(source, expected, random, names);
            var actual = await Seq(source);
            Assert.True(
                expected.SequenceEqual(actual),
                $"seed {seed}, round {round}: {string.Join(" -> ", names)} of [{string.Join(',', input)}] gave [{string.Join(',', actual)}]"
            );
        }
    }

    [Fact]
    public void A_fold_over_a_stream_is_the_fold_over_the_list() =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(50),
            Prop.ForAll<int[]>(numbers =>
                Source
                    .From(numbers)
                    .RunAggregate(17L, (hash, n) => (hash * 31) + n, Materializer)
                    .WaitAsync(Patience)
                    .GetAwaiter()
                    .GetResult() == numbers.Aggregate(17L, (hash, n) => (hash * 31) + n)
            )
        );

    private static (Source<int, NotUsed> Source, IEnumerable<int> Expected) Step(
        Source<int, NotUsed> source,
        IEnumerable<int> expected,
        Random random,
        List<string> names
    )
    {
        var n = random.Next(0, 60);
        var size = random.Next(1, 9);
        var kind = random.Next(0, 17);
        names.Add($"{kind}({n},{size})");
        return kind switch
        {
            0 => (source.Select(x => x + n), expected.Select(x => x + n)),
            1 => (source.Where(x => x % size == 0), expected.Where(x => x % size == 0)),
            2 => (source.Take(n), expected.Take(n)),
            3 => (source.Skip(n / 4), expected.Skip(n / 4)),
            4 => (source.TakeWhile(x => x < n), expected.TakeWhile(x => x < n)),
            5 => (source.SkipWhile(x => x < n), expected.SkipWhile(x => x < n)),
            6 => (
                source.SelectMany(x => new[] { x, x + 1 }).Take(500),
                expected.SelectMany(x => new[] { x, x + 1 }).Take(500)
            ),
            7 => (source.Grouped(size).Select(g => g.Sum()), expected.Chunk(size).Select(g => g.Sum())),
            8 => (source.Concat(Numbers(1, size)), expected.Concat(Enumerable.Range(1, size))),
            9 => (source.Buffer(size, OverflowStrategy.Backpressure), expected),
            10 => (source.Async(), expected),
            11 => (
                source.SelectAsync(
                    size,
                    async x =>
                    {
                        await Task.Yield();
                        return -x;
                    }
                ),
                expected.Select(x => -x)
            ),
            12 => (
                source.Zip(Numbers(1, n + 1)).Select(p => p.Item1 * p.Item2),
                expected.Zip(Enumerable.Range(1, n + 1), (a, b) => a * b)
            ),
            13 => (source.Prepend(Numbers(1, size)), Enumerable.Range(1, size).Concat(expected)),
            14 => (source.Detach(), expected),
            15 => (
                source.ConcatMany(x => Source.From(new[] { x, n })).Take(500),
                expected.SelectMany(x => new[] { x, n }).Take(500)
            ),
            _ => (
                source
                    .Via(Flow.Create<int>().Select(x => x ^ n).Async())
                    .Via(Flow.Create<int>().Buffer(size, OverflowStrategy.Backpressure)),
                expected.Select(x => x ^ n)
            ),
        };
    }
}
