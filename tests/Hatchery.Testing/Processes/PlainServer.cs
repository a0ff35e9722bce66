using System.Globalization;
using System.Net;

namespace Hatchery.Testing;

/// <summary>A server of Debian's, not ours, on a host of its own, which gives out an image file as it is: tgt by iSCSI, nbdkit by NBD.
/// It may be killed, frozen and cut off.</summary>
public sealed class PlainServer(NetNamespace host, IPEndPoint portal, string image, string controlSocket)
    : IAsyncDisposable
{
    /// <summary>What tgt calls the image; nbdkit gives it by any name.</summary>
    public const string Target = "iqn.2026-01.test:disk";

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private WatchedProcess? _process;

    public IPEndPoint Portal => portal;

    /// <summary>Starts tgt, and waits until it has the disk.</summary>
    public async Task StartIscsiAsync()
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["TGT_IPC_SOCKET"] = controlSocket };
        await StartAsync(["tgtd", "-f", "--iscsi", $"portal={portal}"], environment);
        await Eventually.TrueAsync(
            () => AdministerAsync("--mode", "target", "--op", "new", "--tid", "1", "-T", Target),
            s_limit
        );
        await MustAsync("--mode", "logicalunit", "--op", "new", "--tid", "1", "--lun", "1", "-b", image);
        // tgt would have initiators wait for 2 s before they come back (RFC 7143 section 13.15); Hatchery leaves it to them.
        await MustAsync(
            "--mode",
            "target",
            "--op",
            "update",
            "--tid",
            "1",
            "--name",
            "DefaultTime2Wait",
            "--value",
            "0"
        );
        await MustAsync("--mode", "target", "--op", "bind", "--tid", "1", "-I", "ALL");
    }

    /// <summary>Starts nbdkit.</summary>
    public Task StartNbdAsync()
    {
        var port = portal.Port.ToString(CultureInfo.InvariantCulture);
        return StartAsync(["nbdkit", "-f", "--ipaddr", $"{portal.Address}", "--port", port, "file", image]);
    }

    /// <summary>SIGKILL, to a frozen one too.</summary>
    public Task KillAsync() => _process!.KillAsync();

    /// <summary>SIGSTOP, as a host that stands still.</summary>
    public Task FreezeAsync()
    {
        _process!.Freeze();
        return Task.CompletedTask;
    }

    /// <summary>SIGCONT: it carries out what it had queued.</summary>
    public void Thaw() => _process!.Thaw();

    /// <summary>Nothing reaches the host any more, and nobody is told.</summary>
    public async Task CutOffAsync()
    {
        Check(await host.ExecAsync("nft", "add table inet cut"));
        Check(await host.ExecAsync("nft", "add chain inet cut in { type filter hook input priority 0; policy drop; }"));
    }

    public ValueTask DisposeAsync() => _process?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task StartAsync(string[] command, Dictionary<string, string>? environment = null)
    {
        await DisposeAsync();
        _process = WatchedProcess.Start($"{command[0]} at {portal}", host, command, environment);
    }

    private async Task MustAsync(params string[] words)
    {
        if (!await AdministerAsync(words))
            throw new InvalidOperationException($"tgtadm {string.Join(' ', words)} failed");
    }

    private async Task<bool> AdministerAsync(params string[] words)
    {
        string[] command = [$"TGT_IPC_SOCKET={controlSocket}", "tgtadm", "--lld", "iscsi", .. words];
        return (await Tool.RunAsync("env", command)).ExitCode == 0;
    }

    private static void Check(ToolResult result)
    {
        if (result.ExitCode != 0)
            throw new InvalidOperationException(result.Errors);
    }
}
