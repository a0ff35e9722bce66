using System.Diagnostics;
using Hatchery.Testing;

namespace Hatchery.Benchmarks;

/// <summary>A tgt daemon of its own with one disk, ended when disposed.</summary>
internal sealed class Tgt(Process process, string target) : IAsyncDisposable
{
    private const int Port = 33260;

    public Process Process => process;

    public string Uri => $"iscsi://127.0.0.1:{Port}/{target}/1";

    public static async Task<Tgt> StartAsync(string file, string target)
    {
        var process = Process.Start("tgtd", ["-f", "-C", "77", "--iscsi", $"portal=127.0.0.1:{Port}"]);
        await Waits.UntilAsync(() => AdmAsync("--mode sys --op show"));
        await AdmAsync($"--lld iscsi --mode target --op new --tid 1 -T {target}");
        await AdmAsync($"--lld iscsi --mode logicalunit --op new --tid 1 --lun 1 -b {file}");
        await AdmAsync("--lld iscsi --mode target --op bind --tid 1 -I ALL");
        return new(process, target);
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private static async Task<bool> AdmAsync(string arguments) =>
        (await Tool.RunAsync("tgtadm", ["-C", "77", .. arguments.Split(' ')])).ExitCode == 0;
}
