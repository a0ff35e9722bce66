using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Hatchery.Testing;

namespace Drill;

/// <summary>native/machine as a process in a network namespace of its own, with the relay that an initramfs would have started.</summary>
/// <param name="folder">For sockets.</param>
internal sealed partial class NativeMachine(NetNamespace inside, string folder, int number, string transport, int seed)
    : IMachine
{
    public const int DiskMebibytes = 16;

    /// <summary>Between the beginnings of two requests.</summary>
    private const int PauseMicroseconds = 2500;

    /// <summary>It begins by filling its disk, 64 KiB at a time.</summary>
    private const int RequestsToFill = DiskMebibytes * 16;
    private static readonly TimeSpan s_answerLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_verifyLimit = TimeSpan.FromSeconds(60);

    private readonly SemaphoreSlim _asking = new(1);
    private WatchedProcess? _relay;
    private WatchedProcess? _machine;
    private int _asked;

    public string Name => BootLab.MachineName(number);

    public string Kind => transport == "iscsi" ? "iSCSI" : "NBD";

    public bool IsMeasured => true;

    /// <summary>What the machine and its relay have said, but for its answers.</summary>
    public string Transcript() =>
        string.Join(
            '\n',
            new[] { _relay, _machine }
                .OfType<WatchedProcess>()
                .SelectMany(p => p.Output.Lines)
                .Where(l => !l.StartsWith('{'))
                .Prepend($"--- {Name}")
        );

    public async Task BootAsync(FarmLab farm, string at, CancellationToken interrupted = default)
    {
        await EndAsync();
        var script = await BootScript.FetchAsync(farm, at, number);
        await StartAsync(script.Servers, script.Target);
    }

    /// <summary>Begins to use a disk of these servers; returns when it was written all over.</summary>
    public async Task StartAsync(string servers, string target)
    {
        var socket = Path.Combine(folder, $"{Name}.socket");
        File.Delete(socket);
        var (portal, relay, ready) =
            transport == "iscsi"
                ? ("127.0.0.1:3260", (string[])["iscsi", "127.0.0.1:3260", servers], "leads to")
                : ($"unix:{socket}", ["nbd", "0", target, servers], "the kernel is at");
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["NBD_KERNEL"] = socket };
        _relay = WatchedProcess.Start($"relay of {Name}", inside, [NativePrograms.Root, "-f", .. relay], environment);
        await _relay.Output.WaitForAsync(ready, s_answerLimit);
        string[] numbers =
        [
            .. new[] { DiskMebibytes, seed, PauseMicroseconds }.Select(n => n.ToString(CultureInfo.InvariantCulture)),
        ];
        _asked = 0;
        _machine = WatchedProcess.StartListening(
            Name,
            inside,
            [NativePrograms.Machine, transport, portal, target, .. numbers]
        );
        await Eventually.TrueAsync(async () => (await LookAsync()).Requests > RequestsToFill, s_verifyLimit);
    }

    public Task<Window> LookAsync() => WindowAsync("status");

    public Task<Window> NextWindowAsync() => WindowAsync("window");

    public Task RestAsync() => AskAsync("rest", s_verifyLimit);

    public Task VerifyAsync() => AskAsync("verify", s_verifyLimit);

    /// <summary>Its connections to servers are reset; new ones are not.</summary>
    public async Task LoseConnectionsAsync()
    {
        string[] toServers = ["-Htn", "state", "established", "dst", "10.77.0.0/24"];
        var open = (await inside.ExecAsync("ss", toServers)).Output;
        await Firewall.ResetAsync(inside, LocalPort().Matches(open).Select(m => m.Groups[1].Value));
    }

    /// <summary>None is reset any more.</summary>
    public Task KeepConnectionsAsync() => Firewall.HealAsync(inside);

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _asking.Dispose();
    }

    private async Task EndAsync()
    {
        if (_machine is not null)
            await _machine.DisposeAsync();
        if (_relay is not null)
            await _relay.DisposeAsync();
    }

    [GeneratedRegex(@"^\S+\s+\S+\s+\S+:(\d+)\s", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LocalPort();

    private async Task<Window> WindowAsync(string word) =>
        JsonSerializer.Deserialize(await AskAsync(word, s_answerLimit), MachineJson.Default.Window)!;

    private async Task<string> AskAsync(string word, TimeSpan limit)
    {
        await _asking.WaitAsync();
        try
        {
            await _machine!.TellAsync(word);
            return await _machine.Output.WaitForAsync("{", limit, ++_asked);
        }
        finally
        {
            _asking.Release();
        }
    }
}
