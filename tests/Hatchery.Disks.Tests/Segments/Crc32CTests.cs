using System.Numerics;

namespace Hatchery.Disks.Tests;

public sealed class Crc32CTests
{
    /// <summary>RFC 3720 section B.4, and the check value of the CRC catalogue.</summary>
    [Fact]
    public void Known_answers()
    {
        Assert.Equal(0xE3069283u, Crc32C.Append(0, "123456789"u8));
        Assert.Equal(0x8A9136AAu, Crc32C.Append(0, new byte[32]));
        Assert.Equal(0x62A8AB43u, Crc32C.Append(0, [.. Enumerable.Repeat((byte)0xff, 32)]));
        Assert.Equal(0u, Crc32C.Append(0, []));
    }

    [Theory]
    [InlineData(4079)]
    [InlineData(4080)]
    [InlineData(4081)]
    [InlineData(4096)]
    [InlineData(100_003)]
    public void Three_lanes_agree_with_one_byte_at_a_time(int length)
    {
        var data = new byte[length];
        new Random(length).NextBytes(data);
        var slow = ~0u;
        foreach (var value in data)
            slow = BitOperations.Crc32C(slow, value);
        Assert.Equal(~slow, Crc32C.Append(0, data));
        Assert.Equal(~slow, Crc32C.Append(Crc32C.Append(0, data.AsSpan(0, 1000)), data.AsSpan(1000)));
    }
}
