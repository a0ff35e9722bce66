using Hatchery.Boot.Tests.Dhcp;
using Hatchery.Testing;

namespace Hatchery.Boot.Tests.Clients;

/// <summary>BusyBox: remembers nothing by itself, so it is told what it had.</summary>
public sealed class UdhcpcTests
{
    [NamespaceFact("busybox")]
    public async Task Obtains_renews_and_releases_an_address()
    {
        await using var lab = await DhcpLab.CreateAsync();
        await New(lab).ObtainsRenewsAndReleasesAsync();
    }

    [NamespaceFact("busybox")]
    public async Task Starts_again_with_its_address_and_is_refused_anothers()
    {
        await using var lab = await DhcpLab.CreateAsync();
        await New(lab).StartsAgainAndIsRefusedAsync();
    }

    private static ClientLab New(DhcpLab lab) =>
        new(
            lab,
            async client =>
            {
                var script = await client.ScriptAsync("$1", "$ip", "$router", "$domain");
                var had = (await client.ToldAsync())
                    .Split('\n')
                    .LastOrDefault(l => l.StartsWith("bound", StringComparison.Ordinal));
                string[] wish = had is null ? [] : ["-r", had.Split(' ')[1]];
                return
                [
                    "busybox",
                    "udhcpc",
                    "-i",
                    "eth0",
                    "-f",
                    "-R",
                    "-t",
                    "10",
                    "-T",
                    "1",
                    "-A",
                    "1",
                    "-s",
                    script,
                    .. wish,
                ];
            },
            (_, running) => running.StopAsync()
        );
}
