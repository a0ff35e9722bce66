using System.Net;
using Hatchery.Boot.Dhcp;
using Hatchery.Wire.Dhcp;
using static Hatchery.Boot.Tests.Dhcp.FarmUnderTest;

namespace Hatchery.Boot.Tests.Dhcp;

public sealed class DhcpRefusalTests
{
    private static readonly IPAddress s_address = IPAddress.Parse("10.7.0.100");
    private static readonly IPAddress s_relay = IPAddress.Parse("10.8.0.1");

    [Fact]
    public void Spoofed_messages_are_refused_with_their_reason() =>
        Assert.All(
            SpoofedMessage.All(Mac, s_address),
            spoofed => Assert.Equal($"{spoofed.What}: {spoofed.Reason}", $"{spoofed.What}: {Of(spoofed.Message)}")
        );

    [Fact]
    public void What_clients_send_is_not_refused()
    {
        Assert.Null(Of(Discover(Mac), IPAddress.Any));
        Assert.Null(Of(Select(Mac, s_address, FirstServer), IPAddress.Any));
        Assert.Null(Of(Reboot(Mac, s_address), IPAddress.Any));
        Assert.Null(Of(Renew(Mac, s_address), s_address));
        Assert.Null(Of(Release(Mac, s_address).With(DhcpOptionCode.ServerIdentifier, FirstServer), s_address));
        Assert.Null(Of(Decline(Mac, s_address).With(DhcpOptionCode.ServerIdentifier, FirstServer), IPAddress.Any));
        Assert.Null(Of(Message(Mac, DhcpMessageType.Inform) with { ClientAddress = s_address }, s_address));
        Assert.Null(Of(Discover(Mac) with { Options = DhcpOptions.None }, IPAddress.Any));
    }

    [Fact]
    public void A_relay_sends_from_an_address()
    {
        var relayed = Discover(Mac) with { RelayAddress = s_relay };
        Assert.Null(Of(relayed, s_relay));
        Assert.Equal(DhcpRefusal.ForgedRelay, Of(relayed, IPAddress.Any));
    }

    private static string? Of(DhcpMessage message, IPAddress? sender = null) =>
        DhcpRefusal.Of(new(message, [FirstServer]) { Sender = sender });
}
