using System.Globalization;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Client.Tests;

/// <summary>A machine with work under way, and servers that end in every way. How long it stood still stands in the output.</summary>
public sealed class RelayFailoverTests(ITestOutputHelper output)
{
    private const int Some = 20;

    [NamespaceTheory("tgtd", "nbdkit", "gcc")]
    [InlineData("iSCSI")]
    [InlineData("NBD")]
    public Task Work_goes_on_at_the_next_server_when_its_server_is_killed(string protocol) =>
        GoesOnAtTheNextAsync(protocol, "kill -9", server => server.KillAsync());

    [NamespaceTheory("tgtd", "nbdkit", "gcc")]
    [InlineData("iSCSI")]
    [InlineData("NBD")]
    public Task Work_goes_on_at_the_next_server_when_its_server_freezes(string protocol) =>
        GoesOnAtTheNextAsync(protocol, "SIGSTOP", server => server.FreezeAsync());

    [NamespaceTheory("tgtd", "nbdkit", "gcc", "nft")]
    [InlineData("iSCSI")]
    [InlineData("NBD")]
    public Task Work_goes_on_at_the_next_server_when_its_server_is_cut_off(string protocol) =>
        GoesOnAtTheNextAsync(protocol, "cut off by nft", server => server.CutOffAsync());

    [NamespaceTheory("tgtd", "nbdkit", "gcc")]
    [InlineData("iSCSI")]
    [InlineData("NBD")]
    public async Task Work_goes_from_server_to_server_as_they_die_and_come_back(string protocol)
    {
        await using var lab = await TargetLab.StartAsync(protocol);
        await using var relay = await lab.StartRelayAsync();
        await using var machine = lab.PowerOn(relay);
        await machine.RoundsAsync(Some);
        for (var i = 0; i < 4; i++)
        {
            await lab.Servers[i % 2].KillAsync();
            await relay.LedToAsync(lab.Servers[(i + 1) % 2].Portal, occurrence: (i / 2) + 1 + (i % 2));
            await machine.RoundsAsync(Some);
            await lab.StartAsync(lab.Servers[i % 2]);
        }
        Say("killed in turn, four times", machine);
    }

    [NamespaceTheory("tgtd", "nbdkit", "gcc")]
    [InlineData("iSCSI", "no server takes the iSCSI login")]
    [InlineData("NBD", "no server has the disk")]
    public async Task Work_waits_while_no_server_is_there_and_goes_on_when_one_comes(string protocol, string says)
    {
        await using var lab = await TargetLab.StartAsync(protocol);
        await using var relay = await lab.StartRelayAsync();
        await using var machine = lab.PowerOn(relay);
        await machine.RoundsAsync(Some);
        await Task.WhenAll(lab.Servers.Select(server => server.FreezeAsync()));
        await relay.Output.WaitForAsync(says, Relay.Limit);

        await lab.Servers[1].KillAsync();
        await lab.StartAsync(lab.Servers[1]);
        await relay.LedToAsync(lab.Servers[1].Portal);
        await machine.RoundsAsync(Some);
    }

    private async Task GoesOnAtTheNextAsync(string protocol, string fault, Func<PlainServer, Task> fail)
    {
        await using var lab = await TargetLab.StartAsync(protocol);
        await using var relay = await lab.StartRelayAsync();
        await using var machine = lab.PowerOn(relay);
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
