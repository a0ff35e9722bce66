using Hatchery.Boot.Tests.Dhcp;
using Hatchery.Testing;

namespace Hatchery.Boot.Tests.Clients;

/// <summary>systemd-networkd runs without systemd and D-Bus: a /sys that cannot be written tells it that there is no udev to wait for.</summary>
public sealed class NetworkdTests
{
    [NamespaceFact("/lib/systemd/systemd-networkd", "unshare")]
    public async Task Obtains_renews_and_releases_an_address()
    {
        await using var lab = await DhcpLab.CreateAsync();
        await New(lab).ObtainsRenewsAndReleasesAsync();
    }

    [NamespaceFact("/lib/systemd/systemd-networkd", "unshare")]
    public async Task Starts_again_with_its_address_and_is_refused_anothers()
    {
        await using var lab = await DhcpLab.CreateAsync();
        await New(lab).StartsAgainAndIsRefusedAsync();
    }

    private const string Network = """
        [Match]
        Name=eth0
        [Network]
        DHCP=ipv4
        LinkLocalAddressing=no
        IPv6AcceptRA=no
        [DHCPv4]
        SendRelease=yes
        UseDomains=yes
        """;

    private static ClientLab New(DhcpLab lab) =>
        new(
            lab,
            async client =>
            {
                var run = Directory.CreateDirectory(client.File("run")).FullName;
                Directory.CreateDirectory($"{run}/systemd/network");
                await File.WriteAllTextAsync($"{run}/systemd/network/eth0.network", Network);
                await File.WriteAllTextAsync(
                    client.File("networkd.sh"),
                    $"""
                    set -e
                    mount -o remount,ro /sys
                    mkdir -p {run}/systemd/netif/links {run}/systemd/netif/leases {run}/systemd/netif/lldp
                    chmod -R a+rX {run}
                    chown -R systemd-network {run}/systemd/netif
                    mount --bind {run} /run
                    exec env SYSTEMD_LOG_LEVEL=debug SYSTEMD_LOG_TARGET=console /lib/systemd/systemd-networkd
                    """
                );
                return ["unshare", "--mount", "--uts", "sh", client.File("networkd.sh")];
            },
            (_, running) => running.StopAsync()
        )
        {
            ToldAsync = async () => await ToldAsync(lab.Folder["run/systemd/netif/leases"]),
        };

    /// <summary>Its lease file, as name=value. It writes a new one beside the old one and renames it, and drops it with the lease.</summary>
    private static async Task<string> ToldAsync(string folder)
    {
        var lines = new List<string>();
        try
        {
            foreach (var file in Directory.Exists(folder) ? Directory.GetFiles(folder) : [])
                lines.AddRange(await File.ReadAllLinesAsync(file));
        }
        catch (FileNotFoundException)
        {
            return "";
        }
        return string.Join(' ', new[] { "ADDRESS", "ROUTER", "DOMAINNAME" }.Select(Value));

        string Value(string name) =>
            lines.Find(l => l.StartsWith(name + '=', StringComparison.Ordinal))?.Split('=')[1] ?? "";
    }
}
