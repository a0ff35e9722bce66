using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Hatchery.Disks;

/// <summary>What a child process may take of the host.</summary>
/// <param name="FileBytes">The longest file that it may write.</param>
/// <param name="Wall">By the clock; processor time is bounded to the same, so a child that spins ends even if its server froze.</param>
internal readonly record struct ProcessLimits(long MemoryBytes, long FileBytes, int Files, TimeSpan Wall);

/// <summary>
/// Runs a program that reads files of unknown origin: with limits that the kernel enforces (setrlimit(2), by util-linux's prlimit),
/// and ended by the kernel when this server dies (prctl(2), PR_SET_PDEATHSIG, by its setpriv).
/// </summary>
internal static class BoundedProcess
{
    private const int OutputMaxChars = 1 << 20;
    private const int ErrorsMaxChars = 64 << 10;

    /// <param name="onLine">Told each line of output; null: the output is returned, up to a megabyte of it.</param>
    /// <exception cref="Win32Exception">The program, or util-linux, is not installed.</exception>
    /// <exception cref="TimeoutException">It did not end within its limit, and was ended.</exception>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(
        string program,
        IEnumerable<string> arguments,
        ProcessLimits limits,
        Action<string>? onLine,
        CancellationToken cancellation
    )
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(limits.Wall);
        using var process = new Process { StartInfo = Start(program, arguments, limits) };
        var ended = await StartAsync(process);
        try
        {
            var errors = ReadAsync(process.StandardError, ErrorsMaxChars, CancellationToken.None);
            var output = "";
            if (onLine is null)
                output = await ReadAsync(process.StandardOutput, OutputMaxChars, limit.Token);
            else
                while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
                    onLine(line);
            await ended.WaitAsync(limit.Token);
            return (process.ExitCode, output, await errors);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"{program} did not come to an end within {limits.Wall}");
        }
        finally
        {
            if (!ended.IsCompleted)
                process.Kill();
            await ended;
        }
    }

    // The death signal comes when the thread that forked ends, so that thread has to last as long as the child.
    private static async Task<Task> StartAsync(Process process)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                process.Start();
                process.StandardInput.Close();
            }
            catch (Exception cannot)
            {
                started.SetException(cannot);
                return;
            }
            started.SetResult();
            process.WaitForExit();
            ended.SetResult();
        })
        {
            IsBackground = true,
            Name = "child process",
        }.Start();
        await started.Task;
        return ended.Task;
    }

    private static ProcessStartInfo Start(string program, IEnumerable<string> arguments, ProcessLimits limits) =>
        new(
            "setpriv",
            [
                "--pdeathsig",
                "KILL",
                "--",
                "prlimit",
                Limit("as", limits.MemoryBytes),
                Limit("fsize", limits.FileBytes),
                Limit("nofile", limits.Files),
                Limit("cpu", (long)Math.Ceiling(limits.Wall.TotalSeconds)),
                Limit("core", 0),
                "--",
                program,
                .. arguments,
            ]
        )
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // Memory that threads of a child reserve and never use counts as taken.
            Environment = { ["LC_ALL"] = "C", ["MALLOC_ARENA_MAX"] = "2" },
        };

    private static string Limit(string name, long value) =>
        string.Create(CultureInfo.InvariantCulture, $"--{name}={value}");

    // What goes beyond the bound is read, so that the child does not wait for us, and dropped.
    private static async Task<string> ReadAsync(StreamReader reader, int maxChars, CancellationToken cancellation)
    {
        var (text, piece) = (new StringBuilder(), new char[4096]);
        while (await reader.ReadAsync(piece, cancellation) is var count and > 0)
            text.Append(piece, 0, Math.Min(count, maxChars - text.Length));
        return text.ToString();
    }
}
