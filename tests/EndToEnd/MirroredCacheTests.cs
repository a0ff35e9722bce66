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
    public async Task Streamers_die_by_turns_and_a_machine_goes_on_with_all_that_it_flushed()
    {
        await using var farm = await StartAsync();
        await using var machine = await BootAsync(farm, "nbd");
        for (var kill = 1; kill <= 2; kill++)
        {
            var died = await FaultAsync(farm, machine, "killed", server => server.KillAsync());
            await farm.Servers[died].StartAsync();
            await farm.UntilMembersAsync(s_servers);
        }
        // Who was killed takes copies again.
        await UntilCopiesAsync(farm, 2);
        await machine.GoesOnAsync();
    }

    [PostgreSqlNamespaceFact]
    public async Task Of_two_servers_either_may_die()
    {
        await using var farm = await FarmLab.StartTwoAsync(output, "hatchery.mirroring.port = 9121");
        string[] two = ["alpha", "beta"];
        await farm.UntilMembersAsync(two);
        await farm.AddVDiskAsync();
        await using var machine = await BootAsync(farm, "nbd");
        for (var kill = 1; kill <= 2; kill++)
        {
            var died = await FaultAsync(farm, machine, "killed", server => server.KillAsync());
            await farm.Servers[died].StartAsync();
            await farm.UntilMembersAsync(two);
            // Until then the one that went on has the lease, and would take it along.
            await Eventually.TrueAsync(
                async () =>
                    await farm.QueryAsync(
                        "select name from farm_lease where until_ms > extract(epoch from clock_timestamp()) * 1000"
                    )
                        is [],
                s_limit
            );
        }
        await UntilCopiesAsync(farm, 2);
    }

    [PostgreSqlNamespaceFact]
    public async Task Streamer_that_stops_or_freezes_loses_its_machine_and_has_no_say_when_it_is_back()
    {
        await using var farm = await StartAsync();
        await using var machine = await BootAsync(farm, "iscsi");
        var stopped = await FaultAsync(
            farm,
            machine,
            "stopped",
            async server => Assert.Equal(0, await server.StopAsync())
        );
        await farm.Servers[stopped].StartAsync();
        await farm.UntilMembersAsync(s_servers);

        var frozen = await FaultAsync(
            farm,
            machine,
            "frozen",
            server =>
            {
                server.Process.Freeze();
                return Task.CompletedTask;
            }
        );
        farm.Servers[frozen].Process.Thaw();
        await farm.Servers[frozen].Process.Output.WaitForAsync("the session here is over", s_limit);
        await farm.UntilMembersAsync(s_servers);
        var (streamer, _) = await UntilCopiesAsync(farm, 2);
        Assert.NotEqual(frozen, streamer);
        await machine.GoesOnAsync();
    }

    [PostgreSqlNamespaceFact]
    public async Task Without_the_database_a_machine_goes_on_and_may_come_back_to_its_streamer()
    {
        await using var farm = await StartAsync();
        await using var machine = await BootAsync(farm, "nbd");
        var (streamer, _) = await UntilCopiesAsync(farm, 2);
        farm.StopDatabase();
        machine.TakeLongestStall();
        await machine.GoesOnAsync();
        output.WriteLine($"database away: longest stall {machine.TakeLongestStall().TotalSeconds:0.00} s");
        var logins = machine.Logins;
        machine.Disconnect();
        await machine.GoesOnAsync();
        Assert.Equal((streamer, logins + 1), (machine.Server, machine.Logins));
        farm.StartDatabase();
        await machine.GoesOnAsync();
    }

    private async Task<FarmLab> StartAsync()
    {
        var farm = await FarmLab.StartMirroredAsync(output);
        await farm.UntilMembersAsync(s_servers);
        await farm.AddVDiskAsync();
        return farm;
    }

    /// <summary>Something happens to the server that streams, and the machine goes on at the other one with a copy. Returns that server's name.</summary>
    private async Task<string> FaultAsync(
        FarmLab farm,
        PersistentMachine machine,
        string what,
        Func<ServerProcess, Task> fault
    )
    {
        var (streamer, copies) = await UntilCopiesAsync(farm, 2);
        Assert.Equal(streamer, machine.Server);
        await machine.GoesOnAsync();
        machine.TakeLongestStall();
        await machine.GoesOnAsync();
        var before = machine.TakeLongestStall();
        await fault(farm.Servers[streamer]);
        await machine.UntilAsync(server => server != streamer);
        await machine.GoesOnAsync();
        output.WriteLine(
            $"{streamer} {what}: longest stall {machine.TakeLongestStall().TotalSeconds:0.00} s, {before.TotalSeconds:0.00} s before"
        );
        Assert.Contains(machine.Server, copies);
        return streamer;
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
