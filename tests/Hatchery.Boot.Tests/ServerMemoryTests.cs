using System.Globalization;
using System.Net;
using Hatchery.Boot.Tests.Dhcp;
using Hatchery.Boot.Tests.Tftp;
using Hatchery.Testing;
using Hatchery.Wire;
using Hatchery.Wire.Tftp;
using Xunit.Abstractions;

namespace Hatchery.Boot.Tests;

/// <summary>What crowds cost a server, in bytes of its process.</summary>
public sealed class ServerMemoryTests(ITestOutputHelper output)
{
    private const int Machines = 1000;
    private const int Transfers = 200;
    private const int Invented = 100_000;

    /// <summary>Some 100 MB at rest; 2,048 messages and 256 transfers at once, which a crowd is at most, are less than as much again.</summary>
    private const int MostMegabytes = 250;

    /// <summary>Half a kilobyte kept of each message would be more. Without a leak it is the garbage of a few collections.</summary>
    private const int GrowthMegabytes = 50;

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(4);
    private static readonly IPAddress s_server = IPAddress.Parse("10.7.0.1");

    [NamespaceFact]
    public async Task Crowds_of_clients_are_served_within_bounds_and_leave_nothing_behind()
    {
        await using var servers = await NetNamespace.CreateAsync();
        await using var clients = await NetNamespace.CreateAsync();
        using var folder = new TempFolder();
        await servers.ConnectAsync("eth0", clients, "eth0");
        await servers.IpAsync("addr", "add", $"{s_server}/16", "dev", "eth0");
        await clients.IpAsync("addr", "add", "10.7.0.2/16", "dev", "eth0");
        await using var server = new ServerProcess(await ConfigureAsync(folder), Environment(), servers);
        await server.StartAsync();
        var random = Seed.New(output);
        using var limit = new CancellationTokenSource(s_limit);
        await using var crowd = new ClientCrowd(clients, TimeSpan.FromSeconds(4));
        try
        {
            await Say(server, "at rest");
            // What is made once, for any crowd.
            await ServeAsync(clients, crowd, random, limit.Token);
            var first = await Say(server, "after a crowd");
            await ServeAsync(clients, crowd, random, limit.Token);
            await Say(server, "after another");
            await FloodAsync(crowd, random);
            await Say(server, $"after {Invented} invented machines");
            await ServeAsync(clients, crowd, random, limit.Token);
            var last = await Say(server, "after a third");
            Assert.InRange(last.Resident - first.Resident, int.MinValue, GrowthMegabytes);
            Assert.InRange(last.Peak, 0, MostMegabytes);
        }
        finally
        {
            output.WriteLine(server.Process.Output.Transcript(10));
        }
    }

    private static async Task<string> ConfigureAsync(TempFolder folder)
    {
        await File.WriteAllTextAsync(
            folder["site.conf"],
            $$"""
            hatchery {
              address = "{{s_server}}", data-folder = "{{folder.Path}}"
              boot {
                interfaces = [eth0], dhcp.authoritative = on, tftp.transfers-per-address-max = 256
                dhcp.subnets = [{ network = "10.7.0.0/16", first = "10.7.4.0", last = "10.7.11.255" }]
              }
            }
            """
        );
        return folder["site.conf"];
    }

    /// <summary>Collections come soon and often, so that what is resident is what is held.</summary>
    private static Dictionary<string, string> Environment() =>
        new(StringComparer.Ordinal) { ["DOTNET_GCgen0size"] = "0x400000", ["DOTNET_GCConserveMemory"] = "5" };

    private static async Task ServeAsync(
        NetNamespace clients,
        ClientCrowd crowd,
        Random random,
        CancellationToken cancellation
    )
    {
        var program = await File.ReadAllBytesAsync("/usr/lib/ipxe/undionly.kpxe", cancellation);
        var leases = Enumerable
            .Range(0, Machines)
            .Select(i => crowd.JoinAsync(new MacAddress(0x525400100000 + (ulong)i), cancellation));
        var fetched = Enumerable.Range(0, Transfers).Select(_ => FetchAsync(clients, random.Next(), cancellation));
        var (granted, files) = (Task.WhenAll(leases), Task.WhenAll(fetched));
        Assert.Distinct(await granted);
        Assert.All(await files, file => Assert.Equal(program, file));
    }

    private static async Task<byte[]> FetchAsync(NetNamespace clients, int seed, CancellationToken cancellation)
    {
        using var client = LossyTftpClient.In(clients, 0.02, new(seed), s_server);
        return await client.FetchAsync("undionly.kpxe", new(BlockSize: 1428, WindowSize: 8), cancellation);
    }

    private static async Task FloodAsync(ClientCrowd crowd, Random random)
    {
        for (var i = 0; i < Invented; i++)
            await crowd.SendAsync(FarmUnderTest.Discover(new(0x020000000000 | (ulong)random.NextInt64(1L << 40))));
    }

    private async Task<(int Resident, int Peak)> Say(ServerProcess server, string when)
    {
        var status = await File.ReadAllLinesAsync(
            $"/proc/{server.Process.Id.ToString(CultureInfo.InvariantCulture)}/status"
        );
        var (resident, peak) = (Megabytes("VmRSS:"), Megabytes("VmHWM:"));
        output.WriteLine($"{when}: {resident} MB resident, at most {peak}");
        return (resident, peak);

        int Megabytes(string key) =>
            int.Parse(
                Assert.Single(status, l => l.StartsWith(key, StringComparison.Ordinal)).Split(' ')[^2],
                CultureInfo.InvariantCulture
            ) / 1000;
    }
}
