using System.Net;
using Hatchery.Wire.Dhcp;

namespace Hatchery.Wire.Tests.Dhcp;

public sealed class PxeClientTests
{
    [Fact]
    public void IPXE_is_known_by_its_encapsulated_options() =>
        Assert.True(PxeClient.IsIpxe(DhcpOptions.None.With(DhcpOptionCode.Ipxe, DhcpOptions.None.With(0xb1, [1]))));

    [Fact]
    public void IPXE_is_known_by_a_plain_user_class() =>
        Assert.True(PxeClient.IsIpxe(DhcpOptions.None.With(DhcpOptionCode.UserClass, "iPXE")));

    [Fact]
    public void IPXE_is_known_by_a_user_class_in_a_list() =>
        Assert.True(PxeClient.IsIpxe(DhcpOptions.None.With(DhcpOptionCode.UserClass, "\u0003abc\u0004iPXE")));

    [Fact]
    public void Another_user_class_is_not_iPXE() =>
        Assert.False(PxeClient.IsIpxe(DhcpOptions.None.With(DhcpOptionCode.UserClass, "\u0003abc\u0009iPXE")));

    [Fact]
    public void The_first_architecture_counts() =>
        Assert.Equal(
            (ushort)7,
            PxeClient.Architecture(DhcpOptions.None.With(DhcpOptionCode.ClientArchitecture, [0, 7, 0, 9]))
        );

    [Theory]
    [InlineData("PXEClient:Arch:00011:UNDI:003016", (ushort)11)]
    [InlineData("PXEClient:Arch:0001", null)]
    [InlineData("PXEClient:Arch:abcde:UNDI", null)]
    [InlineData("PXEClient:Arch:99999", null)]
    [InlineData("PXEClient", null)]
    public void Without_option_93_the_vendor_class_says_the_architecture(string vendor, object? architecture) =>
        Assert.Equal(
            architecture,
            (object?)PxeClient.Architecture(DhcpOptions.None.With(DhcpOptionCode.VendorClass, vendor))
        );

    [Fact]
    public void A_machine_identifier_reads_as_SMBIOS_writes_it()
    {
        byte[] option = [0, .. Convert.FromHexString("33221100554477668899aabbccddeeff")];
        Assert.Equal(
            Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"),
            PxeClient.Uuid(DhcpOptions.None.With(DhcpOptionCode.ClientMachineIdentifier, option))
        );
    }

    [Fact]
    public void A_machine_identifier_of_zeroes_is_none() =>
        Assert.Null(PxeClient.Uuid(DhcpOptions.None.With(DhcpOptionCode.ClientMachineIdentifier, new byte[17])));

    [Fact]
    public void PXE_and_HTTP_firmware_are_told_from_an_operating_system()
    {
        var pxe = DhcpOptions.None.With(DhcpOptionCode.VendorClass, "PXEClient:Arch:00007:UNDI:003016");
        var http = DhcpOptions.None.With(DhcpOptionCode.VendorClass, "HTTPClient:Arch:00016:UNDI:003016");
        Assert.True(PxeClient.IsNetworkBoot(pxe) && !PxeClient.IsHttpBoot(pxe));
        Assert.True(PxeClient.IsNetworkBoot(http) && PxeClient.IsHttpBoot(http));
        Assert.False(PxeClient.IsNetworkBoot(DhcpOptions.None.With(DhcpOptionCode.VendorClass, "udhcp 1.35")));
    }

    [Fact]
    public void A_relay_may_name_the_link() =>
        Assert.Equal(
            IPAddress.Parse("10.1.0.1"),
            RelayAgentInformation.Link(
                DhcpOptions.None.With(
                    DhcpOptionCode.RelayAgentInformation,
                    DhcpOptions.None.With(1, "eth0"u8).With(5, [10, 1, 0, 1])
                )
            )
        );
}
