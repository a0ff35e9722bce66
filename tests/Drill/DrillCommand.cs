using System.Diagnostics;
using System.Globalization;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Drill;

/// <param name="Only">Empty: those of the tier.</param>
/// <param name="Rounds">Null: as often as the fault has it in the tier.</param>
internal sealed record DrillOptions(
    bool Full,
    IReadOnlyList<string> Only,
    int? Rounds,
    int Servers,
    int Seed,
    bool VirtualMachines,
    string? JsonFile,
    string LogFile
)
{
    public IEnumerable<(Fault Fault, int Rounds)> Faults =>
        AllFaults
            .InOrder.Where(f => Only.Count == 0 || Only.Contains(f.Name))
            .Where(f => Servers > 2 || f.IsForTwo)
            .Select(f => (f, Rounds ?? (Full ? f.RoundsInFull : Math.Max(f.Rounds, Math.Min(Only.Count, 1)))))
            .Where(f => f.Item2 > 0);
}

internal static class DrillCommand
{
    private const int ExitBroken = 1;
    private const int ExitCannot = 2;
    private const int ExitUnclear = 3;
    private const int ExitInterrupted = 130;

    /// <summary>Whatever happens, nothing of it stays but its log.</summary>
    public static async Task<int> RunAsync(DrillOptions options, CancellationToken interrupted)
    {
        if (!Environment.IsPrivilegedProcess || PostgreSqlServer.Programs is null)
        {
            await Console.Error.WriteLineAsync("drill: needs root, for network namespaces, and Debian's postgresql");
            return ExitCannot;
        }
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(options.LogFile))!);
        await using var log = new LogFile(options.LogFile);
        using var folder = new TempFolder();
        try
        {
            return await DrillAsync(options, folder.Path, log, interrupted);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            log.WriteLine(e.ToString());
            await Console.Error.WriteLineAsync(
                $"drill: {string.Join(": ", e.Message.Split('\n').Take(2))}; see {options.LogFile}"
            );
            return ExitCannot;
        }
        catch (OperationCanceledException)
        {
            Console.WriteLine("interrupted; nothing is left behind");
            return ExitInterrupted;
        }
    }

    private static async Task<int> DrillAsync(
        DrillOptions options,
        string folder,
        ITestOutputHelper log,
        CancellationToken interrupted
    )
    {
        var (began, load) = (Stopwatch.GetTimestamp(), HostLoad.Average);
        Console.WriteLine(
            $"seed {options.Seed}, {options.Servers} servers, {Environment.ProcessorCount} processors, load {load}"
        );
        await NativePrograms.BuildAsync();
        await using var farm = await DrillFarm.StartAsync(
            options.Servers,
            options.Seed,
            options.VirtualMachines,
            Path.Combine(folder, "disks"),
            log,
            interrupted
        );
        interrupted.ThrowIfCancellationRequested();
        Console.WriteLine(Table.Header);
        var run = new DrillRun(farm, new Random(options.Seed), row => Say(Table.Line(row)), Say);
        try
        {
            await RunAsync(run, options, farm.Lab.Network, Say).WaitAsync(interrupted);
        }
        finally
        {
            await run.EndAsync();
        }
        var report = new Report(
            options.Seed,
            options.Servers,
            Environment.ProcessorCount,
            load,
            HostLoad.Average,
            run.Rows,
            run.Skipped
        );
        if (options.JsonFile is { } file)
            await File.WriteAllTextAsync(file, report.ToJson() + "\n", CancellationToken.None);
        return End(report, Stopwatch.GetElapsedTime(began), options.LogFile);

        void Say(string line)
        {
            Console.WriteLine(line);
            log.WriteLine($"==== {line}");
        }
    }

    private static async Task RunAsync(DrillRun run, DrillOptions options, BootLab network, Action<string> say)
    {
        foreach (var (fault, rounds) in options.Faults)
        {
            if (fault is Freeze)
                foreach (var transport in (string[])["iscsi", "nbd"])
                    await run.ChangeAsync(() => WakeAsync(network, transport, options.Seed, say));
            await run.RunAsync(fault, rounds);
        }
    }

    private static async Task WakeAsync(BootLab network, string transport, int seed, Action<string> say)
    {
        var plain = await PlainTargets.WakeAsync(network, transport, seed);
        say(
            $"two plain servers by {transport} on one file, the first frozen and woken: {plain.Lost} blocks lost, as it should be"
        );
        if (plain.Lost == 0)
            throw new InvalidOperationException("the drill does not see what a woken server does too late");
    }

    private static int End(Report report, TimeSpan took, string logFile)
    {
        var (broken, unclear) = (report.Count(Verdict.Broken), report.Count(Verdict.Unclear));
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{report.Count(Verdict.Kept)} kept, {unclear} unclear, {broken} broken, {report.Skipped.Count} not tried; {report.Rows.Sum(r => r.Lost)} blocks lost, {report.Rows.Sum(r => r.Errors)} errors; load {report.LoadAfter}, {took.TotalSeconds:0} s. Times in ms. Log: {logFile}"
            )
        );
        return broken > 0 ? ExitBroken
            : unclear > 0 ? ExitUnclear
            : 0;
    }
}

/// <summary>Where the farm's parts write what they have to say.</summary>
internal sealed class LogFile(string path) : ITestOutputHelper, IAsyncDisposable
{
    private readonly StreamWriter _file = new(path);

    public void WriteLine(string message)
    {
        lock (_file)
            _file.WriteLine(message);
    }

    public void WriteLine(string format, params object[] args) =>
        WriteLine(string.Format(CultureInfo.InvariantCulture, format, args));

    public ValueTask DisposeAsync() => _file.DisposeAsync();
}
