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
        await using var machine = await farm.BootPersistentAsync(Machine, "nbd");
        for (var kill = 1; kill <= 2; kill++)
        {
            var died = await farm.FaultAsync(machine, "killed", server => server.KillAsync());
            await farm.Servers[died].StartAsync();
            await farm.UntilMembersAsync(s_servers);
        }
        // Who was killed takes copies again.
        await farm.UntilCopiesAsync(2);
        await machine.GoesOnAsync();
    }

    [PostgreSqlNamespaceFact]
    public async Task Of_two_servers_either_may_die()
    {
        await using var farm = await FarmLab.StartTwoAsync(output, "hatchery.mirroring.port = 9121");
        string[] two = ["alpha", "beta"];
        await farm.UntilMembersAsync(two);
        await farm.AddVDiskAsync();
        await using var machine = await farm.BootPersistentAsync(Machine, "nbd");
        for (var kill = 1; kill <= 2; kill++)
        {
            var died = await farm.FaultAsync(machine, "killed", server => server.KillAsync());
            await farm.Servers[died].StartAsync();
            await farm.UntilMembersAsync(two);
            await farm.UntilLeaseIsFreeAsync();
        }
        await farm.UntilCopiesAsync(2);
    }

    [PostgreSqlNamespaceFact]
    public async Task Streamer_that_stops_or_freezes_loses_its_machine_and_has_no_say_when_it_is_back()
    {
        await using var farm = await StartAsync();
        await using var machine = await farm.BootPersistentAsync(Machine, "iscsi");
        var stopped = await farm.FaultAsync(
            machine,
            "stopped",
            async server => Assert.Equal(0, await server.StopAsync())
        );
        await farm.Servers[stopped].StartAsync();
        await farm.UntilMembersAsync(s_servers);

        var frozen = await farm.FaultAsync(
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
        var (streamer, _) = await farm.UntilCopiesAsync(2);
        Assert.NotEqual(frozen, streamer);
        await machine.GoesOnAsync();
    }

    [PostgreSqlNamespaceFact]
    public async Task Without_the_database_a_machine_goes_on_and_may_come_back_to_its_streamer()
    {
        await using var farm = await StartAsync();
        await using var machine = await farm.BootPersistentAsync(Machine, "nbd");
        var (streamer, _) = await farm.UntilCopiesAsync(2);
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

    [PostgreSqlNamespaceFact("nft")]
    public async Task Host_of_either_copy_is_cut_off_and_comes_back()
    {
        await using var farm = await StartAsync();
        await using var machine = await farm.BootPersistentAsync(Machine, "iscsi");
        var cut = await farm.FaultAsync(machine, "cut off", server => Firewall.CutOffAsync(farm.InsideOf(server)));
        await farm.UntilCopiesAsync(2);
        await farm.HealAsync();
        await farm.Servers[cut].Process.Output.WaitForAsync("the session here is over", s_limit);
        await farm.UntilMembersAsync(s_servers);

        var (streamer, copies) = await farm.UntilCopiesAsync(2);
        var mirror = copies.Single(c => c != streamer);
        await Firewall.CutOffAsync(farm.Insides[mirror]);
        await farm.UntilCopiesAsync(2, notAt: mirror);
        await machine.GoesOnAsync();
        Assert.Equal((streamer, 0), (machine.Server, machine.Errors));
        await farm.HealAsync();
        await farm.UntilMembersAsync(s_servers);
        await machine.GoesOnAsync();
    }

    [PostgreSqlNamespaceFact]
    public async Task Without_database_and_mirror_writes_wait_and_an_operator_is_told_why()
    {
        await using var farm = await StartAsync();
        await using var machine = await farm.BootPersistentAsync(Machine, "nbd");
        var (streamer, copies) = await farm.UntilCopiesAsync(2);
        var mirror = copies.Single(c => c != streamer);
        farm.StopDatabase();
        await farm.Servers[mirror].KillAsync();
        await Eventually.TrueAsync(
            async () =>
                (await farm.Servers[streamer].TryPbmAsync("device", "show", BootLab.MachineName(Machine)))
                    is { ExitCode: 0, Output: var shown }
                && shown.Contains(
                    $"its writes wait: the farm database has to note that {mirror} has no copy any more",
                    StringComparison.Ordinal
                ),
            s_limit
        );
        farm.StartDatabase();
        await machine.GoesOnAsync();
        Assert.Equal((streamer, 0), (machine.Server, machine.Errors));
        await Eventually.TrueAsync(
            async () =>
                !(await farm.Servers[streamer].PbmAsync("device", "show", BootLab.MachineName(Machine))).Contains(
                    "stalled",
                    StringComparison.Ordinal
                ),
            s_limit
        );
    }

    private async Task<FarmLab> StartAsync()
    {
        var farm = await FarmLab.StartMirroredAsync(output);
        await farm.UntilMembersAsync(s_servers);
        await farm.AddVDiskAsync();
        return farm;
    }
}
