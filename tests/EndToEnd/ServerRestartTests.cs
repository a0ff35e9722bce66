using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

[Trait("Tier", "vm")]
public sealed class ServerRestartTests(ITestOutputHelper output)
{
    private const int Machine = 1;

    [NamespaceFact("qemu-system-x86_64")]
    public Task A_guest_with_its_root_by_iSCSI_goes_on_when_its_server_was_killed_and_started_again() =>
        GoesOnAsync("iscsi");

    [NamespaceFact("qemu-system-x86_64")]
    public Task A_guest_with_its_root_by_NBD_goes_on_when_its_server_was_killed_and_started_again() =>
        GoesOnAsync("nbd");

    [NamespaceFact("qemu-system-x86_64")]
    public Task A_guest_that_its_firmware_booted_goes_on_when_its_server_was_killed_and_started_again() =>
        GoesOnAsync("san");

    [NamespaceFact("qemu-system-x86_64")]
    public async Task A_machine_has_the_same_address_after_its_server_was_killed_and_started_again()
    {
        await using var lab = await BootLab.StartWithGuestAsync(output);
        await lab.AddDeviceAsync(1, "nbd");
        await lab.AddDeviceAsync(2, "nbd");
        var first = await lab.PowerOnAsync(1, "boot then=stay");
        var address = await first.WaitForAsync(AddressLine, Limits.Boot);
        await first.PowerOffAsync();

        await lab.Server.KillAsync();
        await lab.Server.StartAsync();

        var second = await lab.PowerOnAsync(2, "boot then=stay");
        Assert.NotEqual(address, await second.WaitForAsync(AddressLine, Limits.Boot));
        first = await lab.PowerOnAsync(1, "boot then=stay");
        Assert.Equal(address, await first.WaitForAsync(AddressLine, Limits.Boot));
    }

    /// <summary>How iPXE says which address it has.</summary>
    private const string AddressLine = "/255.255.255.0";

    private async Task GoesOnAsync(string transport)
    {
        await using var lab = await BootLab.StartWithGuestAsync(output);
        await lab.AddDeviceAsync(Machine, transport);
        var machine = await lab.PowerOnAsync(Machine, "hold seconds=20");
        await machine.WaitForAsync("HOLD", Limits.Boot, occurrence: 3);
        var before = await lab.ShowAsync(Machine);

        await lab.Server.KillAsync();
        await lab.Server.StartAsync();

        var said = machine.Console.Lines.Count(l => l.StartsWith("HOLD", StringComparison.Ordinal));
        await machine.WaitForAsync("HOLD", Limits.Work, occurrence: said + 2);
        Assert.Equal(before, await lab.ShowAsync(Machine));
        await machine.WaitForAsync("HELD", Limits.Work);
        await machine.WaitForAsync("BOOT-DONE", Limits.Work);
        await machine.WaitForOffAsync(Limits.Work);
        output.WriteLine($"{transport}: worst stall {machine.WorstStall.TotalMilliseconds:0} ms");
    }
}
