using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Hatchery.Testing;

/// <summary>A program that runs beside the test: its output is watched, and it is ended, by its own id, with the test at the latest.</summary>
public sealed class WatchedProcess : IAsyncDisposable
{
    private const int SigInt = 2;
    private const int SigTerm = 15;
    private const int SigCont = 18;
    private const int SigStop = 19;
    private static readonly TimeSpan s_endLimit = TimeSpan.FromSeconds(20);

    private readonly Process _process;
    private readonly Task _reading;
    private bool _disposed;

    private WatchedProcess(Process process, ProcessOutput output)
    {
        (_process, Output) = (process, output);
        _reading = Task.Run(() =>
            output.ReadAsync(process.StandardOutput.BaseStream, process.StandardError.BaseStream)
        );
    }

    public ProcessOutput Output { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <param name="inside">The namespace to run in; null: where the test runs.</param>
    /// <param name="fatal">What the program says when there is no use in waiting for more.</param>
    public static WatchedProcess Start(
        string name,
        NetNamespace? inside,
        IReadOnlyList<string> command,
        IReadOnlyDictionary<string, string>? environment = null,
        params IReadOnlyList<string> fatal
    )
    {
        var started = StartListening(name, inside, command, environment, fatal);
        started._process.StandardInput.Close();
        return started;
    }

    /// <summary>A program that is told what to do by <see cref="TellAsync"/>.</summary>
    public static WatchedProcess StartListening(
        string name,
        NetNamespace? inside,
        IReadOnlyList<string> command,
        IReadOnlyDictionary<string, string>? environment = null,
        params IReadOnlyList<string> fatal
    )
    {
        // "ip netns exec" becomes the program that it starts, so the process id is the program's.
        var tool = inside is null ? command[0] : "ip";
        var arguments = inside is null ? command.Skip(1) : inside.Command(command[0], [.. command.Skip(1)]);
        var start = new ProcessStartInfo(ToolFactAttribute.Find(tool) ?? tool, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (key, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
            start.Environment[key] = value;
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{name} did not start");
        return new(process, new(name, fatal));
    }

    /// <summary>A line for its input.</summary>
    public async Task TellAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Waits for the program to end by itself, and for the last that it said. Returns its exit code.</summary>
    public async Task<int> WaitForExitAsync(TimeSpan limit)
    {
        using var enough = new CancellationTokenSource(limit);
        try
        {
            await _process.WaitForExitAsync(enough.Token);
            await _reading.WaitAsync(enough.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"still running after {limit.TotalSeconds:0} s\n{Output.Transcript(60)}");
        }
        return _process.ExitCode;
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await WaitForExitAsync(s_endLimit);
    }

    /// <summary>SIGINT, as Ctrl+C has it. Returns the exit code.</summary>
    public async Task<int> InterruptAsync()
    {
        _ = kill(_process.Id, SigInt);
        return await WaitForExitAsync(s_endLimit);
    }

    /// <summary>SIGTERM. Returns the exit code.</summary>
    public async Task<int> StopAsync()
    {
        _ = kill(_process.Id, SigTerm);
        return await WaitForExitAsync(s_endLimit);
    }

    /// <summary>SIGSTOP: it stands still until <see cref="Thaw"/>; the kernel goes on to take what is sent to it.</summary>
    public void Freeze() => _ = kill(_process.Id, SigStop);

    /// <summary>SIGCONT.</summary>
    public void Thaw() => _ = kill(_process.Id, SigCont);

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int kill(int process, int signal);
}
