using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Hatchery.Boot.RouterAdvertisements;
using Hatchery.Testing;
using Hatchery.Wire.Icmp6;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;

namespace Hatchery.Boot.Tests.RouterAdvertisements;

public sealed class RouterAdvertiserTests
{
    private static readonly IPAddress s_allRouters = IPAddress.Parse("ff02::2");

    [NamespaceFact]
    public async Task A_solicitation_is_answered_without_a_route()
    {
        await using var servers = await NetNamespace.CreateAsync();
        await using var clients = await NetNamespace.CreateAsync();
        await servers.ConnectAsync("eth0", clients, "eth0");
        await using var advertiser = await StartAsync(servers, NullLogger<RouterAdvertiser>.Instance);
        using var client = clients.Run(() =>
            new Socket(AddressFamily.InterNetworkV6, SocketType.Raw, ProtocolType.IcmpV6)
        );
        client.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
        var index = new NamespaceNetwork(clients).Find("eth0")!.Index;
        client.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastTimeToLive, 255);

        // Until both ends' link-local addresses are known to be unique, questions and answers are lost: ask again, as hosts do.
        var heard = HearAdvertisementAsync(client);
        while (!heard.IsCompleted)
        {
            await AskAsync(client, index);
            await Task.WhenAny(heard, Task.Delay(100));
        }
        var advertisement = await heard;
        Assert.Equal((ushort)0, advertisement.RouterLifetimeSeconds);
        Assert.Equal(new NamespaceNetwork(servers).Find("eth0")!.Mac.ToString(), Hex(advertisement));
        var routes = await clients.ExecAsync("ip", "-6", "route", "show", "default");
        Assert.Equal("", routes.Output);
    }

    [NamespaceFact]
    public async Task An_interface_that_is_not_there_costs_one_line_in_the_log()
    {
        await using var servers = await NetNamespace.CreateAsync();
        var logger = Substitute.For<ILogger<RouterAdvertiser>>();
        logger.IsEnabled(default).ReturnsForAnyArgs(true);
        await using var advertiser = await StartAsync(servers, logger);
        AssertOneWarning(logger);
    }

    [NamespaceFact("busybox")]
    public async Task A_host_without_IPv6_costs_one_line_in_the_log()
    {
        await using var servers = await NetNamespace.CreateAsync();
        await using var clients = await NetNamespace.CreateAsync();
        await servers.ConnectAsync("eth0", clients, "eth0");
        await servers.ExecAsync("busybox", "sysctl", "-w", "net.ipv6.conf.all.disable_ipv6=1");
        var logger = Substitute.For<ILogger<RouterAdvertiser>>();
        logger.IsEnabled(default).ReturnsForAnyArgs(true);
        await using var advertiser = await StartAsync(servers, logger);
        AssertOneWarning(logger);
    }

    private static void AssertOneWarning(ILogger logger) =>
        Assert.Equal(
            LogLevel.Warning,
            Assert.Single(logger.ReceivedCalls(), c => c.GetMethodInfo().Name == nameof(ILogger.Log)).GetArguments()[0]
        );

    private static async Task<RouterAdvertiser> StartAsync(NetNamespace inside, ILogger<RouterAdvertiser> logger)
    {
        var settings = new RouterAdvertiserSettings { Interfaces = ["eth0"] };
        var advertiser = new RouterAdvertiser(settings, new NamespaceNetwork(inside), logger);
        await advertiser.StartAsync(default);
        return advertiser;
    }

    private static async Task AskAsync(Socket client, int index)
    {
        var buffer = new ArrayBufferWriter<byte>();
        new RouterSolicitation(null).Write(buffer);
        var to = new IPEndPoint(new IPAddress(s_allRouters.GetAddressBytes(), index), 0);
        try
        {
            await client.SendToAsync(buffer.WrittenMemory, to);
        }
        catch (SocketException)
        {
            // No link-local address yet.
        }
    }

    private static async Task<RouterAdvertisement> HearAdvertisementAsync(Socket client)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var buffer = new byte[1500];
        while (true)
        {
            var received = await client.ReceiveFromAsync(
                buffer,
                SocketFlags.None,
                new IPEndPoint(IPAddress.IPv6Any, 0),
                limit.Token
            );
            if (RouterAdvertisement.TryRead(buffer.AsSpan(0, received.ReceivedBytes), out var advertisement))
                return advertisement;
        }
    }

    private static string Hex(RouterAdvertisement advertisement) =>
        advertisement.SourceMac?.ToString().Replace(":", "", StringComparison.Ordinal).ToUpperInvariant() ?? "";
}
