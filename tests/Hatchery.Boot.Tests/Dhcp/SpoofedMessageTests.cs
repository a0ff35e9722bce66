using System.Net;
using Hatchery.Boot.Dhcp;
using Hatchery.Testing;
using Hatchery.Wire;
using Hatchery.Wire.Dhcp;
using static Hatchery.Boot.Tests.Dhcp.FarmUnderTest;

namespace Hatchery.Boot.Tests.Dhcp;

public sealed class SpoofedMessageTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);
    private static readonly IPAddress s_itsAddress = IPAddress.Parse("10.7.0.50");

    [NamespaceFact]
    public async Task Spoofed_messages_are_refused_counted_and_named_while_machines_are_served()
    {
        await using var lab = await DhcpLab.CreateAsync();
        await lab.StartAsync(
            Usual with
            {
                Subnets =
                [
                    new(IPNetwork.Parse("10.7.0.0/24"), IPAddress.Parse("10.7.0.100"), IPAddress.Parse("10.7.0.139")),
                ],
            }
        );
        await using var crowd = new ClientCrowd(lab.Clients, s_patience);
        using var limit = new CancellationTokenSource(s_limit);
        var its = await crowd.JoinAsync(Mac, limit.Token);
        var spoofed = SpoofedMessage.All(Mac, its);
        IPAddress[] granted;
        using (var statistics = new BootStatistics())
        {
            await using (new Spoofer(crowd, spoofed, [67]))
                granted = await Task.WhenAll(
                    Enumerable.Range(1, 20).Select(i => crowd.JoinAsync(new(Mac.Value + (ulong)i), limit.Token))
                );
            await AssertRefusedAsync(spoofed, statistics, lab.Log);
        }

        Assert.Distinct(granted.Append(its));
        Assert.DoesNotContain(crowd.Answered, SpoofedMessage.IsInvented);
        Assert.Equal(DhcpMessageType.Ack, (await crowd.AskAsync(Reboot(Mac, its), 10, limit.Token))!.Type);
        var ends = await lab.Leases.EndsAsync(0, uint.MaxValue, default);
        Assert.Equal(21, ends.Count);
        Assert.All(ends.Values, e => Assert.Equal(LeaseState.Bound, e.State));
    }

    [NamespaceFact]
    public async Task Spoofed_messages_are_refused_on_the_proxys_ports_while_firmware_is_served()
    {
        await using var lab = await DhcpLab.CreateAsync();
        await lab.Clients.IpAsync("addr", "add", $"{s_itsAddress}/24", "dev", "eth0");
        await lab.StartAsync(Usual with { Mode = DhcpMode.Proxy });
        await using var crowd = new ClientCrowd(lab.Clients, s_patience);
        using var limit = new CancellationTokenSource(s_limit);
        var spoofed = SpoofedMessage.All(Mac, s_itsAddress);
        using var statistics = new BootStatistics();
        await using (
            new Spoofer(crowd, [.. spoofed.Select(AsFirmware)], [DhcpListener.ServerPort, DhcpListener.ProxyPort])
        )
        {
            for (ulong i = 1; i <= 20; i++)
            {
                var discover = Firmware(Discover(new(Mac.Value + i)));
                var offer = await crowd.AskAsync(discover, int.MaxValue, limit.Token);
                Assert.Equal((DhcpMessageType.Offer, "snponly.efi"), (offer!.Type, offer.BootFile));
                var request = Firmware(Message(discover.ClientMac, DhcpMessageType.Request)) with
                {
                    ClientAddress = s_itsAddress,
                };
                var answer = await crowd.AskAsync(request, int.MaxValue, limit.Token, DhcpListener.ProxyPort);
                Assert.Equal((DhcpMessageType.Ack, "snponly.efi"), (answer!.Type, answer.BootFile));
            }
        }
        await AssertRefusedAsync(spoofed, statistics, lab.Log);
        Assert.DoesNotContain(crowd.Answered, SpoofedMessage.IsInvented);
    }

    /// <summary>Counters are the process's, so other tests may count too; the log is this server's own.</summary>
    private static async Task AssertRefusedAsync(
        IReadOnlyList<SpoofedMessage> spoofed,
        BootStatistics statistics,
        LogLines log
    )
    {
        await Eventually.TrueAsync(() => spoofed.All(s => Counted(s) > 0));
        var named = spoofed.Where(s => s.Reason != DhcpRefusal.AnotherServer).ToArray();
        await Eventually.TrueAsync(() => named.All(s => Lines(s).Count > 0));
        Assert.All(named, s => Assert.InRange(Lines(s).Count, 1, Counted(s)));
        Assert.Empty(log.With(DhcpRefusal.AnotherServer));

        long Counted(SpoofedMessage s) =>
            statistics
                .Read()
                .Where(c => c.Labels == $"type {s.Message.Type?.ToString() ?? "BOOTP"}, result refused: {s.Reason}")
                .Sum(c => c.Count);
        IReadOnlyList<string> Lines(SpoofedMessage s) =>
            [
                .. log.With($"refuses {s.Message.Type?.ToString() ?? "BOOTP"} of {s.Message.ClientMac} ")
                    .Where(line => line.EndsWith(s.Reason, StringComparison.Ordinal)),
            ];
    }

    private static SpoofedMessage AsFirmware(SpoofedMessage spoofed) =>
        spoofed with
        {
            Message = Firmware(spoofed.Message),
        };

    private static DhcpMessage Firmware(DhcpMessage message) =>
        message
            .With(DhcpOptionCode.VendorClass, "PXEClient:Arch:00007:UNDI:003001")
            .With(DhcpOptionCode.ClientArchitecture, 0, 7);

    /// <summary>Sends all of them over and over until it is disposed, and at least once.</summary>
    private sealed class Spoofer : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _loop;

        public Spoofer(ClientCrowd from, IReadOnlyList<SpoofedMessage> spoofed, int[] ports) =>
            _loop = Task.Run(async () =>
            {
                do
                {
                    foreach (var port in ports)
                    foreach (var one in spoofed)
                        await from.SendAsync(one.Message, port);
                    await Task.Delay(5, CancellationToken.None);
                } while (!_stop.IsCancellationRequested);
            });

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _loop;
            _stop.Dispose();
        }
    }
}
