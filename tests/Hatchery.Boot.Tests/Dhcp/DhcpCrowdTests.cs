using System.Diagnostics;
using System.Net;
using Hatchery.Boot.Dhcp;
using Hatchery.Boot.Net;
using Hatchery.Testing;
using Hatchery.Wire;
using Hatchery.Wire.Dhcp;
using Xunit.Abstractions;
using static Hatchery.Boot.Tests.Dhcp.FarmUnderTest;

namespace Hatchery.Boot.Tests.Dhcp;

public sealed class DhcpCrowdTests(ITestOutputHelper output)
{
    private const int Machines = 1000;

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    /// <summary>As many addresses as machines, besides three that strangers have.</summary>
    private static readonly DhcpSettings s_settings = Usual with
    {
        Subnets = [new(IPNetwork.Parse("10.7.0.0/16"), IPAddress.Parse("10.7.4.0"), IPAddress.Parse("10.7.7.234"))],
    };

    [NamespaceFact]
    public async Task A_thousand_machines_at_once_get_an_address_each_and_none_that_another_has()
    {
        await using var lab = await DhcpLab.CreateAsync("10.7.0.1/16");
        IPAddress[] taken = [IPAddress.Parse("10.7.4.77"), IPAddress.Parse("10.7.5.5"), IPAddress.Parse("10.7.7.200")];
        var server = await lab.StartAsync(s_settings, taken);
        await using var crowd = new ClientCrowd(lab.Clients, TimeSpan.FromSeconds(4));
        var before = lab.Leases.Transactions;
        using var limit = new CancellationTokenSource(s_limit);
        var began = Stopwatch.GetTimestamp();

        var granted = await Task.WhenAll(
            Enumerable
                .Range(0, Machines)
                .Select(i => crowd.JoinAsync(new MacAddress(0x525400100000 + (ulong)i), limit.Token))
        );

        output.WriteLine(
            $"{Machines} machines in {Stopwatch.GetElapsedTime(began).TotalSeconds:F1} s, "
                + $"{lab.Leases.Transactions - before} transactions, at most {server.Peak} messages under way"
        );
        Assert.Distinct(granted);
        Assert.InRange(server.Peak, 1, DhcpListener.MessagesMax);
        var ends = await lab.Leases.EndsAsync(0, uint.MaxValue, default);
        Assert.Equal(Machines, ends.Values.Count(e => e.State == LeaseState.Bound));
        // All the others are needed, so each of these was tried.
        Assert.All(taken, t => Assert.Equal(LeaseState.InUse, ends[t.Number()].State));
    }

    [NamespaceFact]
    public async Task While_invented_machines_flood_the_server_real_ones_are_served()
    {
        await using var lab = await DhcpLab.CreateAsync();
        var server = await lab.StartAsync(
            s_settings with
            {
                Subnets =
                [
                    new(IPNetwork.Parse("10.7.0.0/24"), IPAddress.Parse("10.7.0.100"), IPAddress.Parse("10.7.0.139")),
                ],
                NewMachinesPerSecond = 20,
                NewMachinesAtOnce = 50,
            }
        );
        var random = Seed.New(output);
        await using var crowd = new ClientCrowd(lab.Clients, TimeSpan.FromSeconds(1));
        await using var attacker = new Flood(crowd, random);
        await Eventually.TrueAsync(() => attacker.Sent > 5000);
        using var limit = new CancellationTokenSource(s_limit);

        var granted = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(i => crowd.JoinAsync(new MacAddress(0x525400100000 + (ulong)i), limit.Token))
        );
        var again = await crowd.AskAsync(Reboot(new(0x525400100000), granted[0]), 10, limit.Token);

        output.WriteLine($"{attacker.Sent} invented machines, at most {server.Peak} messages under way");
        Assert.Distinct(granted);
        Assert.Equal(DhcpMessageType.Ack, again!.Type);
        Assert.InRange(server.Peak, 1, DhcpListener.MessagesMax);
        var ends = await lab.Leases.EndsAsync(0, uint.MaxValue, default);
        Assert.Equal(20, ends.Values.Count(e => e.State == LeaseState.Bound));
        Assert.InRange(ends.Count, 20, 40);
    }

    /// <summary>DISCOVERs of ever new machines, and other bytes, until it is disposed.</summary>
    private sealed class Flood : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _loop;

        public Flood(ClientCrowd from, Random random) => _loop = Task.Run(() => SendAsync(from, random));

        public int Sent { get; private set; }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _loop;
            _stop.Dispose();
        }

        private async Task SendAsync(ClientCrowd from, Random random)
        {
            var garbage = new byte[600];
            while (!_stop.IsCancellationRequested)
            {
                await Task.Delay(10, CancellationToken.None);
                for (var i = 0; i < 50; i++, Sent++)
                {
                    var mac = new MacAddress(0x020000000000 | (ulong)random.NextInt64(1L << 40));
                    await from.SendAsync(Discover(mac) with { TransactionId = uint.MaxValue });
                }
                random.NextBytes(garbage);
                await from.SendAsync(garbage.AsMemory(0, random.Next(garbage.Length)));
                await from.SendAsync(Discover(Mac) with { Operation = DhcpOperation.Reply });
            }
        }
    }
}
