using Hatchery.Testing;

namespace EndToEnd;

/// <summary>Where write caches are, and machines that write to them.</summary>
internal sealed partial class FarmLab
{
    /// <summary>A machine that has booted, and writes.</summary>
    /// <param name="transport">iscsi or nbd.</param>
    public async Task<PersistentMachine> BootPersistentAsync(int number, string transport)
    {
        await AddDeviceAsync("alpha", number, transport);
        var (servers, name) = await ScriptAsync("alpha", number);
        var machine = new PersistentMachine(_network.Inside, servers, name, isIscsi: transport == "iscsi");
        await machine.GoesOnAsync();
        return machine;
    }

    /// <summary>Waits until the farm's one write cache is at so many servers. The streamer, and all of them.</summary>
    public async Task<(string Streamer, string[] Members)> UntilCopiesAsync(int count)
    {
        (string Streamer, string[] Members) now = default;
        await Eventually.TrueAsync(
            async () =>
            {
                var row = await QueryAsync("select streamer || ' ' || members from session where phase = 'Open'");
                if (row is [var one] && one.Split(' ') is [var streamer, var members])
                    now = (streamer, members.Split(','));
                return now.Members?.Length == count;
            },
            s_limit
        );
        return now;
    }
}
