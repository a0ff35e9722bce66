using System.Net;
using Hatchery.Boot.Dhcp;
using Hatchery.Wire.Dhcp;
using static Hatchery.Boot.Tests.Dhcp.FarmUnderTest;

namespace Hatchery.Boot.Tests.Dhcp;

public sealed class BootpTests
{
    private static readonly IPAddress s_reserved = IPAddress.Parse("10.7.0.30");
    private static readonly DhcpSettings s_reserving = Usual with
    {
        Reservations = [new(Mac, s_reserved)],
        ServerName = "hatch-1",
    };

    private static readonly DhcpSettings s_dynamic = Usual with
    {
        Subnets = [Usual.Subnets[0] with { Bootp = AddressRange.Parse("10.7.0.210-10.7.0.211") }],
    };

    private static DhcpMessage Request => Discover(Mac) with { Options = DhcpOptions.None };

    [Fact]
    public async Task A_client_gets_its_reservation_for_ever_and_nothing_without_one()
    {
        await using var farm = await CreateAsync(s_reserving);
        var answer = await farm.SendAsync(Request);
        Assert.Equal((null, s_reserved), (answer!.Type, answer.YourAddress));
        Assert.Equal(IPAddress.Parse("255.255.255.0"), answer.Options.Address(DhcpOptionCode.SubnetMask));
        Assert.False(answer.Options.Has(DhcpOptionCode.LeaseTime));
        Assert.False(answer.Options.Has(DhcpOptionCode.ServerIdentifier));
        Assert.Null(await farm.SendAsync(Request with { ClientMac = OtherMac }));
    }

    [Fact]
    public async Task A_client_is_told_place_and_name_of_the_boot_program()
    {
        await using var farm = await CreateAsync(s_reserving);
        var answer = await farm.SendAsync(Request);
        Assert.Equal((FirstServer, "undionly.kpxe"), (answer!.NextServer, answer.BootFile));
    }

    [Fact]
    public async Task A_client_that_names_a_file_itself_is_given_that_name()
    {
        await using var farm = await CreateAsync(s_reserving);
        Assert.Equal("ipxe.lkrn", (await farm.SendAsync(Request with { BootFile = "ipxe.lkrn" }))!.BootFile);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("HATCH-1", true)]
    [InlineData("10.7.0.1", true)]
    [InlineData("another", false)]
    public async Task A_client_may_want_one_server_by_name(string name, bool isUs)
    {
        await using var farm = await CreateAsync(s_reserving);
        Assert.Equal(isUs, await farm.SendAsync(Request with { ServerName = name }) is not null);
    }

    [Fact]
    public async Task A_client_that_knows_no_options_gets_none()
    {
        await using var farm = await CreateAsync(s_reserving);
        Assert.False((await farm.SendAsync(Request with { HasCookie = false }))!.HasCookie);
    }

    [Fact]
    public async Task A_client_that_has_an_address_is_answered_there()
    {
        await using var farm = await CreateAsync(s_reserving);
        var answer = await farm.SendAsync(Request with { ClientAddress = s_reserved });
        Assert.Equal(new IPEndPoint(s_reserved, 68), DhcpListener.DestinationOf(answer!));
    }

    [Fact]
    public async Task A_range_for_BOOTP_gives_each_client_an_address_for_ever()
    {
        await using var farm = await CreateAsync(s_dynamic);
        var first = await farm.SendAsync(Request);
        var second = await farm.SendAsync(Request with { ClientMac = OtherMac });
        Assert.Equal(
            ["10.7.0.210", "10.7.0.211"],
            new[] { first, second }.Select(a => a!.YourAddress.ToString()).Order(StringComparer.Ordinal)
        );
        farm.Time.Advance(TimeSpan.FromDays(3650));
        Assert.Null(await farm.SendAsync(Request with { ClientMac = new(0x525400001000) }));
        Assert.Equal(first!.YourAddress, (await farm.SendAsync(Request))!.YourAddress);
    }

    [Fact]
    public async Task An_address_for_BOOTP_is_pinged_before_it_is_given_out_for_ever()
    {
        await using var farm = await CreateAsync(s_dynamic);
        farm.Probe.Answer = address => Task.FromResult(farm.Probe.Asked.Count == 1);
        var answer = await farm.SendAsync(Request);
        Assert.Equal(farm.Probe.Asked.Last(), answer!.YourAddress);
        Assert.Equal(2, farm.Probe.Asked.Count);
    }

    [Fact]
    public async Task DHCP_clients_get_no_address_of_the_range_for_BOOTP()
    {
        await using var farm = await CreateAsync(s_dynamic);
        var wish = IPAddress.Parse("10.7.0.210");
        var offer = await farm.SendAsync(Discover(Mac).With(DhcpOptionCode.RequestedAddress, wish));
        Assert.InRange(offer!.YourAddress.GetAddressBytes()[3], 100, 109);
    }
}
