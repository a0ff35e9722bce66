using System.Net;
using Hatchery.Boot.Dhcp;
using Hatchery.Wire;
using Hatchery.Wire.Dhcp;
using static Hatchery.Boot.Tests.Dhcp.FarmUnderTest;

namespace Hatchery.Boot.Tests.Dhcp;

public sealed class DhcpResponderTests
{
    [Fact]
    public async Task A_discover_is_offered_an_address_with_the_subnets_settings()
    {
        await using var farm = await CreateAsync();
        var offer = await farm.SendAsync(Discover(Mac) with { Seconds = 4, Broadcast = true });
        Assert.NotNull(offer);
        Assert.Equal(DhcpMessageType.Offer, offer.Type);
        Assert.Equal(0x1234u, offer.TransactionId);
        Assert.True(offer.Broadcast);
        Assert.InRange(offer.YourAddress.GetAddressBytes()[3], 100, 109);
        Assert.Equal(FirstServer, offer.Options.Address(DhcpOptionCode.ServerIdentifier));
        Assert.Equal(IPAddress.Parse("255.255.255.0"), offer.Options.Address(DhcpOptionCode.SubnetMask));
        Assert.Equal(IPAddress.Parse("10.7.0.254"), offer.Options.Address(DhcpOptionCode.Router));
        Assert.Equal(IPAddress.Parse("10.7.0.53"), offer.Options.Address(DhcpOptionCode.DomainNameServer));
        Assert.Equal("farm.test", offer.Options.Text(DhcpOptionCode.DomainName));
        Assert.Equal(3600u, offer.Options.UInt32(DhcpOptionCode.LeaseTime));
    }

    [Fact]
    public async Task A_selected_offer_is_acknowledged_and_stored()
    {
        await using var farm = await CreateAsync();
        var address = await farm.JoinAsync(Mac);
        Assert.NotNull(address);
        var lease = await farm.Leases.OfAddressAsync(address, default);
        Assert.Equal((Mac, LeaseState.Bound), (lease!.Mac, lease.State));
        Assert.Equal(farm.Time.GetUtcNow() + TimeSpan.FromHours(1), lease.ExpiresAt);
    }

    [Fact]
    public async Task A_request_that_names_another_server_is_not_answered_and_changes_nothing()
    {
        await using var farm = await CreateAsync();
        var offer = await farm.SendAsync(Discover(Mac));
        Assert.Null(await farm.SendAsync(Select(Mac, offer!.YourAddress, SecondServer)));
        Assert.Equal(LeaseState.Offered, (await farm.Leases.OfAddressAsync(offer.YourAddress, default))!.State);
    }

    [Fact]
    public async Task Two_servers_offer_one_machine_the_same_address()
    {
        await using var farm = await CreateAsync();
        var first = await farm.SendAsync(Discover(Mac));
        var second = await farm.SendAsync(Discover(Mac), SecondServer);
        Assert.Equal(first!.YourAddress, second!.YourAddress);
    }

    [Fact]
    public async Task An_offered_address_is_offered_to_others_only_when_no_other_is_left()
    {
        var two = Usual with { Subnets = [Usual.Subnets[0] with { Last = IPAddress.Parse("10.7.0.101") }] };
        await using var farm = await CreateAsync(two);
        var first = await farm.SendAsync(Discover(Mac));
        farm.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotEqual(first!.YourAddress, (await farm.SendAsync(Discover(OtherMac)))!.YourAddress);
        var third = await farm.SendAsync(Discover(new(0x525400001000)));
        Assert.Equal(first.YourAddress, third!.YourAddress);
    }

    [Fact]
    public async Task Of_several_machines_offered_one_address_the_first_that_takes_it_has_it()
    {
        var one = Usual with { Subnets = [Usual.Subnets[0] with { Last = IPAddress.Parse("10.7.0.100") }] };
        await using var farm = await CreateAsync(one);
        var address = (await farm.SendAsync(Discover(Mac)))!.YourAddress;
        Assert.Equal(address, (await farm.SendAsync(Discover(OtherMac)))!.YourAddress);
        Assert.Equal(DhcpMessageType.Ack, (await farm.SendAsync(Select(Mac, address, FirstServer)))!.Type);
        Assert.Equal(DhcpMessageType.Nak, (await farm.SendAsync(Select(OtherMac, address, FirstServer)))!.Type);
        Assert.Null(await farm.SendAsync(Discover(OtherMac)));
    }

    [Fact]
    public async Task Offers_that_nobody_takes_up_do_not_use_up_the_pool()
    {
        await using var farm = await CreateAsync();
        for (ulong i = 0; i < 200; i++)
            Assert.NotNull(await farm.SendAsync(Discover(new MacAddress(0x525400005000 + i))));
        Assert.NotNull(await farm.JoinAsync(Mac));
    }

    [Fact]
    public async Task An_offer_taken_up_too_late_is_refused_when_the_address_went_to_another()
    {
        var one = Usual with { Subnets = [Usual.Subnets[0] with { Last = IPAddress.Parse("10.7.0.100") }] };
        await using var farm = await CreateAsync(one);
        var offer = await farm.SendAsync(Discover(Mac));
        farm.Time.Advance(one.OfferDuration);
        Assert.NotNull(await farm.JoinAsync(OtherMac));
        var answer = await farm.SendAsync(Select(Mac, offer!.YourAddress, FirstServer));
        Assert.Equal(DhcpMessageType.Nak, answer!.Type);
        Assert.Equal(IPAddress.Any, answer.YourAddress);
    }

    [Fact]
    public async Task An_exhausted_pool_means_silence()
    {
        await using var farm = await CreateAsync();
        for (ulong i = 0; i < 10; i++)
            Assert.NotNull(await farm.JoinAsync(new MacAddress(0x525400001000 + i)));
        Assert.Null(await farm.SendAsync(Discover(Mac)));
    }

    [Fact]
    public async Task An_excluded_address_is_given_out_only_where_it_is_reserved()
    {
        var reserved = IPAddress.Parse("10.7.0.104");
        var excluding = Usual with
        {
            Subnets = [Usual.Subnets[0] with { Excluded = [AddressRange.Parse("10.7.0.101-10.7.0.109")!] }],
            Reservations = [new(OtherMac, reserved)],
        };
        await using var farm = await CreateAsync(excluding);
        Assert.Equal(IPAddress.Parse("10.7.0.100"), await farm.JoinAsync(Mac));
        Assert.Equal(reserved, await farm.JoinAsync(OtherMac));
        Assert.Null(await farm.SendAsync(Discover(new MacAddress(0x525400001000))));
    }

    [Theory]
    [InlineData("10.7.0.1", "10.7.0.1", "10.7.0.1")]
    [InlineData("10.7.0.1 - 10.7.0.9", "10.7.0.1", "10.7.0.9")]
    public void A_range_is_one_address_or_two_with_a_dash(string text, string first, string last) =>
        Assert.Equal(new AddressRange(IPAddress.Parse(first), IPAddress.Parse(last)), AddressRange.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("10.7.0.9-10.7.0.1")]
    [InlineData("10.7.0.1-10.7.0.2-10.7.0.3")]
    [InlineData("fe80::1")]
    public void Anything_else_is_no_range(string text) => Assert.Null(AddressRange.Parse(text));

    [Fact]
    public async Task A_machine_gets_its_address_again_after_its_lease_ended()
    {
        await using var farm = await CreateAsync();
        var address = await farm.JoinAsync(Mac);
        farm.Time.Advance(TimeSpan.FromDays(2));
        Assert.NotEqual(address, await farm.JoinAsync(OtherMac));
        Assert.Equal(address, await farm.JoinAsync(Mac, SecondServer));
    }

    [Fact]
    public async Task Another_client_identifier_on_the_same_machine_keeps_the_address()
    {
        await using var farm = await CreateAsync();
        var address = await farm.JoinAsync(Mac);
        var offer = await farm.SendAsync(Discover(Mac).With(DhcpOptionCode.ClientIdentifier, 255, 1, 2, 3));
        Assert.Equal(address, offer!.YourAddress);
    }

    [Fact]
    public async Task An_offer_does_not_shorten_a_running_lease()
    {
        await using var farm = await CreateAsync();
        var address = await farm.JoinAsync(Mac);
        await farm.SendAsync(Discover(Mac));
        var lease = await farm.Leases.OfAddressAsync(address!, default);
        Assert.Equal(farm.Time.GetUtcNow() + TimeSpan.FromHours(1), lease!.ExpiresAt);
    }

    [Fact]
    public async Task An_offer_that_comes_after_another_server_bound_the_machine_does_not_shorten_its_lease()
    {
        await using var farm = await CreateAsync();
        var address = await farm.JoinAsync(Mac, SecondServer);
        var now = farm.Time.GetUtcNow();
        var late = new Lease(address!, Mac, "", "", LeaseState.Offered, now + Usual.OfferDuration);
        Assert.False(await farm.Leases.TryTakeAsync(late, now, isOverOffers: false, default));
        Assert.Equal(LeaseState.Bound, (await farm.Leases.OfAddressAsync(address!, default))!.State);
    }

    [Fact]
    public async Task Renewing_extends_at_either_server_and_is_answered_to_the_address_itself()
    {
        await using var farm = await CreateAsync();
        var address = await farm.JoinAsync(Mac);
        farm.Time.Advance(TimeSpan.FromMinutes(30));
        var answer = await farm.SendAsync(Renew(Mac, address!), SecondServer);
        Assert.Equal(DhcpMessageType.Ack, answer!.Type);
        Assert.Equal(new IPEndPoint(address!, 68), DhcpListener.DestinationOf(answer));
        var lease = await farm.Leases.OfAddressAsync(address!, default);
        Assert.Equal(farm.Time.GetUtcNow() + TimeSpan.FromHours(1), lease!.ExpiresAt);
    }

    [Fact]
    public async Task A_reboot_with_its_own_address_is_confirmed()
    {
        await using var farm = await CreateAsync();
        var address = await farm.JoinAsync(Mac);
        var answer = await farm.SendAsync(Reboot(Mac, address!));
        Assert.Equal((DhcpMessageType.Ack, address), (answer!.Type, answer.YourAddress));
    }

    [Fact]
    public async Task A_reboot_with_anothers_address_is_refused()
    {
        await using var farm = await CreateAsync();
        var address = await farm.JoinAsync(Mac);
        Assert.Equal(DhcpMessageType.Nak, (await farm.SendAsync(Reboot(OtherMac, address!)))!.Type);
    }

    [Fact]
    public async Task A_reboot_from_another_network_is_refused()
    {
        await using var farm = await CreateAsync();
        var answer = await farm.SendAsync(Reboot(Mac, IPAddress.Parse("192.168.1.1")));
        Assert.Equal(DhcpMessageType.Nak, answer!.Type);
        Assert.Equal(new IPEndPoint(IPAddress.Broadcast, 68), DhcpListener.DestinationOf(answer));
    }

    [Fact]
    public async Task A_reboot_with_an_unknown_address_is_left_to_other_servers()
    {
        await using var farm = await CreateAsync();
        Assert.Null(await farm.SendAsync(Reboot(Mac, IPAddress.Parse("10.7.0.105"))));
    }

    [Fact]
    public async Task A_reboot_with_an_unknown_address_is_refused_by_an_authoritative_server()
    {
        await using var farm = await CreateAsync(Usual with { Authoritative = true });
        var answer = await farm.SendAsync(Reboot(Mac, IPAddress.Parse("10.7.0.105")));
        Assert.Equal(DhcpMessageType.Nak, answer!.Type);
    }

    [Fact]
    public async Task A_reboot_with_another_address_than_it_has_here_is_refused()
    {
        await using var farm = await CreateAsync();
        var address = await farm.JoinAsync(Mac);
        var other = IPAddress.Parse(address!.ToString() == "10.7.0.105" ? "10.7.0.106" : "10.7.0.105");
        Assert.Equal(DhcpMessageType.Nak, (await farm.SendAsync(Reboot(Mac, other)))!.Type);
    }

    [Fact]
    public async Task A_reservation_made_later_moves_the_machine_when_it_starts_and_not_while_it_runs()
    {
        var reserved = IPAddress.Parse("10.7.0.20");
        await using var farm = await CreateAsync(Usual with { Reservations = [new(Mac, reserved)] });
        var had = IPAddress.Parse("10.7.0.105");
        var lease = new Lease(had, Mac, "", "", LeaseState.Bound, farm.Time.GetUtcNow() + TimeSpan.FromHours(1));
        Assert.True(await farm.Leases.TryTakeAsync(lease, farm.Time.GetUtcNow(), isOverOffers: false, default));
        Assert.Equal(DhcpMessageType.Ack, (await farm.SendAsync(Renew(Mac, had)))!.Type);
        Assert.Equal(DhcpMessageType.Nak, (await farm.SendAsync(Reboot(Mac, had)))!.Type);
        Assert.Equal(reserved, await farm.JoinAsync(Mac));
    }

    [Theory]
    [InlineData(null, 3600)]
    [InlineData(600u, 600)]
    [InlineData(1u, 120)]
    [InlineData(7200u, 7200)]
    [InlineData(uint.MaxValue, 86400)]
    public async Task A_client_may_ask_for_a_lease_time_within_bounds(uint? seconds, uint granted)
    {
        await using var farm = await CreateAsync(
            Usual with
            {
                LeaseDurationMin = TimeSpan.FromMinutes(2),
                LeaseDurationMax = TimeSpan.FromDays(1),
            }
        );
        var select = Select(Mac, (await farm.SendAsync(Discover(Mac)))!.YourAddress, FirstServer);
        if (seconds is not null)
            select = select with { Options = select.Options.With(DhcpOptionCode.LeaseTime, seconds.Value) };
        var answer = await farm.SendAsync(select);
        Assert.Equal(
            (granted, granted / 2, granted / 8 * 7),
            (
                answer!.Options.UInt32(DhcpOptionCode.LeaseTime),
                answer.Options.UInt32(DhcpOptionCode.RenewalTime),
                answer.Options.UInt32(DhcpOptionCode.RebindingTime)
            )
        );
        var lease = await farm.Leases.OfAddressAsync(answer.YourAddress, default);
        Assert.Equal(farm.Time.GetUtcNow().AddSeconds(granted), lease!.ExpiresAt);
    }

    [Fact]
    public async Task The_client_identifier_goes_back_with_every_answer()
    {
        await using var farm = await CreateAsync();
        byte[] id = [255, 1, 2, 3];
        var offer = await farm.SendAsync(Discover(Mac).With(DhcpOptionCode.ClientIdentifier, id));
        var nak = await farm.SendAsync(
            Reboot(Mac, IPAddress.Parse("192.168.1.1")).With(DhcpOptionCode.ClientIdentifier, id)
        );
        Assert.Equal(DhcpMessageType.Nak, nak!.Type);
        Assert.All([offer!, nak], m => Assert.Equal(id, m.Options[DhcpOptionCode.ClientIdentifier].ToArray()));
        Assert.False((await farm.SendAsync(Discover(Mac)))!.Options.Has(DhcpOptionCode.ClientIdentifier));
    }

    [Theory]
    [InlineData(null, 548)]
    [InlineData(100, 548)]
    [InlineData(1260, 1232)]
    [InlineData(65535, 1472)]
    public void An_answer_is_no_longer_than_the_client_says_it_takes(int? says, int bytes)
    {
        var request = Discover(Mac);
        if (says is { } most)
            request = request.With(DhcpOptionCode.MaximumMessageSize, (byte)(most >> 8), (byte)most);
        Assert.Equal(bytes, DhcpListener.LongestFor(request));
        Assert.Equal(300, DhcpListener.LongestFor(request with { Options = DhcpOptions.None }));
    }

    [Fact]
    public async Task A_declined_address_is_set_aside_for_everybody()
    {
        await using var farm = await CreateAsync();
        var address = await farm.JoinAsync(Mac);
        Assert.Null(await farm.SendAsync(Decline(Mac, address!)));
        Assert.NotEqual(address, await farm.JoinAsync(Mac));
        Assert.Equal(DhcpMessageType.Nak, (await farm.SendAsync(Select(Mac, address!, FirstServer)))!.Type);
        for (ulong i = 0; i < 9; i++)
            Assert.NotEqual(address, await farm.JoinAsync(new MacAddress(0x525400001000 + i)));
        farm.Time.Advance(Usual.DeclineDuration);
        Assert.Equal(address, await farm.JoinAsync(OtherMac));
    }

    [Fact]
    public async Task Nobody_can_decline_or_release_what_another_holds()
    {
        await using var farm = await CreateAsync();
        var address = await farm.JoinAsync(Mac);
        await farm.SendAsync(Decline(OtherMac, address!));
        await farm.SendAsync(Release(OtherMac, address!));
        Assert.Equal(LeaseState.Bound, (await farm.Leases.OfAddressAsync(address!, default))!.State);
    }

    [Fact]
    public async Task A_released_address_is_free_and_still_the_machines_first_choice()
    {
        await using var farm = await CreateAsync();
        var address = await farm.JoinAsync(Mac);
        Assert.Null(await farm.SendAsync(Release(Mac, address!)));
        Assert.Equal(LeaseState.Released, (await farm.Leases.OfAddressAsync(address!, default))!.State);
        Assert.Equal(address, await farm.JoinAsync(Mac));
    }

    [Fact]
    public async Task Inform_is_answered_with_settings_and_no_address()
    {
        await using var farm = await CreateAsync();
        var inform = Message(Mac, DhcpMessageType.Inform) with { ClientAddress = IPAddress.Parse("10.7.0.77") };
        var answer = await farm.SendAsync(inform);
        Assert.Equal((DhcpMessageType.Ack, IPAddress.Any), (answer!.Type, answer.YourAddress));
        Assert.False(answer.Options.Has(DhcpOptionCode.LeaseTime));
        Assert.True(answer.Options.Has(DhcpOptionCode.Router));
    }

    [Fact]
    public async Task A_reserved_address_is_its_machines_and_nobody_elses()
    {
        var reserved = IPAddress.Parse("10.7.0.100");
        await using var farm = await CreateAsync(Usual with { Reservations = [new(Mac, reserved, "kiosk-1")] });
        for (ulong i = 0; i < 9; i++)
            Assert.NotEqual(reserved, await farm.JoinAsync(new MacAddress(0x525400001000 + i)));
        Assert.Null(await farm.JoinAsync(OtherMac));
        Assert.Equal(DhcpMessageType.Nak, (await farm.SendAsync(Select(OtherMac, reserved, FirstServer)))!.Type);
        var offer = await farm.SendAsync(Discover(Mac));
        Assert.Equal(reserved, offer!.YourAddress);
        Assert.Equal("kiosk-1", offer.Options.Text(DhcpOptionCode.HostName));
    }

    [Fact]
    public async Task A_reservation_made_later_replaces_the_address_from_the_pool()
    {
        await using var farm = await CreateAsync();
        await farm.JoinAsync(Mac);
        var reserved = IPAddress.Parse("10.7.0.20");
        var later = new DhcpResponder(
            Usual with
            {
                Reservations = [new(Mac, reserved)],
            },
            farm.Leases,
            new FakeProbe(),
            farm.Directory,
            farm.Time,
            Microsoft.Extensions.Logging.Abstractions.NullLogger<DhcpResponder>.Instance
        );
        var offer = await later.AnswerAsync(new(Discover(Mac), [FirstServer]), default);
        Assert.Equal(reserved, offer!.YourAddress);
    }

    [Fact]
    public async Task A_relayed_message_gets_an_address_of_the_relays_network_and_goes_back_with_option_82()
    {
        await using var farm = await CreateAsync();
        var relay = IPAddress.Parse("10.8.0.1");
        var discover = Discover(Mac).With(DhcpOptionCode.RelayAgentInformation, 1, 2, 9, 9) with
        {
            RelayAddress = relay,
        };
        var offer = await farm.SendAsync(discover);
        Assert.InRange(offer!.YourAddress.GetAddressBytes()[3], 10, 20);
        Assert.Equal([1, 2, 9, 9], offer.Options[DhcpOptionCode.RelayAgentInformation].ToArray());
        Assert.Equal((byte)DhcpOptionCode.RelayAgentInformation, offer.Options.Last().Key);
        Assert.Equal(new IPEndPoint(relay, 67), DhcpListener.DestinationOf(offer));
    }

    [Fact]
    public async Task A_refusal_through_a_relay_asks_it_to_broadcast()
    {
        await using var farm = await CreateAsync();
        var request = Reboot(Mac, IPAddress.Parse("10.7.0.100")) with { RelayAddress = IPAddress.Parse("10.8.0.1") };
        var answer = await farm.SendAsync(request);
        Assert.Equal((DhcpMessageType.Nak, true), (answer!.Type, answer.Broadcast));
    }

    [Fact]
    public async Task An_unknown_network_is_not_answered()
    {
        await using var farm = await CreateAsync();
        Assert.Null(await farm.SendAsync(Discover(Mac) with { RelayAddress = IPAddress.Parse("172.16.0.1") }));
    }

    [Fact]
    public async Task Replies_and_machines_without_an_own_address_are_not_answered()
    {
        await using var farm = await CreateAsync();
        Assert.Null(await farm.SendAsync(Discover(Mac) with { Operation = DhcpOperation.Reply }));
        Assert.Null(await farm.SendAsync(Discover(new MacAddress(0))));
        Assert.Null(await farm.SendAsync(Discover(new MacAddress(0xffffffffffff))));
        Assert.Null(await farm.SendAsync(Message(Mac, DhcpMessageType.Request)));
        Assert.Null(await farm.SendAsync(Message(Mac, (DhcpMessageType)99)));
    }

    [Fact]
    public async Task The_timeline_of_a_machine_that_boots_begins_here()
    {
        await using var farm = await CreateAsync();
        var offer = await farm.SendAsync(Discover(Mac).With(DhcpOptionCode.UserClass, "iPXE"));
        await farm.SendAsync(Discover(OtherMac));
        Assert.Equal(
            [
                new BootProgress(Mac, BootStep.Discovered, "iPXE"),
                new BootProgress(Mac, BootStep.Offered, offer!.YourAddress.ToString(), offer.YourAddress),
            ],
            farm.Directory.Reported
        );
    }
}
