using System.Text.RegularExpressions;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>Virtual machines and a farm of three servers, each of which gives addresses and boot programs.</summary>
[Trait("Tier", "vm")]
public sealed partial class FarmBootTests(ITestOutputHelper output)
{
    private const string Configuration = """
        hatchery.boot {
          interfaces = [eth0]
          dhcp {
            authoritative = on
            subnets = [{ network = "10.77.0.0/24", first = "10.77.0.100", last = "10.77.0.200" }]
          }
        }
        """;

    private const string Ipxe = "/usr/lib/ipxe/ipxe.lkrn";

    /// <summary>Three servers and two machines on two cores.</summary>
    private static readonly TimeSpan s_limit = 2 * Limits.BootOfTwo;

    [PostgreSqlNamespaceFact("qemu-system-x86_64")]
    public async Task Machines_boot_by_iSCSI_and_by_NBD_with_the_first_server_of_their_script_dead()
    {
        await using var farm = await StartAsync();
        (int Number, string Transport, string RootBy)[] machines = [(1, "san", "iSCSI"), (2, "nbd", "NBD")];
        foreach (var (number, transport, _) in machines)
            await farm.AddDeviceAsync("beta", number, transport);
        var scripts = new List<string>();
        foreach (var (number, _, _) in machines)
            scripts.Add(await ScriptAsync(farm, "beta", number));
        // The script is the machine's own; what it says stays, whoever dies after it was made.
        var first = FirstOf(scripts[0]);
        if (FirstOf(scripts[1]) != first)
            scripts[1] = await FromAsync(farm, first, machines[1].Number);
        await farm.Servers[first].KillAsync();
        output.WriteLine($"{first} is dead");

        var running = new List<VirtualMachine>();
        foreach (var ((number, transport, _), script) in machines.Zip(scripts))
        {
            var file = farm.Network.PathOf($"{transport}.ipxe");
            await File.WriteAllTextAsync(file, script.Replace("#!ipxe\n", "#!ipxe\ndhcp\n", StringComparison.Ordinal));
            running.Add(
                await farm.Network.PowerOnAsync(number, "io mb=4 then=stay", more: ["-kernel", Ipxe, "-initrd", file])
            );
        }
        foreach (var ((number, _, rootBy), machine) in machines.Zip(running))
        {
            Assert.Contains(rootBy, await machine.WaitForAsync("ROOT-MOUNTED", s_limit), StringComparison.Ordinal);
            await machine.WaitForAsync("IO-VERIFIED", s_limit);
            var at = await ServerOfAsync(farm, farm.Servers.Keys.First(s => s != first), number);
            output.WriteLine($"machine {number} runs at {at}");
            Assert.NotEqual(first, at);
        }
    }

    [PostgreSqlNamespaceFact("qemu-system-x86_64")]
    public async Task Server_that_drains_gets_no_boot_and_is_empty_when_its_machine_has_booted_again()
    {
        await using var farm = await StartAsync();
        await farm.AddDeviceAsync("alpha", 1, "nbd");
        var machine = await farm.Network.PowerOnAsync(1, "hold seconds=5 then=reboot", restarts: true);
        await machine.WaitForAsync("ROOT-MOUNTED", s_limit);
        var drained = await ServerOfAsync(farm, "alpha", 1);
        await farm.Servers["alpha"].PbmAsync("server", "drain", drained, "--no-wait");
        foreach (var server in farm.Servers.Values)
            await Eventually.TrueAsync(async () => await StateAsync(server, drained) is ("draining", _), s_limit);

        // One boot may have begun before; the next has not.
        var booted = machine.Console.Lines.Count(l => l.StartsWith("ROOT-MOUNTED", StringComparison.Ordinal));
        await machine.WaitForAsync("ROOT-MOUNTED", s_limit, booted + 2);
        var at = await ServerOfAsync(farm, "alpha", 1);
        output.WriteLine($"{drained} drained: the machine runs at {at} after {booted + 2} boots");
        Assert.NotEqual(drained, at);
        await Eventually.TrueAsync(async () => await StateAsync(farm.Servers[at], drained) is ("draining", 0), s_limit);
        Assert.DoesNotContain(machine.Console.Lines, l => l.StartsWith("FRESH no", StringComparison.Ordinal));
    }

    private async Task<FarmLab> StartAsync()
    {
        var image = await GuestImage.GetAsync();
        var farm = await FarmLab.StartAsync(output, $"{FarmLab.Patient}\n{Configuration}");
        try
        {
            await farm.UntilMembersAsync("alpha", "beta", "gamma");
            string[] boot =
            [
                "--kernel",
                image.Kernel,
                "--initrd",
                image.Initrd,
                "--arguments",
                BootLab.KernelArguments,
            ];
            await farm.AddVDiskAsync(image.Qcow2Disk, boot);
            return farm;
        }
        catch
        {
            await farm.DisposeAsync();
            throw;
        }
    }

    private static async Task<string> ScriptAsync(FarmLab farm, string at, int number)
    {
        var url = $"http://{FarmLab.AddressOf(at)}:8069/boot/{BootLab.Mac(number).Replace(':', '-')}?arch=0";
        var script = "";
        // This server may hear of the device a moment after the one that was told of it.
        await Eventually.TrueAsync(
            async () =>
            {
                script = (await farm.ClientAsync("curl", "--silent", "--show-error", "--fail", url)).Output;
                return Servers().IsMatch(script);
            },
            s_limit
        );
        return script;
    }

    /// <summary>A script in which that server comes first: they take turns while none tells of more load than the others.</summary>
    private static async Task<string> FromAsync(FarmLab farm, string first, int number)
    {
        var script = "";
        await Eventually.TrueAsync(
            async () => FirstOf(script = await ScriptAsync(farm, first, number)) == first,
            s_limit
        );
        return script;
    }

    private static string FirstOf(string script) => FarmLab.NameOf(Servers().Match(script).Groups[1].Value);

    private static async Task<string> ServerOfAsync(FarmLab farm, string at, int number) =>
        (await farm.Servers[at].PbmJsonAsync("device", "show", BootLab.MachineName(number)))
            .GetProperty("boot")
            .GetProperty("server")
            .GetString()!;

    private static async Task<(string State, int Devices)> StateAsync(ServerProcess asked, string server) =>
        (await asked.PbmJsonAsync("server", "list"))
            .EnumerateArray()
            .Where(s => s.GetProperty("name").GetString() == server)
            .Select(s => (s.GetProperty("state").GetString()!, s.GetProperty("devices").GetInt32()))
            .Single();

    /// <summary>The first server that the machine is to turn to, for its disk or its kernel.</summary>
    [GeneratedRegex(
        @"(?:sanboot iscsi:|kernel --name kernel http://)([0-9.]+):",
        RegexOptions.None,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Servers();
}
