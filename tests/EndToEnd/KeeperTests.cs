using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>A server that streams a machine's disk and has the machine's keeper is gone with both: the machine goes on before anybody has the keeper's place.</summary>
[Trait("Tier", "vm")]
public sealed class KeeperTests(ITestOutputHelper output)
{
    private const int Machine = 1;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(120);
    private static readonly string[] s_servers = ["alpha", "beta", "gamma"];

    [PostgreSqlNamespaceFact]
    public async Task Keeper_and_streamer_are_killed_together()
    {
        await using var farm = await StartAsync();
        await using var machine = await farm.BootPersistentAsync(Machine, "nbd");
        var died = await GoneAsync(farm, machine, "killed", server => server.KillAsync());
        await farm.Servers[died].StartAsync();
        await farm.UntilMembersAsync(s_servers);
        await farm.UntilCopiesAsync(2);
        await machine.GoesOnAsync();
    }

    [PostgreSqlNamespaceFact]
    public async Task Keeper_and_streamer_freeze_together_and_have_no_say_when_they_wake()
    {
        await using var farm = await StartAsync();
        await using var machine = await farm.BootPersistentAsync(Machine, "iscsi");
        var frozen = await GoneAsync(
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
        await machine.GoesOnAsync();
        Assert.NotEqual(frozen, (await farm.UntilCopiesAsync(2)).Streamer);
    }

    /// <summary>Servers that are noticed to be gone late: a keeper is elsewhere some 9 s after its server died.</summary>
    private async Task<FarmLab> StartAsync()
    {
        var farm = await FarmLab.StartMirroredAsync(output, FarmLab.Patient);
        await farm.UntilMembersAsync(s_servers);
        await farm.AddVDiskAsync();
        return farm;
    }

    /// <summary>The machine goes to the server of its keeper; then something happens to that. Returns that server's name.</summary>
    private async Task<string> GoneAsync(
        FarmLab farm,
        PersistentMachine machine,
        string what,
        Func<ServerProcess, Task> fault
    )
    {
        var name = BootLab.MachineName(Machine);
        await farm.UntilCopiesAsync(2);
        string keeper;
        // Shards go to servers that have just begun, for a while.
        while ((keeper = await farm.KeeperOfAsync(Machine)) != machine.Server)
        {
            await Eventually.TrueAsync(
                async () => (await farm.Servers["alpha"].TryPbmAsync("device", "move", name, keeper)).ExitCode == 0,
                s_limit
            );
            await machine.UntilAsync(server => server == keeper);
        }
        var (_, copies) = await farm.UntilCopiesAsync(2);
        await machine.GoesOnAsync();
        machine.TakeLongestStall();
        await machine.GoesOnAsync();
        var before = machine.TakeLongestStall();

        await fault(farm.Servers[keeper]);
        await machine.UntilAsync(server => server != keeper);
        await machine.GoesOnAsync();
        output.WriteLine(
            $"{keeper} {what}: longest stall {machine.TakeLongestStall().TotalSeconds:0.00} s, {before.TotalSeconds:0.00} s before"
        );
        Assert.Contains(machine.Server, copies);
        await farm.Servers[machine.Server].Process.Output.WaitForAsync("it goes by the session row", s_limit);
        // The keeper hears of it once it is elsewhere.
        await Eventually.TrueAsync(
            async () =>
                (await farm.Servers[machine.Server].PbmJsonAsync("device", "show", name))
                    .GetProperty("boot")
                    .GetProperty("server")
                    .GetString() == machine.Server,
            s_limit
        );
        return keeper;
    }
}
