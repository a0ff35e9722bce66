using System.Globalization;
using Hatchery.Testing;

namespace EndToEnd;

/// <summary>A machine without a disk on the lab's network. What it says on its console is what a test goes by.</summary>
internal sealed class VirtualMachine : IAsyncDisposable
{
    private static readonly string[] s_fatal = ["FAILED ", "Kernel panic"];

    private readonly WatchedProcess _process;

    private VirtualMachine(string name, WatchedProcess process) => (Name, _process) = (name, process);

    public string Name { get; }

    public ProcessOutput Console => _process.Output;

    /// <param name="test">What the guest is to do: see deploy/image/root/sbin/hatchery-guest.</param>
    /// <param name="restarts">A reboot starts it again; otherwise a reboot ends it.</param>
    /// <param name="firmware">One of <see cref="Firmware"/>.</param>
    /// <param name="more">Arguments for QEMU.</param>
    public static VirtualMachine PowerOn(
        NetNamespace inside,
        string tap,
        string mac,
        Guid uuid,
        string test,
        bool restarts,
        string firmware,
        params IEnumerable<string> more
    )
    {
        var name = $"machine {mac}";
        List<string> command =
        [
            "bash",
            SourceTree.PathOf("deploy", "machine.sh"),
            inside.Name,
            tap,
            mac,
            "-uuid",
            uuid.ToString(),
            "-fw_cfg",
            $"name=opt/hatchery/test,string={test}",
            .. more,
        ];
        if (!restarts)
            command.Add("-no-reboot");
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["FIRMWARE"] = firmware };
        return new(name, WatchedProcess.Start(name, inside: null, command, environment, s_fatal));
    }

    public Task<string> WaitForAsync(string marker, TimeSpan limit, int occurrence = 1) =>
        Console.WaitForAsync(marker, limit, occurrence);

    /// <summary>The worst stall of a guest that holds I/O, so far.</summary>
    public TimeSpan WorstStall
    {
        get
        {
            const string Label = "worst stall ";
            var line = Console.Lines.Last(l => l.Contains(Label, StringComparison.Ordinal));
            var figure = line[(line.IndexOf(Label, StringComparison.Ordinal) + Label.Length)..].Split(' ')[0];
            return TimeSpan.FromMilliseconds(int.Parse(figure, CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Waits until the machine has switched itself off.</summary>
    public Task WaitForOffAsync(TimeSpan limit) => _process.WaitForExitAsync(limit);

    /// <summary>Pulls the plug.</summary>
    public Task PowerOffAsync() => _process.KillAsync();

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
