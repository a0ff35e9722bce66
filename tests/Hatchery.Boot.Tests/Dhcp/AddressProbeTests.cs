using System.Net;
using Hatchery.Boot.Dhcp;
using Hatchery.Testing;
using Hatchery.Wire.Dhcp;
using static Hatchery.Boot.Tests.Dhcp.FarmUnderTest;

namespace Hatchery.Boot.Tests.Dhcp;

public sealed class AddressProbeTests
{
    [Fact]
    public async Task An_address_in_use_is_set_aside_and_another_one_offered()
    {
        await using var farm = await CreateAsync();
        farm.Probe.Answer = address => Task.FromResult(farm.Probe.Asked.Count == 1);
        var offer = await farm.SendAsync(Discover(Mac));
        var asked = farm.Probe.Asked.ToArray();
        Assert.Equal(2, asked.Length);
        Assert.Equal(asked[1], offer!.YourAddress);
        var lease = await farm.Leases.OfAddressAsync(asked[0], default);
        Assert.Equal(LeaseState.InUse, lease!.State);
        Assert.Equal(farm.Time.GetUtcNow() + Usual.DeclineDuration, lease.ExpiresAt);
    }

    [Fact]
    public async Task An_address_that_the_machine_holds_is_not_pinged()
    {
        await using var farm = await CreateAsync();
        var address = await farm.JoinAsync(Mac);
        farm.Probe.Asked.Clear();
        farm.Probe.Answer = _ => Task.FromResult(true);
        Assert.Equal(address, (await farm.SendAsync(Discover(Mac)))!.YourAddress);
        Assert.Empty(farm.Probe.Asked);
    }

    [Fact]
    public async Task A_ping_that_takes_long_holds_up_nobody_else()
    {
        await using var farm = await CreateAsync();
        var address = await farm.JoinAsync(OtherMac);
        var silence = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        farm.Probe.Asked.Clear();
        farm.Probe.Answer = _ => silence.Task;
        var offer = farm.SendAsync(Discover(Mac));
        await Eventually.TrueAsync(() => !farm.Probe.Asked.IsEmpty);

        Assert.Equal(DhcpMessageType.Ack, (await farm.SendAsync(Renew(OtherMac, address!)))!.Type);
        Assert.False(offer.IsCompleted);
        silence.SetResult(false);
        Assert.Equal(farm.Probe.Asked.Single(), (await offer)!.YourAddress);
    }

    [Fact]
    public async Task While_an_address_is_pinged_for_one_machine_no_other_is_offered_it()
    {
        await using var farm = await CreateAsync();
        var silence = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        farm.Probe.Answer = _ => silence.Task;
        var wish = IPAddress.Parse("10.7.0.105");
        var offers = new[] { Mac, OtherMac }
            .Select(mac => farm.SendAsync(Discover(mac).With(DhcpOptionCode.RequestedAddress, wish)))
            .ToArray();
        await Eventually.TrueAsync(() => farm.Probe.Asked.Count == 2);
        silence.SetResult(false);
        Assert.Distinct((await Task.WhenAll(offers)).Select(o => o!.YourAddress));
    }
}
