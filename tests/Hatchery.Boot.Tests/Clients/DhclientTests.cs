using Hatchery.Boot.Tests.Dhcp;
using Hatchery.Testing;

namespace Hatchery.Boot.Tests.Clients;

/// <summary>ISC dhclient keeps its leases in a file.</summary>
public sealed class DhclientTests
{
    [NamespaceFact("dhclient")]
    public async Task Obtains_renews_and_releases_an_address()
    {
        await using var lab = await DhcpLab.CreateAsync();
        await New(lab).ObtainsRenewsAndReleasesAsync();
    }

    [NamespaceFact("dhclient")]
    public async Task Starts_again_with_its_address_and_is_refused_anothers()
    {
        await using var lab = await DhcpLab.CreateAsync();
        await New(lab).StartsAgainAndIsRefusedAsync();
    }

    [NamespaceFact("dhclient")]
    public async Task Is_refused_its_address_on_another_network()
    {
        await using var lab = await DhcpLab.CreateAsync();
        await New(lab).IsRefusedOnAnotherNetworkAsync();
    }

    private static ClientLab New(DhcpLab lab) =>
        new(
            lab,
            async client => ["dhclient", "-d", .. await ArgumentsAsync(client)],
            async (client, running) =>
            {
                await running.KillAsync();
                await client.Lab.Clients.ExecAsync("dhclient", ["-r", .. await ArgumentsAsync(client)]);
            }
        )
        {
            Remembers = lease =>
                File.ReadAllText(lab.Folder["leases"]).Contains($"{lease.Address};", StringComparison.Ordinal),
        };

    private static async Task<string[]> ArgumentsAsync(ClientLab client)
    {
        var script = await client.ScriptAsync("$reason", "$new_ip_address", "$new_routers", "$new_domain_name");
        return
        [
            "-4",
            .. "-cf /dev/null -lf".Split(' '),
            client.File("leases"),
            "-pf",
            client.File("pid"),
            "-sf",
            script,
            "eth0",
        ];
    }
}
