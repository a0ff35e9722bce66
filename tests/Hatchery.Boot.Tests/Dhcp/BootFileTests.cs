using Hatchery.Boot.Dhcp;
using Hatchery.Wire.Dhcp;
using static Hatchery.Boot.Tests.Dhcp.FarmUnderTest;

namespace Hatchery.Boot.Tests.Dhcp;

public sealed class BootFileTests
{
    [Theory]
    [InlineData(0, "undionly.kpxe")]
    [InlineData(7, "snponly.efi")]
    [InlineData(9, "snponly.efi")]
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
    public async Task HTTP_firmware_gets_a_URL_and_its_vendor_class_back()
    {
        var offer = await OfferAsync(
            Discover(Mac)
                .With(DhcpOptionCode.VendorClass, "HTTPClient:Arch:00016:UNDI:003001")
                .With(DhcpOptionCode.ClientArchitecture, 0, 16)
        );
        Assert.Equal("http://10.7.0.1:8069/ipxe/snponly.efi", offer.BootFile);
        Assert.Equal("HTTPClient", offer.Options.Text(DhcpOptionCode.VendorClass));
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
