using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>Machines that go on at another server while they write, as theirs is drained, resumed and stopped, with everything that they have flushed.</summary>
[Trait("Tier", "vm")]
public sealed class MovingTests(ITestOutputHelper output)
{
    private const int Machine = 1;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(120);
    private static readonly string[] s_servers = ["alpha", "beta", "gamma"];

    [PostgreSqlNamespaceFact]
    public Task Machine_goes_on_as_its_servers_are_drained_and_stopped_and_comes_back_when_it_is_told_to_by_nbd() =>
        MoveAsync("nbd");

    [PostgreSqlNamespaceFact]
    public Task Machine_goes_on_as_its_servers_are_drained_and_stopped_and_comes_back_when_it_is_told_to_by_iscsi() =>
        MoveAsync("iscsi");

    private async Task MoveAsync(string transport)
    {
        await using var farm = await FarmLab.StartMirroredAsync(output, FarmLab.Patient);
        await farm.UntilMembersAsync(s_servers);
        await farm.AddVDiskAsync();
        await using var machine = await farm.BootPersistentAsync(Machine, transport);
        var (first, members) = await farm.UntilCopiesAsync(2);
        await CalmAsync(machine);
        output.WriteLine($"calm: longest stall {machine.TakeLongestStall().TotalSeconds:0.00} s");

        // The member that is there already takes it, and another server gets the copy that leaves.
        await farm.Servers["alpha"].PbmAsync("server", "drain", first);
        await UntilAtAsync(machine, members.Single(m => m != first), "drained");
        var other = s_servers.Except(members).Single();
        await UntilAsync(farm, machine.Server, other);
        await Eventually.TrueAsync(
            async () =>
                (await farm.Servers[other].PbmJsonAsync("server", "show", first)).GetProperty("drain").GetString()
                == "it is empty",
            s_limit
        );

        // The one that it had has no copy any more, and gets one.
        await farm.Servers["alpha"].PbmAsync("server", "resume", first);
        var moved = "";
        await Eventually.TrueAsync(
            async () =>
                (await farm.Servers["alpha"].TryPbmAsync("device", "move", BootLab.MachineName(Machine), first))
                    is { ExitCode: 0 } said
                && (moved = said.Output).Contains("as soon as", StringComparison.Ordinal),
            s_limit
        );
        output.WriteLine(moved);
        await UntilAtAsync(machine, first, "moved back");
        var (_, now) = await farm.UntilCopiesAsync(2);

        await CalmAsync(machine);
        await farm.Servers[first].StopAsync();
        await UntilAtAsync(machine, now.Single(m => m != first), "stopped");
    }

    private static async Task CalmAsync(PersistentMachine machine)
    {
        machine.TakeLongestStall();
        await machine.GoesOnAsync();
    }

    private async Task UntilAtAsync(PersistentMachine machine, string server, string why)
    {
        var logins = machine.Logins;
        await Eventually.TrueAsync(() => machine.Server == server, s_limit);
        await machine.GoesOnAsync();
        Assert.Equal(server, machine.Server);
        output.WriteLine(
            $"{why}: at {server} with a longest stall of {machine.TakeLongestStall().TotalSeconds:0.00} s, after {machine.Logins - logins} login(s)"
        );
    }

    private static Task UntilAsync(FarmLab farm, params string[] members) =>
        Eventually.TrueAsync(
            async () => (await farm.UntilCopiesAsync(2)).Members.Order().SequenceEqual(members.Order()),
            s_limit
        );
}
