using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Hatchery.Disks;

/// <summary>
/// Debian's <c>qemu-img</c>, which reads every image format there is. Its messages go to the operator as they are. Files are named to
/// it as block device options, never by a bare name: the format is ours to say, and no chain of files begins at the one that is named.
/// </summary>
internal static partial class QemuImg
{
    private const int ExitLeaks = 3;
    private const int ExitNoChecks = 63;
    private const int FilesMax = 64;
    private const long MemoryMaxBytes = 1L << 30;
    private static readonly TimeSpan s_answerLimit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_sliceLimit = TimeSpan.FromMinutes(15);

    /// <summary>What an image says of itself.</summary>
    public static async Task<(JsonDocument? Answer, StoreFault? Fault)> InfoAsync(
        string path,
        string driver,
        CancellationToken cancellation
    )
    {
        try
        {
            string[] arguments = ["info", "--output=json", "--", File(path, driver)];
            var (output, fault) = await RunAsync(path, arguments, Limits(s_answerLimit), null, cancellation);
            return fault is null ? (JsonDocument.Parse(output), null) : (null, fault);
        }
        catch (JsonException)
        {
            return (null, new(StoreFaultKind.Refused, path, "qemu-img does not say what it is"));
        }
    }

    /// <summary>Looks through an image's tables, where its format has such a check.</summary>
    public static async Task<StoreFault?> CheckAsync(string path, string driver, CancellationToken cancellation)
    {
        string[] arguments = ["check", "--", File(path, driver)];
        var (_, fault) = await RunAsync(
            path,
            arguments,
            Limits(s_answerLimit),
            null,
            cancellation,
            ExitLeaks,
            ExitNoChecks
        );
        return fault is null ? null : fault with { Detail = $"damaged or cut off: {fault.Detail}" };
    }

    /// <summary>Tells the ranges of an image, in order.</summary>
    public static async Task<StoreFault?> MapAsync(
        string path,
        string driver,
        Action<MapRange> onRange,
        CancellationToken cancellation
    )
    {
        string[] arguments = ["map", "--output=json", "--", File(path, driver)];
        void OnLine(string line)
        {
            if (line.Trim('[', ']', ',', ' ') is { Length: > 0 } range)
                onRange(MapRange.Read(range));
        }
        try
        {
            return (await RunAsync(path, arguments, Limits(s_answerLimit), OnLine, cancellation)).Fault;
        }
        catch (JsonException)
        {
            return new(StoreFaultKind.Refused, path, "qemu-img does not say where its data lies");
        }
    }

    /// <summary>Makes an empty image for an export.</summary>
    public static async Task<StoreFault?> CreateAsync(
        string path,
        ExportFormat format,
        long lengthBytes,
        CancellationToken cancellation
    )
    {
        string[] options = format.Options is { } given ? ["-o", given] : [];
        string[] arguments =
        [
            "create",
            "-q",
            "-f",
            format.Driver,
            .. options,
            "--",
            path,
            lengthBytes.ToString(CultureInfo.InvariantCulture),
        ];
        return (await RunAsync(path, arguments, Limits(s_answerLimit, lengthBytes), null, cancellation)).Fault;
    }

    /// <summary>Copies a part of one image into the same place of another, where nothing but zeroes lies.</summary>
    /// <param name="offset">A multiple of 512, as <paramref name="lengthBytes"/> is.</param>
    /// <param name="progress">Told how much of the part is done, 0 to 100.</param>
    public static async Task<StoreFault?> CopyAsync(
        (string Path, string Driver) source,
        (string Path, string Driver) target,
        long offset,
        long lengthBytes,
        Action<double> progress,
        CancellationToken cancellation
    )
    {
        string[] arguments =
        [
            "convert",
            "-p",
            "-n",
            "--target-is-zero",
            "-S",
            "4k",
            "--target-image-opts",
            "--",
            Part(source, offset, lengthBytes),
            TargetPart(target, offset, lengthBytes),
        ];
        var limits = Limits(s_sliceLimit, offset + lengthBytes);
        return (await RunAsync(source.Path, arguments, limits, line => Report(line, progress), cancellation)).Fault;
    }

    /// <summary>Reads two images whole; null when they are the same disk.</summary>
    public static async Task<StoreFault?> CompareAsync(
        (string Path, string Driver) one,
        (string Path, string Driver) other,
        long lengthBytes,
        CancellationToken cancellation
    )
    {
        const long SlowestBytesPerSecond = 8 << 20;
        var limits = Limits(s_sliceLimit + TimeSpan.FromSeconds((double)lengthBytes / SlowestBytesPerSecond));
        string[] arguments = ["compare", "-q", "--", File(one.Path, one.Driver), File(other.Path, other.Driver)];
        var (_, fault) = await RunAsync(other.Path, arguments, limits, null, cancellation);
        return fault;
    }

    /// <summary>A file taken for a format, and for no more than itself.</summary>
    private static string File(string path, string driver) => "json:" + Node(path, driver);

    private static string Node(string path, string driver) =>
        $$"""{"driver":"{{driver}}","backing":null,"file":{"driver":"file","filename":"{{JsonEncodedText.Encode(path)}}" } }""";

    private static string Part((string Path, string Driver) image, long offset, long lengthBytes) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $$"""json:{"driver":"raw","offset":{{offset}},"size":{{lengthBytes}},"file":{{Node(image.Path, image.Driver)}} }"""
        );

    // A target goes in the option syntax, which wants commas doubled.
    private static string TargetPart((string Path, string Driver) image, long offset, long lengthBytes)
    {
        var name = image.Path.Replace(",", ",,", StringComparison.Ordinal);
        var file =
            image.Driver == "raw"
                ? $"file.driver=file,file.filename={name}"
                : $"file.driver={image.Driver},file.file.driver=file,file.file.filename={name}";
        return string.Create(CultureInfo.InvariantCulture, $"driver=raw,offset={offset},size={lengthBytes},{file}");
    }

    private static ProcessLimits Limits(TimeSpan wall, long fileBytes = 0) =>
        new(MemoryMaxBytes, fileBytes + (fileBytes >> 6) + (64 << 20), FilesMax, wall);

    private static async Task<(string Output, StoreFault? Fault)> RunAsync(
        string path,
        string[] arguments,
        ProcessLimits limits,
        Action<string>? onLine,
        CancellationToken cancellation,
        params int[] fine
    )
    {
        try
        {
            var (code, output, errors) = await BoundedProcess.RunAsync(
                "qemu-img",
                arguments,
                limits,
                onLine,
                cancellation
            );
            return code == 0 || fine.Contains(code) ? (output, null) : (output, Failure(path, errors, code));
        }
        catch (Win32Exception)
        {
            return ("", new(StoreFaultKind.IoError, path, "setpriv is not installed (Debian: util-linux)"));
        }
        catch (TimeoutException)
        {
            return ("", new(StoreFaultKind.Refused, path, "qemu-img does not come to an end with it"));
        }
    }

    // Progress comes as "(12.34/100%)" and a carriage return, which ReadLine takes for the end of a line.
    private static void Report(string line, Action<double> progress)
    {
        if (
            ProgressPattern().Match(line) is { Success: true } match
            && double.TryParse(match.Groups["percent"].ValueSpan, CultureInfo.InvariantCulture, out var percent)
        )
            progress(percent);
    }

    private static StoreFault Failure(string path, string errors, int code)
    {
        if (errors.Contains("No space left", StringComparison.Ordinal))
            return new(StoreFaultKind.NoSpace, path, "no space left while it was copied");
        if (errors.Contains("failed to execute qemu-img", StringComparison.Ordinal))
            return new(StoreFaultKind.IoError, path, "qemu-img is not installed (Debian: qemu-utils)");
        var message = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        // 128 and the signal, or the signal's own: a limit was met.
        var detail =
            message.Length > 0 ? message[^1]
            : code > 128 ? $"qemu-img was ended by signal {code - 128}: it asks for more than an image may take"
            : "qemu-img failed";
        return new(StoreFaultKind.Refused, path, FileOptions().Replace(detail, Path.GetFileName(path)));
    }

    [GeneratedRegex(@"\((?<percent>\d+(\.\d+)?)/100%\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ProgressPattern();

    // Operators know their file by its name, not by the options that it was opened with.
    [GeneratedRegex(@"json:\{.*\}|driver=raw,\S+", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FileOptions();
}

/// <summary>A range of an image.</summary>
/// <param name="IsData">Whether it may hold more than zeroes.</param>
/// <param name="FileOffset">Where it lies in the file; null when it does not lie there as it is.</param>
internal readonly record struct MapRange(long StartBytes, long LengthBytes, bool IsData, long? FileOffset)
{
    /// <exception cref="JsonException">No range as qemu-img writes them.</exception>
    public static MapRange Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        var range = document.RootElement;
        try
        {
            return new(
                range.GetProperty("start").GetInt64(),
                range.GetProperty("length").GetInt64(),
                range.GetProperty("data").GetBoolean() && !range.GetProperty("zero").GetBoolean(),
                range.TryGetProperty("offset", out var offset) ? offset.GetInt64() : null
            );
        }
        catch (Exception other) when (other is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new JsonException(other.Message, other);
        }
    }
}
