using System.Net;
using Hatchery.Boot.Dhcp;
using Hatchery.Testing;
using Hatchery.Wire;
using Hatchery.Wire.Dhcp;
using Xunit.Abstractions;
using static Hatchery.Boot.Tests.Dhcp.FarmUnderTest;

namespace Hatchery.Boot.Tests.Dhcp;

public sealed class LeasePropertyTests(ITestOutputHelper output)
{
    private static readonly IPAddress[] s_servers = [FirstServer, SecondServer];

    [Fact]
    public async Task No_interleaving_of_clients_and_servers_gives_an_address_to_two_machines()
    {
        var random = Seed.New(output);
        for (var round = 0; round < 25; round++)
        {
            await using var farm = await CreateAsync();
            var model = new Model(farm.Time);
            for (var step = 0; step < 150; step++)
                await StepAsync(farm, model, random);
        }
    }

    [Fact]
    public async Task Two_servers_at_the_same_moment_give_no_address_to_two_machines()
    {
        var random = Seed.New(output);
        await using var farm = await CreateAsync();
        var macs = Enumerable.Range(0, 20).Select(i => new MacAddress(0x525400002000 + (ulong)i)).ToArray();
        random.Shuffle(macs);
        var granted = await Task.WhenAll(
            macs.Select((mac, i) => Task.Run(() => farm.JoinAsync(mac, s_servers[i % 2])))
        );
        var addresses = granted.OfType<IPAddress>().ToArray();
        Assert.Equal(10, addresses.Length);
        Assert.Distinct(addresses);
    }

    [Fact]
    public async Task One_machine_at_two_servers_at_the_same_moment_keeps_what_it_was_granted()
    {
        await using var farm = await CreateAsync();
        for (var round = 0; round < 40; round++)
        {
            var mac = new MacAddress(0x525400004000 + (ulong)(round % 10));
            var slow = Task.Run(() => farm.SendAsync(Discover(mac), SecondServer));
            var address = await farm.JoinAsync(mac);
            await slow;
            var lease = await farm.Leases.OfAddressAsync(address!, default);
            Assert.Equal((mac, LeaseState.Bound), (lease!.Mac, lease.State));
            farm.Time.Advance(TimeSpan.FromMinutes(20));
        }
    }

    private static async Task StepAsync(FarmUnderTest farm, Model model, Random random)
    {
        var mac = new MacAddress(0x525400003000 + (ulong)random.Next(14));
        var server = s_servers[random.Next(2)];
        var address = new IPAddress([10, 7, 0, (byte)random.Next(98, 112)]);
        var mine = model.AddressOf(mac) ?? address;
        var message = random.Next(10) switch
        {
            0 or 1 => Discover(mac).With(DhcpOptionCode.RequestedAddress, address),
            2 => Select(mac, address, server),
            3 => Reboot(mac, mine),
            4 => Renew(mac, mine),
            5 => Release(mac, mine),
            6 when random.Next(4) == 0 => Decline(mac, mine),
            _ => null,
        };
        if (random.Next(3) == 0)
            farm.Time.Advance(TimeSpan.FromSeconds(random.Next(1200)));
        if (message is null)
        {
            var offer = await farm.SendAsync(Discover(mac), server);
            message = Select(mac, offer?.YourAddress ?? address, server);
        }
        var answer = await farm.SendAsync(message, server);
        model.Apply(message, answer);
    }

    /// <summary>Who uses which address, as the machines themselves believe.</summary>
    private sealed class Model(TimeProvider time)
    {
        private readonly Dictionary<IPAddress, (MacAddress Mac, DateTimeOffset Until)> _used = [];

        public IPAddress? AddressOf(MacAddress mac) => _used.FirstOrDefault(u => u.Value.Mac == mac).Key;

        public void Apply(DhcpMessage message, DhcpMessage? answer)
        {
            var mac = message.ClientMac;
            if (message.Type is DhcpMessageType.Release or DhcpMessageType.Decline)
            {
                var address = message.Options.Address(DhcpOptionCode.RequestedAddress) ?? message.ClientAddress;
                if (_used.TryGetValue(address, out var use) && use.Mac == mac)
                    _used.Remove(address);
            }
            if (answer?.Type != DhcpMessageType.Ack)
                return;
            if (_used.TryGetValue(answer.YourAddress, out var other) && other.Until > time.GetUtcNow())
                Assert.Equal(mac, other.Mac);
            var seconds = answer.Options.UInt32(DhcpOptionCode.LeaseTime)!.Value;
            _used[answer.YourAddress] = (mac, time.GetUtcNow().AddSeconds(seconds));
        }
    }
}
