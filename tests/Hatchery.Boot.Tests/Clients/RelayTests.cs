using Hatchery.Boot.Dhcp;
using Hatchery.Boot.Tests.Dhcp;
using Hatchery.Testing;

namespace Hatchery.Boot.Tests.Clients;

/// <summary>ISC dhcrelay, which adds option 82, between clients on 10.8.0.0/24 and the server on 10.7.0.0/24.</summary>
public sealed class RelayTests : IAsyncLifetime
{
    private DhcpLab? _lab;
    private NetNamespace? _far;

    private DhcpLab Lab => _lab!;

    public async Task InitializeAsync()
    {
        if (!Environment.IsPrivilegedProcess || ToolFactAttribute.Find("dhcrelay") is null)
            return;
        _lab = await DhcpLab.CreateAsync();
        _far = await NetNamespace.CreateAsync();
        var relay = Lab.Clients;
        await relay.IpAsync("addr", "add", "10.7.0.2/24", "dev", "eth0");
        await relay.ConnectAsync("eth1", _far, "eth0");
        await relay.IpAsync("addr", "add", "10.8.0.254/24", "dev", "eth1");
        await relay.ExecAsync("sysctl", "-w", "net.ipv4.ip_forward=1");
        await Lab.Servers.IpAsync("route", "add", "10.8.0.0/24", "via", "10.7.0.2");
        var behind = FarmUnderTest.Usual.Subnets[1] with { Routers = [System.Net.IPAddress.Parse("10.8.0.254")] };
        await Lab.StartAsync(ClientLab.Settings with { Subnets = [FarmUnderTest.Usual.Subnets[0], behind] });
        var running = Lab.Run(relay, "dhcrelay", "-4", "-d", "-a", "-iu", "eth0", "-id", "eth1", "10.7.0.1");
        await running.Output.WaitForAsync("Sending on   Socket", TimeSpan.FromSeconds(20));
    }

    public async Task DisposeAsync()
    {
        if (_lab is not null)
            await _lab.DisposeAsync();
        if (_far is not null)
            await _far.DisposeAsync();
    }

    [NamespaceFact("dhcrelay", "dhclient", "sysctl")]
    public async Task A_client_behind_a_relay_is_refused_its_old_network_and_gets_and_renews_an_address_of_its_own()
    {
        var lab = new ClientLab(Lab, _ => Task.FromResult<string[]>([]), (_, _) => Task.CompletedTask);
        var script = await lab.ScriptAsync("$reason", "$new_ip_address", "$new_routers", "$new_domain_name");
        await File.WriteAllTextAsync(
            lab.File("leases"),
            """
            lease {
              interface "eth0";
              fixed-address 10.7.0.105;
              option subnet-mask 255.255.255.0;
              option dhcp-lease-time 3600;
              option dhcp-server-identifier 10.7.0.1;
              renew 0 2036/11/22 02:56:44;
              rebind 0 2036/11/22 03:25:36;
              expire 0 2036/11/22 03:33:06;
            }

            """
        );
        Lab.Run(
            _far!,
            "dhclient",
            "-d",
            "-4",
            "-cf",
            "/dev/null",
            "-lf",
            lab.File("leases"),
            "-pf",
            lab.File("pid"),
            "-sf",
            script,
            "eth0"
        );
        await Eventually.TrueAsync(async () =>
            (await lab.ToldAsync()).Contains("BOUND 10.8.0.", StringComparison.Ordinal)
        );
        Assert.NotEmpty(Lab.Log.With("refuses 10.7.0.105"));

        await Eventually.TrueAsync(async () =>
            (await lab.ToldAsync()).Contains("RENEW 10.8.0.", StringComparison.Ordinal)
        );
    }

    [NamespaceFact("dhcrelay", "busybox", "sysctl")]
    public async Task An_address_behind_a_relay_is_given_back_through_it()
    {
        var lab = new ClientLab(Lab, _ => Task.FromResult<string[]>([]), (_, _) => Task.CompletedTask);
        var script = await lab.ScriptAsync("$1", "$ip", "$router", "$domain");
        var client = Lab.Run(_far!, "busybox", "udhcpc", "-i", "eth0", "-f", "-R", "-t", "10", "-T", "1", "-s", script);
        await Eventually.TrueAsync(async () =>
            (await lab.ToldAsync()).Contains("bound 10.8.0.", StringComparison.Ordinal)
        );
        var address = (await lab.ToldAsync()).Split(' ')[^3];
        await client.StopAsync();
        await Eventually.TrueAsync(async () => (await Lab.LeaseOfAsync(address))?.State == LeaseState.Released);
    }
}
