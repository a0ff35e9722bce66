using Hatchery.Boot.Dhcp;
using Hatchery.Wire.Dhcp;
using static Hatchery.Boot.Tests.Dhcp.FarmUnderTest;

namespace Hatchery.Boot.Tests.Dhcp;

public sealed class BootFileTests
{
    [Fact]
    public void Options_66_67_and_150_are_given_to_who_asks_for_them()
    {
        var server = FarmUnderTest.FirstServer;
        var request = FarmUnderTest
            .Discover(FarmUnderTest.Mac)
            .With(DhcpOptionCode.VendorClass, "PXEClient:Arch:00000:UNDI:002001")
            .With(DhcpOptionCode.ParameterRequestList, 66, 67, 150);
        var reply = FarmUnderTest.Discover(FarmUnderTest.Mac);
        var file = BootFile.For(request, server, FarmUnderTest.Usual)!;
        var told = file.ApplyTo(reply, request, server).Options;
        Assert.Equal(server.ToString(), told.Text(DhcpOptionCode.BootServerName));
        Assert.Equal("undionly.kpxe", told.Text(DhcpOptionCode.BootFileName));
        Assert.Equal([server], told.Addresses(DhcpOptionCode.TftpServerAddresses));
        var silent = request with { Options = request.Options.Without(DhcpOptionCode.ParameterRequestList) };
        Assert.Equal(reply.Options, file.ApplyTo(reply, silent, server).Options);
    }

    [Theory]
    [InlineData(0, "undionly.kpxe")]
    [InlineData(7, "snponly.efi")]
    [InlineData(9, "snponly.efi")]
    [InlineData(11, "ipxe-arm64.efi")]
    public async Task Firmware_is_sent_to_the_boot_program_of_its_architecture(byte architecture, string program)
    {
        var offer = await OfferAsync(Pxe(architecture));
        Assert.Equal(program, offer.BootFile);
        Assert.Equal(FirstServer, offer.NextServer);
        Assert.False(offer.Options.Has(DhcpOptionCode.BootFileName));
    }

    [Fact]
    public async Task An_architecture_without_a_boot_program_gets_an_address_only() =>
        Assert.Equal("", (await OfferAsync(Pxe(6))).BootFile);

    [Fact]
    public async Task Options_66_and_67_are_there_for_who_asks()
    {
        var offer = await OfferAsync(Pxe(0).With(DhcpOptionCode.ParameterRequestList, 1, 66, 67));
        Assert.Equal("10.7.0.1", offer.Options.Text(DhcpOptionCode.BootServerName));
        Assert.Equal("undionly.kpxe", offer.Options.Text(DhcpOptionCode.BootFileName));
    }

    [Fact]
    public async Task The_longest_URL_of_a_script_fits_the_field_and_names_the_relay()
    {
        var longest = Usual with
        {
            HttpPort = 65535,
            Subnets =
            [
                new(
                    System.Net.IPNetwork.Parse("223.255.255.0/24"),
                    System.Net.IPAddress.Parse("223.255.255.100"),
                    System.Net.IPAddress.Parse("223.255.255.109")
                ),
            ],
        };
        await using var farm = await CreateAsync(longest);
        var discover = Discover(Mac)
            .With(DhcpOptionCode.UserClass, "iPXE")
            .With(DhcpOptionCode.ClientArchitecture, 255, 255)
            .With(DhcpOptionCode.ClientMachineIdentifier, [0, .. Enumerable.Repeat((byte)255, 16)]);
        var offer = await farm.SendAsync(
            discover with
            {
                RelayAddress = System.Net.IPAddress.Parse("223.255.255.254"),
            },
            System.Net.IPAddress.Parse("223.255.255.253")
        );
        Assert.Equal(
            "http://223.255.255.253:65535/boot/52-54-00-00-00-01?arch=65535&uuid=ffffffff-ffff-ffff-ffff-ffffffffffff&relay=223.255.255.254",
            offer!.BootFile
        );
    }

    [Theory]
    [InlineData(16, "snponly.efi")]
    [InlineData(19, "ipxe-arm64.efi")]
    public async Task HTTP_firmware_gets_a_URL_and_its_vendor_class_back(byte architecture, string program)
    {
        var offer = await OfferAsync(
            Discover(Mac)
                .With(DhcpOptionCode.VendorClass, $"HTTPClient:Arch:{architecture:D5}:UNDI:003001")
                .With(DhcpOptionCode.ClientArchitecture, 0, architecture)
        );
        Assert.Equal($"http://10.7.0.1:8069/ipxe/{program}", offer.BootFile);
        Assert.Equal("HTTPClient", offer.Options.Text(DhcpOptionCode.VendorClass));
    }

    [Fact]
    public async Task Firmware_without_option_93_is_known_by_its_vendor_class() =>
        Assert.Equal(
            "ipxe-arm64.efi",
            (
                await OfferAsync(Discover(Mac).With(DhcpOptionCode.VendorClass, "PXEClient:Arch:00011:UNDI:003000"))
            ).BootFile
        );

    [Fact]
    public async Task IPXE_that_cannot_fetch_by_HTTP_is_sent_to_a_boot_program_that_can()
    {
        var tftpOnly = DhcpOptions.None.With(21, [1]).With(17, [1]);
        var options = Pxe(0).Options.With(DhcpOptionCode.UserClass, "iPXE");
        Assert.Equal(
            "undionly.kpxe",
            (await OfferAsync(Pxe(0) with { Options = options.With(DhcpOptionCode.Ipxe, tftpOnly) })).BootFile
        );
        Assert.StartsWith(
            "http:",
            (
                await OfferAsync(Pxe(0) with { Options = options.With(DhcpOptionCode.Ipxe, tftpOnly.With(19, [1])) })
            ).BootFile,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task IPXE_gets_its_own_script_and_does_not_wait_for_proxy_DHCP()
    {
        var uuid = Guid.Parse("00112233-4455-6677-8899-aabbccddeeff");
        var offer = await OfferAsync(
            Pxe(7)
                .With(DhcpOptionCode.Ipxe, 0xb1, 1, 1)
                .With(DhcpOptionCode.ClientMachineIdentifier, [0, .. uuid.ToByteArray()])
        );
        Assert.Equal($"http://10.7.0.1:8069/boot/52-54-00-00-00-01?arch=7&uuid={uuid}", offer.BootFile);
        Assert.Equal([176, 1, 1], offer.Options[DhcpOptionCode.Ipxe].ToArray());
    }

    [Fact]
    public async Task An_operating_system_gets_no_boot_file() =>
        Assert.Equal("", (await OfferAsync(Discover(Mac).With(DhcpOptionCode.VendorClass, "dhcpcd"))).BootFile);

    private static DhcpMessage Pxe(byte architecture) =>
        Discover(Mac)
            .With(DhcpOptionCode.VendorClass, $"PXEClient:Arch:{architecture:D5}:UNDI:002001")
            .With(DhcpOptionCode.ClientArchitecture, 0, architecture);

    private static async Task<DhcpMessage> OfferAsync(DhcpMessage discover)
    {
        await using var farm = await CreateAsync();
        return (await farm.SendAsync(discover))!;
    }
}
