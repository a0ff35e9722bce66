using Drill;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>Disks of servers that fail under a machine that writes: it goes on with everything that it has flushed, and sees no error.</summary>
[Trait("Tier", "vm")]
public sealed class MirroredDiskTests(ITestOutputHelper output)
{
    private const int Machine = 1;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(120);
    private static readonly string[] s_servers = ["alpha", "beta", "gamma"];

    [PostgreSqlNamespaceFact("gcc")]
    public Task Syncs_fail_at_the_streamer_and_at_the_mirror() =>
        FailAsync("nbd", "whose syncs fail", (disks, process) => disks.FailSyncs(process));

    [PostgreSqlNamespaceFact("gcc")]
    public Task Disk_is_full_at_the_streamer_and_at_the_mirror() =>
        FailAsync("iscsi", "whose disk is full", (disks, process) => disks.Fill(process));

    [PostgreSqlNamespaceFact("gcc")]
    public Task Store_is_lost_at_the_streamer_and_at_the_mirror() =>
        FailAsync("iscsi", "whose store is lost", (disks, process) => disks.Lose(process));

    /// <summary>The machine writes all of its disk, for which neither server has room: it hears that, as with a server alone, and reads.</summary>
    [PostgreSqlNamespaceFact]
    public async Task Both_servers_are_full_and_a_machine_reads_while_its_writes_get_no_space()
    {
        await using var farm = await FarmLab.StartTwoAsync(
            output,
            $"{FarmLab.Mirroring}\n{FarmLab.Patient}\nhatchery.store.write-caches-max = 4MiB"
        );
        await farm.UntilMembersAsync("alpha", "beta");
        await farm.AddVDiskAsync();
        await using var machine = await farm.BootPersistentAsync(
            Machine,
            "nbd",
            new(Blocks: 2048, WritesPerFlush: 16, TimeSpan.Zero)
        );
        // After each error it logs in again, and reads every block that it has flushed.
        var errors = 0;
        await Eventually.TrueAsync(
            () =>
            {
                errors = machine.Errors;
                return errors >= 3;
            },
            s_limit
        );
        var logins = machine.Logins;
        await Eventually.TrueAsync(() => machine.Logins > logins && machine.Errors > errors, s_limit);
        Assert.Contains(
            "no room for writes: ",
            await farm.Servers["alpha"].PbmAsync("farm", "status"),
            StringComparison.Ordinal
        );
    }

    private async Task FailAsync(string transport, string what, Action<FailingDisks, int> fail)
    {
        await NativePrograms.BuildAsync();
        using var folder = new TempFolder();
        var disks = new FailingDisks(folder["disks"]);
        await using var farm = await FarmLab.StartMirroredAsync(output, environment: disks.Environment);
        await farm.UntilMembersAsync(s_servers);
        await farm.AddVDiskAsync();
        await using var machine = await farm.BootPersistentAsync(Machine, transport);

        var failed = await farm.FaultAsync(
            machine,
            what,
            server =>
            {
                fail(disks, server.Process.Id);
                return Task.CompletedTask;
            }
        );
        await farm.UntilCopiesAsync(2, notAt: failed);
        disks.Mend(farm.Servers[failed].Process.Id);

        var (streamer, copies) = await farm.UntilCopiesAsync(2);
        var mirror = copies.Single(c => c != streamer);
        fail(disks, farm.Servers[mirror].Process.Id);
        await farm.UntilCopiesAsync(2, notAt: mirror);
        await machine.GoesOnAsync();
        Assert.Equal((streamer, 0), (machine.Server, machine.Errors));
    }
}
