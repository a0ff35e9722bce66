using System.Net;
using Hatchery.Boot.Dhcp;
using Hatchery.Wire.Dhcp;
using Microsoft.Extensions.Logging.Abstractions;
using static Hatchery.Boot.Tests.Dhcp.FarmUnderTest;

namespace Hatchery.Boot.Tests.Dhcp;

public sealed class ProxyDhcpResponderTests
{
    private static readonly byte[] s_machine = [0, .. Enumerable.Range(1, 16).Select(i => (byte)i)];
    private readonly RecordingDirectory _directory = new();

    [Fact]
    public async Task Firmware_is_offered_its_program_and_no_address()
    {
        var offer = await SendAsync(Firmware(DhcpMessageType.Discover, architecture: 0));
        Assert.Equal(DhcpMessageType.Offer, offer!.Type);
        Assert.Equal(IPAddress.Any, offer.YourAddress);
        Assert.Equal((FirstServer, "undionly.kpxe"), (offer.NextServer, offer.BootFile));
        Assert.Equal(FirstServer, offer.Options.Address(DhcpOptionCode.ServerIdentifier));
        Assert.Equal("PXEClient", offer.Options.Text(DhcpOptionCode.VendorClass));
        Assert.Equal(s_machine, offer.Options[DhcpOptionCode.ClientMachineIdentifier].ToArray());
        Assert.Equal([6, 1, 8, 255], offer.Options[DhcpOptionCode.VendorSpecific].ToArray());
        Assert.False(offer.Options.Has(DhcpOptionCode.LeaseTime));
        Assert.False(offer.Options.Has(DhcpOptionCode.SubnetMask));
        Assert.Equal([BootStep.Discovered, BootStep.Offered], _directory.Reported.Select(r => r.Step));
    }

    [Fact]
    public async Task UEFI_firmware_is_not_told_how_to_find_its_program_so_that_it_asks_on_the_proxy_port()
    {
        var offer = await SendAsync(Firmware(DhcpMessageType.Discover, architecture: 7));
        Assert.Equal((FirstServer, "snponly.efi"), (offer!.NextServer, offer.BootFile));
        Assert.False(offer.Options.Has(DhcpOptionCode.VendorSpecific));
    }

    [Fact]
    public async Task iPXE_is_sent_to_its_script()
    {
        var offer = await SendAsync(Firmware(DhcpMessageType.Discover, 0).With(DhcpOptionCode.UserClass, "iPXE"));
        Assert.StartsWith("http://10.7.0.1:8069/boot/52-54-00-00-00-01?", offer!.BootFile, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HTTP_firmware_is_answered_as_such()
    {
        var discover = Firmware(DhcpMessageType.Discover, 16).With(DhcpOptionCode.VendorClass, "HTTPClient:Arch:00016");
        var offer = await SendAsync(discover);
        Assert.Equal("HTTPClient", offer!.Options.Text(DhcpOptionCode.VendorClass));
        Assert.StartsWith("http://10.7.0.1:8069/ipxe/", offer.BootFile, StringComparison.Ordinal);
        Assert.False(offer.Options.Has(DhcpOptionCode.VendorSpecific));
    }

    [Fact]
    public async Task A_request_to_the_proxy_port_is_acknowledged_to_the_address_the_client_has()
    {
        var address = IPAddress.Parse("10.7.0.55");
        var request = Firmware(DhcpMessageType.Request, 0) with { ClientAddress = address };
        var answer = await SendAsync(request, isOnProxyPort: true);
        Assert.Equal((DhcpMessageType.Ack, "undionly.kpxe"), (answer!.Type, answer.BootFile));
        Assert.Equal((address, IPAddress.Any), (answer.ClientAddress, answer.YourAddress));
    }

    [Fact]
    public async Task Everything_else_is_left_to_the_other_server()
    {
        Assert.Null(await SendAsync(Discover(Mac)));
        Assert.Null(await SendAsync(Firmware(DhcpMessageType.Request, 0)));
        Assert.Null(await SendAsync(Select(Mac, IPAddress.Parse("10.7.0.55"), FirstServer)));
        Assert.Null(await SendAsync(Renew(Mac, IPAddress.Parse("10.7.0.55"))));
        Assert.Null(await SendAsync(Firmware(DhcpMessageType.Discover, 0), isOnProxyPort: true));
        Assert.Null(await SendAsync(Firmware(DhcpMessageType.Discover, architecture: 999)));
        Assert.Empty(_directory.Reported);
    }

    private Task<DhcpMessage?> SendAsync(DhcpMessage message, bool isOnProxyPort = false) =>
        new ProxyDhcpResponder(
            Usual,
            _directory,
            _directory.Timeline(),
            NullLogger<ProxyDhcpResponder>.Instance
        ).AnswerAsync(new(message, [FirstServer]) { IsOnProxyPort = isOnProxyPort }, default);

    private static DhcpMessage Firmware(DhcpMessageType type, ushort architecture) =>
        Message(Mac, type)
            .With(DhcpOptionCode.VendorClass, $"PXEClient:Arch:{architecture:00000}:UNDI:003001")
            .With(DhcpOptionCode.ClientArchitecture, (byte)(architecture >> 8), (byte)architecture)
            .With(DhcpOptionCode.ClientMachineIdentifier, s_machine);
}
