using System.Diagnostics;

namespace Hatchery.Testing;

/// <summary>Runs one program of Debian's to its end, with a time limit that ends it.</summary>
public static class Tool
{
    public static async Task<ToolResult> RunAsync(string tool, IEnumerable<string> arguments, TimeSpan? limit = null)
    {
        var start = new ProcessStartInfo(ToolFactAttribute.Find(tool) ?? tool)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{tool} did not start");
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var expiry = new CancellationTokenSource(limit ?? TimeSpan.FromSeconds(60));
        try
        {
            await process.WaitForExitAsync(expiry.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException(
                $"{tool} {string.Join(' ', start.ArgumentList)}: still running; it said: {await output}{await errors}"
            );
        }
        return new(process.ExitCode, await output, await errors);
    }
}

public sealed record ToolResult(int ExitCode, string Output, string Errors);
