using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Hatchery.Testing;

namespace Hatchery.Devices.Tests;

public sealed class EntityRegionsTests
{
    [Fact]
    public async Task Entities_answer_what_came_before_their_region_shuts_down()
    {
        await using var fixture = await FarmFixture.StartAsync();
        var (device, _) = await fixture.AddDeviceWithVDiskAsync();

        var answers = Enumerable.Range(0, 50).Select(_ => fixture.AskAsync(new UnassignVDisk(device))).ToArray();
        fixture.Farm.Devices.Tell(GracefulShutdown.Instance);

        Assert.All(await Task.WhenAll(answers), answer => Assert.IsType<Reply.Done>(answer));
        Assert.True(await fixture.Farm.Devices.WatchAsync().WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task Entities_are_there_again_when_the_server_was_started_again()
    {
        await using var fixture = await FarmFixture.StartAsync();
        var (device, _) = await fixture.AddDeviceWithVDiskAsync();

        await fixture.StartAgainAsync();

        Assert.IsType<Reply.Done>(await fixture.AskAsync(new UnassignVDisk(device)));
    }

    [Fact]
    public async Task Every_shard_has_its_home_before_anybody_asks_for_an_entity_and_nothing_stays_there()
    {
        await using var fixture = await FarmFixture.StartAsync();

        var homes = new ConcurrentDictionary<string, Address>(StringComparer.Ordinal);
        fixture.System.ActorOf(ShardHomes.Props(fixture.Farm.Devices, (shard, at) => homes[shard] = at));

        await Eventually.TrueAsync(async () =>
        {
            var state = await fixture.Farm.Devices.Ask<CurrentShardRegionState>(
                GetShardRegionState.Instance,
                TimeSpan.FromSeconds(30)
            );
            return state.Shards.Count == FarmMessageExtractor.ShardCount
                && state.Shards.All(shard => shard.EntityIds.Count == 0);
        });
        await Eventually.TrueAsync(() => homes.Count == FarmMessageExtractor.ShardCount);
        Assert.All(homes.Values, at => Assert.True(at.HasLocalScope));
    }

    [Fact]
    public void Each_shard_is_found_by_one_id() =>
        Assert.Equal(
            FarmMessageExtractor.ShardCount,
            ShardFinder.Ids.Where(ShardFinder.IsNamed).Select(FarmMessageExtractor.ShardIdOf).Distinct().Count()
        );
}
