using System.Globalization;
using System.Net;
using Hatchery.Testing;

namespace Drill;

/// <summary>
/// What a frozen server does when it wakes, where nothing keeps it from it: two plain servers give out one file, a machine goes from the one
/// that is frozen to the other, and the first wakes and writes what it had queued over what is newer. That this is seen is what makes
/// the same worth something when the farm is drilled.
/// </summary>
internal static class PlainTargets
{
    private const int First = 71;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    /// <summary>Long enough for most blocks to be written again.</summary>
    private static readonly TimeSpan s_away = TimeSpan.FromSeconds(10);

    /// <summary>For the woken one to carry out what it has.</summary>
    private static readonly TimeSpan s_late = TimeSpan.FromSeconds(3);

    /// <summary>Returns how many blocks the machine lost.</summary>
    /// <param name="transport">iscsi: tgt; nbd: nbdkit.</param>
    public static async Task<Window> WakeAsync(BootLab network, string transport, int seed)
    {
        var image = network.PathOf($"plain-{transport}");
        await using (var file = File.Create(image))
            file.SetLength(NativeMachine.DiskMebibytes << 20);
        await using var first = await PlugInAsync(network, transport, 0, image);
        await using var second = await PlugInAsync(network, transport, 1, image);
        foreach (var server in (PlainServer[])[first, second])
            await (transport == "iscsi" ? server.StartIscsiAsync() : server.StartNbdAsync());

        var inside = await network.PlugInAsync(AddressOf(transport, 2));
        await using var machine = new NativeMachine(inside, network.PathOf(""), 0, transport, seed);
        await machine.StartAsync(
            $"{first.Portal},{second.Portal}",
            transport == "iscsi" ? PlainServer.Target + ",1" : "disk"
        );
        await machine.NextWindowAsync();
        await first.FreezeAsync();
        var atFreezing = (await machine.LookAsync()).Requests;
        await Eventually.TrueAsync(
            async () => (await machine.LookAsync()) is { UnderWayMs: < 100 } now && now.Requests > atFreezing + 100,
            s_limit
        );
        await Task.Delay(s_away);
        await machine.RestAsync();
        first.Thaw();
        await Task.Delay(s_late);
        await machine.VerifyAsync();
        return await machine.NextWindowAsync();
    }

    private static async Task<PlainServer> PlugInAsync(BootLab network, string transport, int number, string image)
    {
        var address = AddressOf(transport, number);
        var portal = new IPEndPoint(IPAddress.Parse(address), transport == "iscsi" ? 3260 : 10809);
        return new(await network.PlugInAsync(address), portal, image, network.PathOf($"tgt-{number}"));
    }

    private static string AddressOf(string transport, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"10.77.0.{First + (transport == "iscsi" ? 0 : 3) + number}");
}
