using Hatchery.Testing;
using Hatchery.Wire.Icmp;
using Xunit.Abstractions;

namespace Hatchery.Wire.Tests.Icmp;

public sealed class IcmpEchoTests(ITestOutputHelper output)
{
    [Fact]
    public void A_request_has_the_checksum_of_RFC_1071()
    {
        var request = new byte[IcmpEcho.RequestBytes];
        IcmpEcho.WriteRequest(request, 0x1234, 7);
        Assert.Equal(new byte[] { 8, 0, 0xE5, 0xC4, 0x12, 0x34, 0, 7 }, request);
    }

    [Fact]
    public void A_reply_is_read_from_its_packet()
    {
        Assert.True(IcmpEcho.TryReadReply(Packet([0, 0, 0xED, 0xC4, 0x12, 0x34, 0, 7]), out var id, out var sequence));
        Assert.Equal((0x1234, 7), (id, sequence));
    }

    [Theory]
    [InlineData("0800E5C412340007")]
    [InlineData("0000EDC512340007")]
    [InlineData("0000EDC4123400")]
    [InlineData("")]
    public void A_request_a_wrong_checksum_and_a_short_packet_are_no_reply(string hex) =>
        Assert.False(IcmpEcho.TryReadReply(Packet(Convert.FromHexString(hex)), out _, out _));

    [Fact]
    public void Hostile_bytes_never_throw()
    {
        var random = Seed.New(output, 5);
        for (var round = 0; round < 50_000; round++)
        {
            var bytes = new byte[random.Next(80)];
            random.NextBytes(bytes);
            if (bytes.Length > 9)
                (bytes[0], bytes[9]) = ((byte)(0x40 + random.Next(16)), 1);
            IcmpEcho.TryReadReply(bytes, out _, out _);
        }
    }

    private static byte[] Packet(byte[] icmp) =>
        [0x45, 0, 0, 28, 0, 0, 0, 0, 64, 1, 0, 0, 10, 7, 0, 5, 10, 7, 0, 1, .. icmp];
}
