using Hatchery.Boot.Tests.Dhcp;
using Hatchery.Testing;

namespace Hatchery.Boot.Tests.Clients;

/// <summary>dhcpcd keeps its lease below /var/lib, which is a folder of the test for it. It is several processes, which
/// end together with the shell that is the first in their process namespace.</summary>
public sealed class DhcpcdTests
{
    [NamespaceFact("dhcpcd", "unshare", "nsenter")]
    public async Task Obtains_renews_and_releases_an_address()
    {
        await using var lab = await DhcpLab.CreateAsync();
        await New(lab).ObtainsRenewsAndReleasesAsync();
    }

    [NamespaceFact("dhcpcd", "unshare", "nsenter")]
    public async Task Starts_again_with_its_address_and_is_refused_anothers()
    {
        await using var lab = await DhcpLab.CreateAsync();
        await New(lab).StartsAgainAndIsRefusedAsync();
    }

    [NamespaceFact("dhcpcd", "unshare", "nsenter")]
    public async Task Is_refused_its_address_on_another_network()
    {
        await using var lab = await DhcpLab.CreateAsync();
        await New(lab).IsRefusedOnAnotherNetworkAsync();
    }

    private static ClientLab New(DhcpLab lab) =>
        new(
            lab,
            async client =>
            {
                var script = await client.ScriptAsync(
                    "$reason",
                    "$new_ip_address",
                    "$new_routers",
                    "$new_domain_name",
                    configures: false
                );
                var conf = client.File("conf");
                await File.WriteAllTextAsync(conf, "release\n");
                var kept = Directory.CreateDirectory(client.File("kept")).FullName;
                return
                [
                    "unshare",
                    "--mount",
                    "--pid",
                    "--fork",
                    "--kill-child",
                    "sh",
                    "-c",
                    $$"""
                        mount --bind {{kept}} /var/lib/dhcpcd && mount -t tmpfs tmpfs /run
                        dhcpcd -4 -B -d -A -o routers -o domain_name -f {{conf}} -c {{script}} eth0 &
                        wait $!
                        """,
                ];
            },
            async (_, running) =>
            {
                var children = await File.ReadAllTextAsync($"/proc/{running.Id}/task/{running.Id}/children");
                string[] inside = ["--target", children.Trim(), "--mount", "--pid", "--net"];
                // It may give up before a busy machine lets it find the one that runs.
                await Eventually.TrueAsync(
                    async () =>
                    {
                        await Tool.RunAsync("nsenter", [.. inside, "dhcpcd", "-4", "-x", "eth0"]);
                        return running.HasExited;
                    },
                    TimeSpan.FromMinutes(2)
                );
            }
        )
        {
            Remembers = _ => File.Exists(lab.Folder["kept/eth0.lease"]),
        };
}
