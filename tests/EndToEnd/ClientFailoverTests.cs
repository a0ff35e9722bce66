using System.Globalization;
using System.Net;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>The machine's side of a failover alone: its root is at two plain servers that have one image between them, which die in turn
/// while it writes without pause. How long each fault stalled it stands in the output.</summary>
[Trait("Tier", "vm")]
public sealed class ClientFailoverTests(ITestOutputHelper output)
{
    [NamespaceFact("qemu-system-x86_64", "tgtd", "nft")]
    public Task A_guest_with_its_root_by_iSCSI_goes_on_at_the_next_server_however_its_server_ends() =>
        GoesOnAsync(3260, $"hatchery.root=iscsi:{{0}}/{PlainServer.Target}", server => server.StartIscsiAsync());

    [NamespaceFact("qemu-system-x86_64", "nbdkit", "nft")]
    public Task A_guest_with_its_root_by_NBD_goes_on_at_the_next_server_however_its_server_ends() =>
        GoesOnAsync(10809, "hatchery.root=nbd:{0}/disk", server => server.StartNbdAsync());

    private async Task GoesOnAsync(int port, string root, Func<PlainServer, Task> start)
    {
        var guest = await GuestImage.GetAsync();
        // Hatchery gives the address, and nothing else.
        await using var lab = await BootLab.StartAsync(output);
        File.Copy(guest.RawDisk, lab.PathOf("disk"));
        await using var first = await PlugInAsync(lab, "10.77.0.11", port);
        await using var second = await PlugInAsync(lab, "10.77.0.12", port);
        await start(first);
        await start(second);
        var servers = $"{first.Portal},{second.Portal}";
        string[] kernel = ["-kernel", guest.Kernel, "-initrd", guest.Initrd];
        var arguments = $"{BootLab.KernelArguments} {string.Format(CultureInfo.InvariantCulture, root, servers)}";
        var machine = await lab.PowerOnAsync(1, "hold seconds=600 pause=0", more: [.. kernel, "-append", arguments]);
        await machine.WaitForAsync("HOLD", Limits.Boot, occurrence: 2);

        await FaultAsync(machine, "kill -9", first.KillAsync);
        await start(first);
        await FaultAsync(machine, "SIGSTOP", second.FreezeAsync);
        await second.KillAsync();
        await start(second);
        await FaultAsync(machine, "cut off by nft", first.CutOffAsync);
        Assert.DoesNotContain(machine.Console.Lines, line => line.Contains("I/O error", StringComparison.Ordinal));
    }

    /// <summary>The guest ends with FAILED, which ends the wait, at the first byte that is another and the first request that fails.</summary>
    private async Task FaultAsync(VirtualMachine machine, string fault, Func<Task> fail)
    {
        var before = Holds(machine).Length;
        await fail();
        await machine.WaitForAsync("HOLD", Limits.Work, before + 3);
        var stall = Holds(machine)[before..].Max(SinceLastSaid);
        output.WriteLine($"{fault}: longest stall {stall} ms");
    }

    private static string[] Holds(VirtualMachine machine) =>
        [.. machine.Console.Lines.Where(l => l.StartsWith("HOLD", StringComparison.Ordinal))];

    private static int SinceLastSaid(string line) => int.Parse(line.Split(' ')[^2], CultureInfo.InvariantCulture);

    private static async Task<PlainServer> PlugInAsync(BootLab lab, string address, int port)
    {
        var host = await lab.PlugInAsync();
        await host.IpAsync("addr", "add", $"{address}/24", "dev", "eth0");
        return new(host, new(IPAddress.Parse(address), port), lab.PathOf("disk"), lab.PathOf(address));
    }
}
