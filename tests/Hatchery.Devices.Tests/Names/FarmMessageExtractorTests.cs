using Hatchery.Disks;

namespace Hatchery.Devices.Tests;

public sealed class FarmMessageExtractorTests
{
    [Theory]
    [InlineData("00000000000000000000000000000000", "13")]
    [InlineData("0123456789abcdef0123456789abcdef", "101")]
    [InlineData("ffffffffffffffffffffffffffffffff", "87")]
    public void Shard_of_an_id_is_fixed_for_ever(string id, string shard) =>
        Assert.Equal(shard, FarmMessageExtractor.ShardIdOf(id));

    [Fact]
    public void Message_names_its_entity()
    {
        var device = new DeviceId(Guid.NewGuid());
        object message = new UnassignVDisk(device);
        Assert.Equal(device.ToString(), new FarmMessageExtractor().EntityId(message));
        Assert.Equal(FarmMessageExtractor.ShardIdOf(device.ToString()), new FarmMessageExtractor().ShardId(message));
    }

    [Fact]
    public void Other_messages_name_none() => Assert.Null(new FarmMessageExtractor().EntityId("hello"));
}
