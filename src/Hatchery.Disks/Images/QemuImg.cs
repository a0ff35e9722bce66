using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Hatchery.Disks;

/// <summary>Debian's <c>qemu-img</c>, which reads every image format there is. Its messages go to the operator as they are.</summary>
internal static partial class QemuImg
{
    private static readonly TimeSpan s_answerLimit = TimeSpan.FromMinutes(1);

    /// <param name="format">What the image is to be taken for; null asks qemu-img to find out.</param>
    public static Task<(JsonDocument? Answer, StoreFault? Fault)> InfoAsync(
        string path,
        string? format,
        CancellationToken cancellation
    ) => AskAsync(path, ["info", "--output=json", .. Format(format), "--", path], cancellation);

    /// <summary>Which ranges of an image hold data.</summary>
    public static Task<(JsonDocument? Answer, StoreFault? Fault)> MapAsync(
        string path,
        string format,
        CancellationToken cancellation
    ) => AskAsync(path, ["map", "--output=json", .. Format(format), "--", path], cancellation);

    /// <summary>Copies an image into a raw file with holes where it is empty.</summary>
    /// <param name="progress">Told how much is done, 0 to 100.</param>
    public static async Task<StoreFault?> ConvertAsync(
        string from,
        string format,
        string to,
        Action<double> progress,
        CancellationToken cancellation
    )
    {
        string[] arguments = ["convert", "-p", .. Format(format), "-O", "raw", "-S", "4k", "--", from, to];
        return (await RunAsync(from, arguments, line => Report(line, progress), cancellation)).Fault;
    }

    /// <summary>Writes a raw image in another format.</summary>
    /// <param name="progress">Told how much is done, 0 to 100.</param>
    public static async Task<StoreFault?> ExportAsync(
        string from,
        string to,
        ExportFormat format,
        Action<double> progress,
        CancellationToken cancellation
    )
    {
        string[] options = format.Options is { } given ? ["-o", given] : [];
        string[] arguments =
        [
            "convert",
            "-p",
            "-f",
            "raw",
            "-O",
            format.Driver,
            .. options,
            "-S",
            "4k",
            "--",
            from,
            to,
        ];
        return (await RunAsync(to, arguments, line => Report(line, progress), cancellation)).Fault;
    }

    private static string[] Format(string? format) => format is null ? [] : ["-f", format];

    private static async Task<(JsonDocument? Answer, StoreFault? Fault)> AskAsync(
        string path,
        string[] arguments,
        CancellationToken cancellation
    )
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(s_answerLimit);
        try
        {
            var (output, fault) = await RunAsync(path, arguments, null, limit.Token);
            return fault is null ? (JsonDocument.Parse(output), null) : (null, fault);
        }
        catch (JsonException)
        {
            return (null, new(StoreFaultKind.Refused, path, "qemu-img does not say what it is"));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (null, new(StoreFaultKind.Refused, path, "qemu-img does not come to an end with it"));
        }
    }

    private static async Task<(string Output, StoreFault? Fault)> RunAsync(
        string path,
        string[] arguments,
        Action<string>? onLine,
        CancellationToken cancellation
    )
    {
        using var process = new Process { StartInfo = Start(arguments) };
        try
        {
            process.Start();
        }
        catch (Win32Exception)
        {
            return ("", new(StoreFaultKind.IoError, path, "qemu-img is not installed (Debian: qemu-utils)"));
        }
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            var output = await ReadAsync(process.StandardOutput, onLine, cancellation);
            await process.WaitForExitAsync(cancellation);
            return process.ExitCode == 0 ? (output, null) : (output, Failure(path, await errors));
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
                await process.WaitForExitAsync(CancellationToken.None);
            }
        }
    }

    private static ProcessStartInfo Start(string[] arguments) =>
        new("qemu-img", arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["LC_ALL"] = "C" },
        };

    // Progress comes as "(12.34/100%)" and a carriage return, which ReadLine takes for the end of a line.
    private static async Task<string> ReadAsync(
        StreamReader reader,
        Action<string>? onLine,
        CancellationToken cancellation
    )
    {
        if (onLine is null)
            return await reader.ReadToEndAsync(cancellation);
        while (await reader.ReadLineAsync(cancellation) is { } line)
            onLine(line);
        return "";
    }

    private static void Report(string line, Action<double> progress)
    {
        if (
            ProgressPattern().Match(line) is { Success: true } match
            && double.TryParse(match.Groups["percent"].ValueSpan, CultureInfo.InvariantCulture, out var percent)
        )
            progress(percent);
    }

    private static StoreFault Failure(string path, string errors)
    {
        var message = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var detail = message.Length > 0 ? message[^1] : "qemu-img failed";
        return errors.Contains("No space left", StringComparison.Ordinal)
            ? new(StoreFaultKind.NoSpace, path, "no space left while it was copied")
            : new(StoreFaultKind.Refused, path, detail);
    }

    [GeneratedRegex(@"\((?<percent>\d+(\.\d+)?)/100%\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ProgressPattern();
}
