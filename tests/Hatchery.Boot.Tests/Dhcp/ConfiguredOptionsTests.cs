using System.Net;
using Hatchery.Boot.Dhcp;
using Hatchery.Wire.Dhcp;
using Microsoft.Extensions.Logging.Abstractions;
using static Hatchery.Boot.Tests.Dhcp.FarmUnderTest;

namespace Hatchery.Boot.Tests.Dhcp;

public sealed class ConfiguredOptionsTests
{
    private const DhcpOptionCode NtpServers = (DhcpOptionCode)42;
    private const DhcpOptionCode Mtu = (DhcpOptionCode)26;

    private static readonly DhcpSettings s_settings = Usual with
    {
        Options = Options(
            "ntp-servers=10.7.0.11",
            "domain-name=server.test",
            "interface-mtu=1400",
            "log-servers=10.7.0.9"
        ),
        Subnets = [Usual.Subnets[0] with { Options = Options("ntp-servers=10.7.0.12", "log-servers=10.7.0.8") }],
    };

    [Fact]
    public async Task The_machines_own_option_goes_before_its_pools_and_this_before_the_servers()
    {
        await using var farm = await CreateAsync(s_settings);
        farm.Directory.Options[Mac] = Options("log-servers=10.7.0.7");
        var offer = await farm.SendAsync(Discover(Mac));
        Assert.Equal(IPAddress.Parse("10.7.0.7"), offer!.Options.Address((DhcpOptionCode)7));
        Assert.Equal(IPAddress.Parse("10.7.0.12"), offer.Options.Address(NtpServers));
        Assert.Equal((ushort)1400, offer.Options.UInt16(Mtu));
        Assert.Equal("farm.test", offer.Options.Text(DhcpOptionCode.DomainName));
        var others = await farm.SendAsync(Discover(OtherMac));
        Assert.Equal(IPAddress.Parse("10.7.0.8"), others!.Options.Address((DhcpOptionCode)7));
    }

    [Fact]
    public async Task A_machines_own_options_go_before_what_the_pool_and_its_reservation_say_in_words()
    {
        var reserving = s_settings with { Reservations = [new(Mac, IPAddress.Parse("10.7.0.20"), "reserved")] };
        await using var farm = await CreateAsync(reserving);
        Assert.Equal("reserved", (await farm.SendAsync(Discover(Mac)))!.Options.Text(DhcpOptionCode.HostName));
        farm.Directory.Options[Mac] = Options("host-name=own", "routers=10.7.0.253", "domain-name=own.test");
        var offer = await farm.SendAsync(Discover(Mac));
        Assert.Equal("own", offer!.Options.Text(DhcpOptionCode.HostName));
        Assert.Equal("own.test", offer.Options.Text(DhcpOptionCode.DomainName));
        Assert.Equal(IPAddress.Parse("10.7.0.253"), offer.Options.Address(DhcpOptionCode.Router));
    }

    [Fact]
    public async Task A_client_gets_what_it_asks_for_in_its_order_and_nothing_else_that_is_configured()
    {
        await using var farm = await CreateAsync(s_settings);
        var offer = await farm.SendAsync(
            Discover(Mac)
                .With(DhcpOptionCode.ParameterRequestList, 42, 15, 3)
                .With(DhcpOptionCode.RelayAgentInformation, 1, 1, 7)
        );
        Assert.Equal([53, 54, 51, 1, 42, 15, 3, 58, 59, 82], offer!.Options.Select(o => (int)o.Key));
    }

    [Fact]
    public async Task A_machine_is_sent_to_another_servers_boot_file()
    {
        await using var farm = await CreateAsync();
        farm.Directory.Options[Mac] = Options("tftp-server-name=192.0.2.7", "bootfile-name=pxelinux.0");
        var offer = await farm.SendAsync(Pxe().With(DhcpOptionCode.ParameterRequestList, 66, 67));
        Assert.Equal((IPAddress.Parse("192.0.2.7"), "pxelinux.0"), (offer!.NextServer, offer.BootFile));
        Assert.Equal("192.0.2.7", offer.Options.Text(DhcpOptionCode.BootServerName));
        Assert.Equal("pxelinux.0", offer.Options.Text(DhcpOptionCode.BootFileName));

        farm.Directory.Options[Mac] = Options("66=boot.example.org");
        offer = await farm.SendAsync(Pxe());
        Assert.Equal(
            (IPAddress.Any, "boot.example.org", "undionly.kpxe"),
            (offer!.NextServer, offer.ServerName, offer.BootFile)
        );
    }

    [Fact]
    public async Task A_boot_file_too_long_for_its_field_stands_in_option_67_also_unasked()
    {
        await using var farm = await CreateAsync();
        var url = "http://boot.example.org/" + new string('x', 120);
        farm.Directory.Options[Mac] = Options($"bootfile-name={url}");
        var offer = await farm.SendAsync(Pxe().With(DhcpOptionCode.ParameterRequestList, 1, 3));
        Assert.Equal(("", url), (offer!.BootFile, offer.Options.Text(DhcpOptionCode.BootFileName)));
    }

    [Fact]
    public async Task Firmware_without_a_program_of_ours_gets_the_one_that_an_operator_names()
    {
        await using var farm = await CreateAsync();
        var firmware = Pxe().With(DhcpOptionCode.ClientArchitecture, 0, 99);
        Assert.Equal("", (await farm.SendAsync(firmware))!.BootFile);
        farm.Directory.Options[Mac] = Options("bootfile-name=odd.efi");
        Assert.Equal("odd.efi", (await farm.SendAsync(firmware))!.BootFile);
    }

    [Fact]
    public async Task iPXE_gets_the_operators_suboptions_beside_ours()
    {
        await using var farm = await CreateAsync();
        farm.Directory.Options[Mac] = Options("ipxe=178=text:user;1=u8:3");
        var offer = await farm.SendAsync(Discover(Mac).With(DhcpOptionCode.UserClass, "iPXE"));
        var inner = offer!.Options.Encapsulated(DhcpOptionCode.Ipxe);
        Assert.Equal([176, 178, 1], inner.Select(o => (int)o.Key));
        Assert.StartsWith("http://10.7.0.1:8069/boot/", offer.BootFile, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BOOTP_clients_get_what_is_configured_as_far_as_300_bytes_go_the_network_first()
    {
        var reserving = s_settings with { Reservations = [new(Mac, IPAddress.Parse("10.7.0.20"), "pc07")] };
        await using var farm = await CreateAsync(reserving);
        farm.Directory.Options[Mac] = Options("root-path=" + new string('r', 40));
        var request = Discover(Mac) with { Options = DhcpOptions.None };
        var answer = await farm.SendAsync(request);
        Assert.Equal([1, 3, 6, 12, 15], answer!.Options.Take(5).Select(o => (int)o.Key));
        var bytes = new System.Buffers.ArrayBufferWriter<byte>();
        var leftOut = answer.Write(bytes, DhcpListener.LongestFor(request));
        Assert.Equal((300, 17), (bytes.WrittenCount, Assert.Single(leftOut)));
        Assert.True(DhcpMessage.TryRead(bytes.WrittenSpan, out var read));
        Assert.Equal("pc07", read.Options.Text(DhcpOptionCode.HostName));
    }

    [Fact]
    public async Task Beside_another_server_only_what_boots_the_machine_is_said()
    {
        var directory = new RecordingDirectory();
        directory.Options[Mac] = Options(
            "ntp-servers=10.7.0.7",
            "vendor-class-identifier=other",
            "43=6=u8:7",
            "pxelinux-configfile=farm.cfg",
            "tftp-server-name=192.0.2.7",
            "bootfile-name=pxelinux.0"
        );
        var proxy = new ProxyDhcpResponder(
            s_settings,
            directory,
            directory.Timeline(),
            NullLogger<ProxyDhcpResponder>.Instance
        );
        var offer = await proxy.AnswerAsync(new(Pxe(), [FirstServer]), default);
        Assert.Equal((IPAddress.Parse("192.0.2.7"), "pxelinux.0"), (offer!.NextServer, offer.BootFile));
        Assert.Equal([6, 1, 7, 255], offer.Options[DhcpOptionCode.VendorSpecific].ToArray());
        Assert.Equal("PXEClient", offer.Options.Text(DhcpOptionCode.VendorClass));
        Assert.Equal("farm.cfg", offer.Options.Text((DhcpOptionCode)209));
        Assert.False(offer.Options.Has(NtpServers));
        Assert.False(offer.Options.Has(Mtu));
    }

    private static DhcpMessage Pxe() =>
        Discover(Mac)
            .With(DhcpOptionCode.VendorClass, "PXEClient:Arch:00000:UNDI:002001")
            .With(DhcpOptionCode.ClientArchitecture, 0, 0);

    internal static DhcpOptions Options(params string[] texts) =>
        texts.Aggregate(
            DhcpOptions.None,
            (options, text) =>
                DhcpOptionText.TryParse(text, out var code, out var value, out var error)
                    ? options.With(code, value)
                    : throw new ArgumentException(error)
        );
}
