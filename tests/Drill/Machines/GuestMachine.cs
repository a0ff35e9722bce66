using System.Globalization;
using System.Text.RegularExpressions;
using Hatchery.Testing;

namespace Drill;

/// <summary>A virtual machine that boots from the farm and has a guest write, sync, read back and compare without pause.</summary>
internal sealed partial class GuestMachine(int number, string transport) : IMachine
{
    /// <summary>Of servers that give virtual machines addresses and boot programs.</summary>
    public const string Configuration = """
        hatchery.boot {
          interfaces = [eth0]
          dhcp {
            authoritative = on
            subnets = [{ network = "10.77.0.0/24", first = "10.77.0.100", last = "10.77.0.200" }]
          }
        }
        """;

    private static readonly TimeSpan s_bootLimit = TimeSpan.FromMinutes(6);
    private static readonly TimeSpan s_workLimit = TimeSpan.FromSeconds(60);

    private VirtualMachine? _machine;
    private int _heldBefore;

    public string Name => BootLab.MachineName(number);

    public string Kind => transport == "nbd" ? "NBD, VM" : "iSCSI, VM";

    /// <summary>Its guest runs on an emulated processor, and says once a second how long it waited.</summary>
    public bool IsMeasured => false;

    public static async Task AddVDiskAsync(FarmLab farm)
    {
        var image = await GuestImage.GetAsync();
        string[] kernel = ["--kernel", image.Kernel, "--initrd", image.Initrd];
        await farm.AddVDiskAsync(image.Qcow2Disk, [.. kernel, "--arguments", BootLab.KernelArguments]);
    }

    public async Task BootAsync(FarmLab farm, string at, CancellationToken interrupted = default)
    {
        await DisposeAsync();
        _machine = await farm.Network.PowerOnAsync(number, "hold seconds=86400 pause=20");
        await _machine.WaitForAsync("HOLD", s_bootLimit).WaitAsync(interrupted);
    }

    public Task<Window> LookAsync() => Task.FromResult(Seen());

    public Task<Window> NextWindowAsync()
    {
        var seen = Seen();
        _heldBefore = Held().Count;
        return Task.FromResult(seen);
    }

    /// <summary>It does not: it reads at once what it wrote.</summary>
    public Task RestAsync() => Task.CompletedTask;

    /// <summary>The guest compares each round by itself; it has to go on doing so.</summary>
    public Task VerifyAsync() => _machine!.WaitForAsync("HOLD", s_workLimit, Held().Count + 2);

    public ValueTask DisposeAsync() => _machine?.DisposeAsync() ?? ValueTask.CompletedTask;

    private List<string> Held() =>
        [.. _machine!.Console.Lines.Where(l => l.StartsWith("HOLD ", StringComparison.Ordinal))];

    private Window Seen()
    {
        var stalls = Held().Skip(_heldBefore).Select(l => Stall().Match(l)).Where(m => m.Success);
        double[] ms = [.. stalls.Select(m => double.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture))];
        var lines = _machine!.Console.Lines;
        var errors = lines.Count(l =>
            l.Contains("I/O error", StringComparison.Ordinal) || l.StartsWith("FAILED", StringComparison.Ordinal)
        );
        var wrong = lines.Count(l => l.Contains("other bytes than written", StringComparison.Ordinal));
        return new(ms.Length, ms.DefaultIfEmpty().Max(), 0, errors, 0, wrong, 0, 0);
    }

    [GeneratedRegex("since last said ([0-9]+) ms", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Stall();
}
