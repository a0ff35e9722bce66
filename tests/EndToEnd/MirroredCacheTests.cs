using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>Servers that die under machines that write: each goes on where the copy of its write cache is, with everything that it has flushed.</summary>
[Trait("Tier", "vm")]
public sealed class MirroredCacheTests(ITestOutputHelper output)
{
    private const int Machine = 1;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(120);
    private static readonly string[] s_servers = ["alpha", "beta", "gamma"];

    [PostgreSqlNamespaceFact]
    public Task Streamers_die_by_turns_and_a_machine_goes_on_with_all_that_it_flushed_by_nbd() =>
        DieByTurnsAsync("nbd");

    [PostgreSqlNamespaceFact]
    public Task Streamers_die_by_turns_and_a_machine_goes_on_with_all_that_it_flushed_by_iscsi() =>
        DieByTurnsAsync("iscsi");

    private async Task DieByTurnsAsync(string transport)
    {
        await using var farm = await FarmLab.StartMirroredAsync(output);
        await farm.UntilMembersAsync(s_servers);
        await farm.AddVDiskAsync();
        await using var machine = await BootAsync(farm, transport);
        for (var kill = 1; kill <= 2; kill++)
        {
            var (streamer, copies) = await UntilCopiesAsync(farm, 2);
            Assert.Equal(streamer, machine.Server);
            machine.TakeLongestStall();
            await machine.GoesOnAsync();
            var before = machine.TakeLongestStall();
            await farm.Servers[streamer].KillAsync();
            await machine.GoesOnAsync();
            output.WriteLine(
                $"{streamer} killed: longest stall {machine.TakeLongestStall().TotalSeconds:0.00} s, {before.TotalSeconds:0.00} s before"
            );
            Assert.Contains(machine.Server, copies);
            await farm.Servers[streamer].StartAsync();
            await farm.UntilMembersAsync(s_servers);
        }
        // Who was killed takes copies again.
        await UntilCopiesAsync(farm, 2);
        await machine.GoesOnAsync();
    }

    private static async Task<PersistentMachine> BootAsync(FarmLab farm, string transport)
    {
        await farm.AddDeviceAsync("alpha", Machine, transport);
        var (servers, name) = await farm.ScriptAsync("alpha", Machine);
        var machine = new PersistentMachine(farm.Network.Inside, servers, name, isIscsi: transport == "iscsi");
        await machine.GoesOnAsync();
        return machine;
    }

    /// <summary>Waits until so many servers have the write cache. The streamer, and all of them.</summary>
    private static async Task<(string Streamer, string[] Members)> UntilCopiesAsync(FarmLab farm, int count)
    {
        (string Streamer, string[] Members) now = default;
        await Eventually.TrueAsync(
            async () =>
            {
                var row = await farm.QueryAsync("select streamer || ' ' || members from session where phase = 'Open'");
                if (row is [var one] && one.Split(' ') is [var streamer, var members])
                    now = (streamer, members.Split(','));
                return now.Members?.Length == count;
            },
            s_limit
        );
        return now;
    }
}
