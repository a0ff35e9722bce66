using System.Diagnostics;
using System.Globalization;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>Many machines, each with sockets and an address of its own, boot at once from three servers.</summary>
public sealed partial class CrowdTests(ITestOutputHelper output)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);

    [PostgreSqlNamespaceFact]
    [Trait("Tier", "vm")]
    public Task Machines_that_are_switched_on_at_once_all_boot_from_three_servers() => BootAsync(60);

    [PostgreSqlNamespaceFact]
    [Trait("Tier", "full")]
    public Task A_thousand_machines_that_are_switched_on_at_once_all_boot_from_three_servers() => BootAsync(1000);

    private async Task BootAsync(int machines)
    {
        await using var farm = await FarmLab.StartAsync(output, $"{FarmLab.Patient}\n{CrowdNetwork.Configuration}");
        await farm.UntilMembersAsync("alpha", "beta", "gamma");
        await using var crowd = await Crowd.AddAsync(farm, machines, s_limit);
        using var limit = new CancellationTokenSource(s_limit);
        var began = Stopwatch.GetTimestamp();
        var boots = await crowd.BootAsync(limit.Token);
        Report(boots, Stopwatch.GetElapsedTime(began), crowd.Relay);

        Assert.Distinct(boots.Select(b => b.Own));
        var devices = (await farm.Servers["beta"].PbmJsonAsync("device", "list")).EnumerateArray().ToArray();
        Assert.Equal(machines, devices.Length);
        Assert.All(
            devices,
            d => Assert.Contains(d.GetProperty("phase").GetString(), (string[])["session-open", "running"])
        );
        var places = devices.CountBy(d => d.GetProperty("boot").GetProperty("server").GetString()!).ToDictionary();
        output.WriteLine(string.Join(", ", places.Select(p => $"{p.Key} {p.Value}")));
    }

    private void Report(CrowdBoot[] boots, TimeSpan took, CrowdRelay relay)
    {
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{boots.Length} machines in {took.TotalSeconds:0.0} s, load {File.ReadAllText("/proc/loadavg").Split(' ')[0]}; {relay.SentAgain} DHCP messages sent again"
            )
        );
        foreach (
            var (stage, at) in new (string, Func<CrowdBoot, TimeSpan>)[]
            {
                ("address", b => b.Address),
                ("boot program", b => b.Program),
                ("script", b => b.Script),
                ("disk", b => b.Disk),
                ("all read", b => b.Read),
            }
        )
        {
            var times = boots.Select(b => at(b).TotalSeconds).Order().ToArray();
            output.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{stage, -13} first {times[0]:0.0} s, median {times[times.Length / 2]:0.0} s, last {times[^1]:0.0} s"
                )
            );
        }
        foreach (
            var (reason, count) in boots
                .SelectMany(b => b.Again)
                .CountBy(r => Digits().Replace(r, "#"))
                .OrderByDescending(r => r.Value)
                .Take(12)
        )
            output.WriteLine($"{count} times again: {reason}");
    }

    [System.Text.RegularExpressions.GeneratedRegex(
        "[0-9a-f]{2,}|[0-9]+",
        System.Text.RegularExpressions.RegexOptions.None,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial System.Text.RegularExpressions.Regex Digits();
}
