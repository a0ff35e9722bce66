using Akka.Actor;
using Akka.Cluster.Sharding;

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
}
