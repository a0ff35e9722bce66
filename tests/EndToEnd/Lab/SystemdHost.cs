using Hatchery.Testing;

namespace EndToEnd;

/// <summary>A computer of the lab that systemd runs, with its own processes, files and users: see systemd-host.sh.</summary>
internal sealed class SystemdHost : IAsyncDisposable
{
    private const string Marker = "systemd is process ";

    /// <summary>Several times what an idle machine of two cores needs for anything that is asked of it.</summary>
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(4);

    private readonly WatchedProcess _process;
    private string _init = "";

    private SystemdHost(WatchedProcess process) => _process = process;

    /// <summary>A folder or file of the computer's: <c>PathOf("/etc/hostname")</c>.</summary>
    public string PathOf(string path) => $"/proc/{_init}/root{path}";

    /// <summary>Returns when everything that starts with the computer has started.</summary>
    public static async Task<SystemdHost> StartAsync(BootLab lab)
    {
        var script = SourceTree.PathOf("tests", "EndToEnd", "Lab", "systemd-host.sh");
        string[] command = ["unshare", "--mount", "bash", script, lab.PathOf("systemd")];
        var host = new SystemdHost(WatchedProcess.Start("systemd", lab.Inside, command));
        try
        {
            var said = await host._process.Output.WaitForAsync(Marker, s_limit);
            host._init = said[Marker.Length..];
            // Until its first process is systemd there is nobody to ask.
            await Eventually.TrueAsync(
                async () => (await host.TryAsync("systemctl", "list-jobs")).ExitCode == 0,
                s_limit
            );
            await host.RunAsync("systemctl", "is-system-running", "--wait");
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    public Task<ToolResult> TryAsync(string tool, params string[] arguments) =>
        Tool.RunAsync("nsenter", ["--target", _init, "--all", "--", tool, .. arguments], s_limit);

    /// <summary>Runs a program that has to succeed. Returns its output.</summary>
    public async Task<string> RunAsync(string tool, params string[] arguments)
    {
        var result = await TryAsync(tool, arguments);
        Assert.True(result.ExitCode == 0, $"{tool}: {result.ExitCode}\n{result.Output}{result.Errors}");
        return result.Output.TrimEnd();
    }

    /// <summary>A property of the service: <c>ShowAsync("ActiveState")</c>.</summary>
    public Task<string> ShowAsync(string property) =>
        RunAsync("systemctl", "show", "--value", "--property", property, "hatchery");

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await _process.StopAsync();
        await _process.DisposeAsync();
    }
}
