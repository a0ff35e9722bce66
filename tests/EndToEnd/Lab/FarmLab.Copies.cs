using Hatchery.Testing;

namespace EndToEnd;

/// <summary>Where write caches are, and machines that write to them.</summary>
internal sealed partial class FarmLab
{
    /// <summary>A machine that has booted, and writes.</summary>
    /// <param name="transport">iscsi or nbd.</param>
    /// <param name="work">What it writes; null: some of its disk, without pause.</param>
    public async Task<PersistentMachine> BootPersistentAsync(int number, string transport, PersistentWork? work = null)
    {
        await AddDeviceAsync("alpha", number, transport);
        return await AttachPersistentAsync(number, transport, work);
    }

    /// <summary>The same of a machine that the farm knows.</summary>
    public async Task<PersistentMachine> AttachPersistentAsync(
        int number,
        string transport,
        PersistentWork? work = null
    )
    {
        var (servers, name) = await ScriptAsync("alpha", number);
        var machine = new PersistentMachine(_network.Inside, servers, name, isIscsi: transport == "iscsi", work);
        await machine.GoesOnAsync();
        return machine;
    }

    /// <summary>Waits until the farm's one write cache is at so many servers. The streamer, and all of them.</summary>
    /// <param name="notAt">And not at this one.</param>
    public async Task<(string Streamer, string[] Members)> UntilCopiesAsync(int count, string? notAt = null)
    {
        (string Streamer, string[] Members) now = default;
        await Eventually.TrueAsync(
            async () =>
            {
                var row = await QueryAsync("select streamer || ' ' || members from session where phase = 'Open'");
                if (row is [var one] && one.Split(' ') is [var streamer, var members])
                    now = (streamer, members.Split(','));
                return now.Members?.Length == count && !now.Members.Contains(notAt);
            },
            s_limit
        );
        return now;
    }

    /// <summary>Something happens to the server that streams, and the machine goes on at the other one with a copy. Returns that server's name.</summary>
    public async Task<string> FaultAsync(PersistentMachine machine, string what, Func<ServerProcess, Task> fault)
    {
        var (streamer, copies) = await UntilCopiesAsync(2);
        Assert.Equal(streamer, machine.Server);
        await machine.GoesOnAsync();
        machine.TakeLongestStall();
        await machine.GoesOnAsync();
        var before = machine.TakeLongestStall();
        await fault(Servers[streamer]);
        await machine.UntilAsync(server => server != streamer);
        await machine.GoesOnAsync();
        _output.WriteLine(
            $"{streamer} {what}: longest stall {machine.TakeLongestStall().TotalSeconds:0.00} s, {before.TotalSeconds:0.00} s before"
        );
        Assert.Contains(machine.Server, copies);
        Assert.Equal(0, machine.Errors);
        return streamer;
    }
}
