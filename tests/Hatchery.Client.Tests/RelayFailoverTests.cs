using System.Globalization;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Client.Tests;

/// <summary>A machine with work under way, and servers that end in every way. How long it stood still stands in the output.</summary>
public sealed class RelayFailoverTests(ITestOutputHelper output)
{
    private const int Some = 20;

    [NamespaceFact("tgtd", "gcc")]
    public Task The_session_goes_on_at_the_next_server_when_its_server_is_killed() =>
        GoesOnAtTheNextAsync("kill -9", server => server.KillAsync());

    [NamespaceFact("tgtd", "gcc")]
    public Task The_session_goes_on_at_the_next_server_when_its_server_freezes() =>
        GoesOnAtTheNextAsync("SIGSTOP", server => server.FreezeAsync());

    [NamespaceFact("tgtd", "gcc", "nft")]
    public Task The_session_goes_on_at_the_next_server_when_its_server_is_cut_off() =>
        GoesOnAtTheNextAsync("cut off by nft", server => server.CutOffAsync());

    [NamespaceFact("tgtd", "gcc")]
    public async Task The_session_goes_from_server_to_server_as_they_die_and_come_back()
    {
        await using var lab = await TargetLab.StartAsync();
        await using var relay = await Relay.StartAsync(lab.Machine, lab.Servers[0].Portal, lab.Servers[1].Portal);
        await using var machine = new Machine(lab.Open, relay.Portal);
        await machine.RoundsAsync(Some);
        for (var i = 0; i < 4; i++)
        {
            await lab.Servers[i % 2].KillAsync();
            await relay.LedToAsync(lab.Servers[(i + 1) % 2].Portal, occurrence: (i / 2) + 1 + (i % 2));
            await machine.RoundsAsync(Some);
            await lab.Servers[i % 2].StartIscsiAsync();
        }
        Say("killed in turn, four times", machine);
    }

    [NamespaceFact("tgtd", "gcc")]
    public async Task A_login_is_held_while_no_server_is_there_and_goes_on_when_one_comes()
    {
        await using var lab = await TargetLab.StartAsync();
        await using var relay = await Relay.StartAsync(lab.Machine, lab.Servers[0].Portal, lab.Servers[1].Portal);
        await using var machine = new Machine(lab.Open, relay.Portal);
        await machine.RoundsAsync(Some);
        await Task.WhenAll(lab.Servers.Select(server => server.FreezeAsync()));
        await relay.Output.WaitForAsync("no server takes the iSCSI login", Relay.Limit);

        await lab.Servers[1].KillAsync();
        await lab.Servers[1].StartIscsiAsync();
        await relay.LedToAsync(lab.Servers[1].Portal);
        await machine.RoundsAsync(Some);
    }

    private async Task GoesOnAtTheNextAsync(string fault, Func<PlainServer, Task> fail)
    {
        await using var lab = await TargetLab.StartAsync();
        await using var relay = await Relay.StartAsync(lab.Machine, lab.Servers[0].Portal, lab.Servers[1].Portal);
        await using var machine = new Machine(lab.Open, relay.Portal);
        await machine.RoundsAsync(Some);
        await relay.LedToAsync(lab.Servers[0].Portal);
        Say("no fault", machine);

        await fail(lab.Servers[0]);
        await relay.LedToAsync(lab.Servers[1].Portal);
        await machine.RoundsAsync(Some);
        Say(fault, machine);
    }

    private void Say(string fault, Machine machine)
    {
        var stall = machine.TakeLongestStall().TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture);
        output.WriteLine($"{fault}: longest stall {stall} ms");
    }
}
