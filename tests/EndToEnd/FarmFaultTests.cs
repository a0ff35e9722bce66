using System.Globalization;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>Servers that are frozen, cut off, restarted and killed while operators and machines go on: it ends in one farm.</summary>
[Trait("Tier", "vm")]
public sealed class FarmFaultTests(ITestOutputHelper output)
{
    private const int Devices = 8;
    private const string Back = "is a member of the cluster again";
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(120);
    private static readonly string[] s_three = ["alpha", "beta", "gamma"];
    private static readonly string[] s_seven = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta"];

    [PostgreSqlNamespaceFact]
    public async Task Frozen_server_decides_nothing_when_it_wakes_and_comes_back_by_itself()
    {
        await using var farm = await FarmLab.StartAsync(output, FarmLab.Patient);
        await farm.UntilMembersAsync(s_three);
        await using var operators = farm.OperatorAt("alpha");
        for (var i = 1; i <= Devices; i++)
            Assert.True(await operators.TryAsync("device", "add", BootLab.MachineName(i), BootLab.Mac(i)));
        var gamma = farm.Servers["gamma"];
        var process = gamma.Process.Id;
        string[] keepers = [];
        // It has none before shards have moved to it.
        await Eventually.TrueAsync(async () => (keepers = await farm.KeepersAtAsync("gamma")).Length > 0, s_limit);
        await Eventually.TrueAsync(() => SetAsync("before"), s_limit);

        gamma.Process.Freeze();
        // What alpha sends it before the others take its place waits in its sockets.
        Assert.False(await SetAsync("late"));
        await farm.UntilMembersAsync(["alpha", "beta"], ["alpha", "beta"]);
        // Each has an owner that answers now, and that has nothing to write: what waits would fit into the journal.
        await Eventually.TrueAsync(() => SetAsync("before"), s_limit);
        var committed = await CommittedAsync(farm);
        gamma.Process.Thaw();
        await gamma.Process.Output.WaitForAsync("this server is out of the cluster", s_limit);
        await gamma.Process.Output.WaitForAsync(Back, s_limit);
        await farm.UntilMembersAsync(s_three);

        Assert.Equal(committed, await CommittedAsync(farm));
        Assert.Equal(process, gamma.Process.Id);
        Assert.DoesNotContain(
            farm.Servers["alpha"].Process.Output.Lines,
            l => l.Contains(Back, StringComparison.Ordinal)
        );
        await SameEverywhereAsync(farm, s_three);

        async Task<bool> SetAsync(string arguments) =>
            (
                await Task.WhenAll(
                    keepers.Select(k => operators.TryAsync("device", "set", k, "--arguments", arguments))
                )
            ).All(done => done);
    }

    [Trait("Tier", "full")]
    [PostgreSqlNamespaceFact]
    public async Task Server_that_is_cut_off_in_either_direction_goes_and_comes_back()
    {
        await using var farm = await FarmLab.StartAsync(output, FarmLab.Patient);
        await farm.UntilMembersAsync(s_three);
        await farm.Servers["alpha"].PbmAsync("device", "add", BootLab.MachineName(1), BootLab.Mac(1));
        string[] others = ["alpha", "beta"];
        var times = 0;
        foreach (var (isHeard, hears) in new[] { (false, true), (true, false), (false, false) })
        {
            foreach (var other in others)
            {
                if (!isHeard)
                    await farm.CutAsync("gamma", other);
                if (!hears)
                    await farm.CutAsync(other, "gamma");
            }
            times++;
            await farm.Servers["gamma"]
                .Process.Output.WaitForAsync("this server is out of the cluster", s_limit, times);
            await farm.UntilMembersAsync(others, others);
            await UntilDoneAsync(
                farm.Servers["beta"],
                "device",
                "set",
                BootLab.MachineName(1),
                "--arguments",
                $"time={times}"
            );
            await farm.HealAsync();
            await farm.Servers["gamma"].Process.Output.WaitForAsync(Back, s_limit, times);
            await farm.UntilMembersAsync(s_three);
            await SameEverywhereAsync(farm, s_three);
        }
        foreach (var other in others)
            Assert.DoesNotContain(
                farm.Servers[other].Process.Output.Lines,
                l => l.Contains("out of the cluster", StringComparison.Ordinal)
            );
    }

    [Trait("Tier", "full")]
    [PostgreSqlNamespaceFact]
    public async Task Servers_that_were_all_cut_off_from_each_other_become_one_farm_again_by_themselves()
    {
        await using var farm = await FarmLab.StartAsync(output, FarmLab.Patient);
        await farm.UntilMembersAsync(s_three);
        await farm.Servers["alpha"].PbmAsync("device", "add", BootLab.MachineName(1), BootLab.Mac(1));
        foreach (var from in s_three)
        {
            foreach (var to in s_three.Where(t => t != from))
                await farm.CutAsync(from, to);
        }
        foreach (var server in s_three)
            await farm.Servers[server].Process.Output.WaitForAsync("this server is out of the cluster", s_limit);
        await farm.HealAsync();
        await farm.UntilMembersAsync(s_three);
        await UntilDoneAsync(farm.Servers["beta"], "device", "set", BootLab.MachineName(1), "--arguments", "all=well");
        await SameEverywhereAsync(farm, s_three);
    }

    [Trait("Tier", "full")]
    [PostgreSqlNamespaceFact]
    public async Task Three_servers_roll_through_restarts_under_load()
    {
        await using var farm = await FarmLab.StartAsync(output, FarmLab.Patient);
        await farm.UntilMembersAsync(s_three);
        await farm.AddVDiskAsync();
        await using var load = await FarmLoad.StartAsync(farm, machines: 2, output);
        await RollAsync(farm, load, s_three);
        await load.EndAsync();
        await SameEverywhereAsync(farm, s_three);
    }

    [Trait("Tier", "full")]
    [PostgreSqlNamespaceFact]
    public async Task Seven_servers_join_leave_roll_through_restarts_and_die_under_load()
    {
        await using var farm = await FarmLab.StartAsync(output, FarmLab.Patient, servers: 5);
        var five = s_seven[..5];
        await farm.UntilMembersAsync(five);
        await farm.AddVDiskAsync();
        await using var load = await FarmLoad.StartAsync(farm, machines: 3, output);

        foreach (var name in s_seven[5..])
            await (await farm.AddServerAsync(name)).StartAsync();
        await farm.UntilMembersAsync(s_seven);
        await load.GoesOnAsync();

        await RollAsync(farm, load, s_seven);

        // Two that leave in good order and stay away.
        load.Away = s_seven[5..];
        foreach (var name in s_seven[5..])
            Assert.Equal(0, await farm.Servers[name].StopAsync());
        await farm.UntilMembersAsync(five);
        await load.GoesOnAsync();

        foreach (var name in s_seven[5..])
            await farm.Servers[name].StartAsync();
        await farm.UntilMembersAsync(s_seven);

        // Three of seven at once, the founder among them.
        string[] die = ["alpha", "delta", "eta"];
        load.Away = die;
        await Task.WhenAll(die.Select(d => farm.Servers[d].KillAsync()));
        string[] left = [.. s_seven.Except(die)];
        await farm.UntilMembersAsync(left);
        await load.GoesOnAsync();
        foreach (var name in die)
            await farm.Servers[name].StartAsync();
        await farm.UntilMembersAsync(s_seven);
        load.Away = [];
        await load.GoesOnAsync();
        await load.EndAsync();
        await SameEverywhereAsync(farm, s_seven);
    }

    private static async Task RollAsync(FarmLab farm, FarmLoad load, IReadOnlyList<string> servers)
    {
        foreach (var name in servers)
        {
            load.Away = [name];
            Assert.Equal(0, await farm.Servers[name].StopAsync());
            string[] others = [.. servers.Where(s => s != name)];
            await farm.UntilMembersAsync(others[..1], others);
            await load.GoesOnAsync();
            await farm.Servers[name].StartAsync();
            await farm.UntilMembersAsync(others[..1], servers);
            load.Away = [];
            await load.GoesOnAsync();
        }
    }

    private static Task UntilDoneAsync(ServerProcess server, params string[] command) =>
        Eventually.TrueAsync(async () => (await server.TryPbmAsync(command)).ExitCode == 0, s_limit);

    /// <summary>What was written of devices, as the journal has it in its order.</summary>
    private static Task<string[]> CommittedAsync(FarmLab farm) =>
        farm.QueryAsync(
            "select ordering || ' ' || encode(message, 'escape') from journal where persistence_id like 'device-%' order by ordering"
        );

    /// <summary>Waits until all servers show the same of every device.</summary>
    private static async Task SameEverywhereAsync(FarmLab farm, IReadOnlyList<string> servers) =>
        await Eventually.TrueAsync(
            async () =>
            {
                var shown = new HashSet<string>(StringComparer.Ordinal);
                foreach (var server in servers)
                    shown.Add((await farm.Servers[server].TryPbmAsync("device", "list", "-o", "json")).Output);
                return shown.Count == 1;
            },
            s_limit
        );
}
