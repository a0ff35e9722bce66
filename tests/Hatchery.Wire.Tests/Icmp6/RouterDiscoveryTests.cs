using System.Buffers;
using Hatchery.Testing;
using Hatchery.Wire.Icmp6;
using Xunit.Abstractions;

namespace Hatchery.Wire.Tests.Icmp6;

public sealed class RouterDiscoveryTests(ITestOutputHelper output)
{
    private static readonly MacAddress s_mac = MacAddress.Parse("52:54:00:12:34:56");

    [Fact]
    public void A_solicitation_is_read_again()
    {
        foreach (var solicitation in new RouterSolicitation[] { new(s_mac), new((MacAddress?)null) })
        {
            Assert.True(RouterSolicitation.TryRead(Bytes(solicitation.Write), out var read));
            Assert.Equal(solicitation, read);
        }
    }

    [Fact]
    public void An_advertisement_is_read_again()
    {
        var advertisement = new RouterAdvertisement(64, true, true, 1800, 30_000, 1_000, s_mac);
        Assert.True(RouterAdvertisement.TryRead(Bytes(advertisement.Write), out var read));
        Assert.Equal(advertisement, read);
    }

    [Fact]
    public void The_usual_advertisement_offers_no_route()
    {
        var bytes = Bytes(new RouterAdvertisement().Write);
        Assert.Equal(new byte[] { 134, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, bytes);
    }

    [Fact]
    public void An_option_without_length_is_refused() =>
        Assert.False(
            RouterSolicitation.TryRead(new byte[] { 133, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 2, 3, 4, 5, 6 }, out _)
        );

    [Fact]
    public void Hostile_bytes_never_throw()
    {
        var random = Seed.New(output, 3);
        for (var round = 0; round < 50_000; round++)
        {
            var bytes = new byte[random.Next(64)];
            random.NextBytes(bytes);
            if (bytes.Length > 1)
                (bytes[0], bytes[1]) = ((byte)(133 + random.Next(2)), 0);
            if (RouterSolicitation.TryRead(bytes, out var solicitation))
                Assert.NotEmpty(Bytes(solicitation.Write));
            if (RouterAdvertisement.TryRead(bytes, out var advertisement))
                Assert.NotEmpty(Bytes(advertisement.Write));
        }
    }

    private static byte[] Bytes(Action<IBufferWriter<byte>> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        write(buffer);
        return buffer.WrittenSpan.ToArray();
    }
}
