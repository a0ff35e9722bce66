using System.Net;
using Hatchery.Boot.Dhcp;
using Hatchery.Boot.Tests.Dhcp;
using Hatchery.Testing;
using Hatchery.Wire;
using Hatchery.Wire.Dhcp;

namespace Hatchery.Boot.Tests.Clients;

/// <summary>Clients that know BOOTP only.</summary>
public sealed class BootpClientTests
{
    private static readonly DhcpSettings s_settings = FarmUnderTest.Usual with
    {
        Subnets = [FarmUnderTest.Usual.Subnets[0] with { Bootp = AddressRange.Parse("10.7.0.210-10.7.0.219") }],
    };

    [NamespaceFact("bootpc")]
    public async Task Bootpc_gets_address_server_and_boot_file_and_the_same_ones_again()
    {
        await using var lab = await DhcpLab.CreateAsync();
        await lab.StartAsync(s_settings);
        await lab.Clients.IpAsync("route", "add", "255.255.255.255", "dev", "eth0");
        var first = await BootpcAsync(lab);
        Assert.StartsWith("10.7.0.21", first["IPADDR"], StringComparison.Ordinal);
        Assert.Equal("10.7.0.1", first["SERVER"]);
        Assert.Equal("undionly.kpxe", first["BOOTFILE"]);
        Assert.Equal("255.255.255.0", first["NETMASK"]);
        Assert.Equal("10.7.0.254", first["GATEWAYS"]);
        Assert.Equal("farm.test", first["DOMAIN"]);
        var lease = await lab.LeaseOfAsync(first["IPADDR"]);
        Assert.True(lease!.ExpiresAt > DateTimeOffset.UtcNow.AddYears(50));
        Assert.Equal(first["IPADDR"], (await BootpcAsync(lab))["IPADDR"]);
    }

    [NamespaceFact]
    public async Task A_client_of_RFC_951_alone_gets_an_address_and_no_vendor_information()
    {
        await using var lab = await DhcpLab.CreateAsync();
        await lab.StartAsync(s_settings);
        await using var client = new ClientCrowd(lab.Clients, TimeSpan.FromSeconds(1));
        var request = new DhcpMessage
        {
            Operation = DhcpOperation.Request,
            TransactionId = 0,
            ClientMac = FarmUnderTest.Mac,
            HasCookie = false,
        };
        var answer = await client.AskAsync(request, 20, default);
        Assert.False(answer!.HasCookie);
        Assert.Contains(answer.YourAddress.ToString(), Enumerable.Range(210, 10).Select(i => $"10.7.0.{i}"));
        Assert.Equal((IPAddress.Parse("10.7.0.1"), "undionly.kpxe"), (answer.NextServer, answer.BootFile));
    }

    private static async Task<Dictionary<string, string>> BootpcAsync(DhcpLab lab)
    {
        var result = await lab.Clients.ExecAsync("bootpc", "--dev", "eth0", "--timeoutwait", "20", "--returniffail");
        Assert.True(result.ExitCode == 0, result.Errors);
        return result
            .Output.Split('\n')
            .Select(line => line.Split('=', 2))
            .Where(pair => pair.Length == 2)
            .ToDictionary(pair => pair[0], pair => pair[1].Trim('\''), StringComparer.Ordinal);
    }
}
