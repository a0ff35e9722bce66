using System.Collections.Immutable;

namespace Akka.Cluster.Sharding.Simulation;

public sealed class LeastShardsTests
{
    [Theory]
    [InlineData(new[] { 10, 0 }, 20, 1.0, 5)]
    [InlineData(new[] { 10, 0 }, 3, 1.0, 3)]
    [InlineData(new[] { 10, 0 }, 20, 0.2, 2)]
    [InlineData(new[] { 10, 0 }, 20, 0.01, 1)]
    [InlineData(new[] { 5, 5 }, 20, 1.0, 0)]
    [InlineData(new[] { 5, 4 }, 20, 1.0, 0)]
    [InlineData(new[] { 3, 3, 3, 0 }, 20, 1.0, 2)]
    [InlineData(new[] { 7 }, 20, 1.0, 0)]
    [InlineData(new[] { 0, 0 }, 20, 1.0, 0)]
    public void Within_limits_so_many_move_in_one_round(int[] counts, int absolute, double relative, int expected) =>
        Assert.Equal(expected, LeastShards.WithinLimits(Regions(counts), absolute, relative).Count);

    [Theory]
    [InlineData(new[] { 10, 0 }, 1, 3, 3)]
    [InlineData(new[] { 4, 2 }, 1, 3, 1)]
    [InlineData(new[] { 3, 2 }, 1, 3, 0)]
    [InlineData(new[] { 10, 0 }, 9, 3, 1)]
    public void By_threshold_the_fullest_gives(int[] counts, int threshold, int most, int expected) =>
        Assert.Equal(
            expected,
            LeastShards
                .ByThreshold(Regions(counts), counts.Min(), ImmutableHashSet<string>.Empty, threshold, most)
                .Count
        );

    [Fact]
    public void By_threshold_shards_that_move_already_count_against_the_limit() =>
        Assert.Single(LeastShards.ByThreshold(Regions([10, 0]), 0, ImmutableHashSet.Create("r0-0", "r0-1"), 1, 3));

    [Fact]
    public void Any_numbers_are_even_after_a_few_rounds()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var regions = Regions([.. Enumerable.Range(0, random.Next(2, 8)).Select(_ => random.Next(0, 40))]);
            var rounds = 0;
            while (LeastShards.WithinLimits(regions, 1000, 1.0) is { IsEmpty: false } moving)
            {
                Assert.True(++rounds <= 3, $"seed {seed}: not even after {rounds} rounds");
                foreach (var shard in moving.Order(StringComparer.Ordinal))
                {
                    var from = regions.FindIndex(region => region.Contains(shard));
                    regions[from] = regions[from].Remove(shard);
                }
                foreach (var shard in moving.Order(StringComparer.Ordinal))
                {
                    var to = regions.IndexOf(regions.MinBy(region => region.Count)!);
                    regions[to] = regions[to].Add(shard);
                }
            }
            Assert.True(regions.Max(r => r.Count) - regions.Min(r => r.Count) <= 1, $"seed {seed}");
        }
    }

    private static List<IImmutableList<string>> Regions(int[] counts) =>
        [
            .. counts.Select(
                (count, region) =>
                    (IImmutableList<string>)
                        ImmutableList.CreateRange(Enumerable.Range(0, count).Select(i => $"r{region}-{i}"))
            ),
        ];
}
