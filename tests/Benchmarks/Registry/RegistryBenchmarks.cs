using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Hatchery.Testing;

namespace Hatchery.Benchmarks;

/// <summary>
/// A farm with many devices: how fast operators add them, and how soon and in how much memory a server has them that knows nothing yet,
/// or its own checkpoint. On SQLite and PostgreSQL, with servers and pbm as operators run them.
/// </summary>
internal static class RegistryBenchmarks
{
    /// <summary>Devices that are added to the farm before each row of the table.</summary>
    private static readonly int[] s_sizes = [1000, 10_000, 100_000];

    /// <summary>Of each kind of start; the median counts.</summary>
    private const int Starts = 3;

    public static async Task<int> RunAsync(IReadOnlyList<string> sizes)
    {
        var wanted =
            sizes.Count > 0 ? [.. sizes.Select(s => int.Parse(s, CultureInfo.InvariantCulture)).Order()] : s_sizes;
        Console.WriteLine(
            "database    devices  added/s  RSS then  new server: ready  RSS   peak  started again: ready  RSS   peak  device list: table  json"
        );
        foreach (var isPostgreSql in new[] { false, true })
        {
            using var postgreSql = isPostgreSql ? new PostgreSqlServer() : null;
            await using var registry = await RegistryLab.StartAsync(postgreSql?.NewDatabase());
            foreach (var devices in wanted)
                await MeasureAsync(registry, isPostgreSql ? "PostgreSQL" : "SQLite", devices);
        }
        return 0;
    }

    private static async Task MeasureAsync(RegistryLab registry, string database, int devices)
    {
        await registry.StartServerAsync(isNew: false);
        var (more, took) = await registry.AddUpToAsync(devices);
        var after = registry.Memory();
        var fresh = new List<(double Seconds, Memory Memory)>();
        var again = new List<(double Seconds, Memory Memory)>();
        for (var i = 0; i < Starts; i++)
        {
            fresh.Add((await registry.StartServerAsync(isNew: true), registry.Memory()));
            again.Add((await registry.StartServerAsync(isNew: false), registry.Memory()));
        }
        var table = await registry.ListAsync("table");
        var json = await registry.ListAsync("json");
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{database, -10} {devices, 8} {more / took.TotalSeconds, 8:0} {after.NowMiB, 5} MiB {Median(fresh)}     {Median(again)} {table.TotalSeconds, 17:0.00} s {json.TotalSeconds, 5:0.00} s"
            )
        );
    }

    private static string Median(List<(double Seconds, Memory Memory)> starts)
    {
        var (seconds, memory) = starts.OrderBy(s => s.Seconds).ElementAt(starts.Count / 2);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{seconds, 17:0.0} s {memory.NowMiB, 4} {memory.PeakMiB, 6}"
        );
    }
}

/// <summary>What a process has of the machine's memory, and had at most.</summary>
internal readonly record struct Memory(long NowMiB, long PeakMiB)
{
    public static Memory Of(int process)
    {
        var lines = File.ReadAllLines($"/proc/{process}/status");
        return new(MiB("VmRSS:"), MiB("VmHWM:"));

        long MiB(string key) =>
            long.Parse(
                lines
                    .Single(l => l.StartsWith(key, StringComparison.Ordinal))
                    .Split(default(char[]?), StringSplitOptions.RemoveEmptyEntries)[1],
                CultureInfo.InvariantCulture
            ) / 1024;
    }
}

/// <summary>One server in a network namespace of its own, and what operators do to it.</summary>
internal sealed class RegistryLab : IAsyncDisposable
{
    private const int Operators = 16;
    private const string Collection = "registered";
    private static readonly TimeSpan s_limit = TimeSpan.FromHours(2);

    private readonly NetNamespace _inside;
    private readonly TempFolder _folder = new();
    private readonly string? _database;
    private int _devices;
    private ServerProcess? _server;

    private RegistryLab(NetNamespace inside, string? database) => (_inside, _database) = (inside, database);

    private string Data => _folder["data"];

    private string Checkpoint => Path.Combine(Data, "farm-view.json");

    public static async Task<RegistryLab> StartAsync(string? database)
    {
        var lab = new RegistryLab(await NetNamespace.CreateAsync(), database);
        Directory.CreateDirectory(lab.Data);
        await File.WriteAllTextAsync(
            lab._folder["server.conf"],
            $$"""hatchery { data-folder = "{{lab.Data}}", database.postgresql = "{{database}}" }"""
        );
        await lab.StartServerAsync(isNew: true);
        await File.WriteAllBytesAsync(lab._folder["image"], new byte[1 << 20]);
        await lab._server!.PbmAsync("vdisk", "import", "guest", lab._folder["image"]);
        await lab._server.PbmAsync("collection", "create", Collection, "--vdisk", "guest");
        return lab;
    }

    /// <summary>Ends the server that runs, and starts one.</summary>
    /// <param name="isNew">Without the checkpoint that an earlier one left.</param>
    /// <returns>Seconds until it was ready.</returns>
    public async Task<double> StartServerAsync(bool isNew)
    {
        if (_server is not null)
            await _server.StopAsync();
        if (isNew)
            File.Delete(Checkpoint);
        _server ??= new(_folder["server.conf"], new Dictionary<string, string>(StringComparer.Ordinal), _inside);
        var began = Stopwatch.GetTimestamp();
        await _server.StartWithoutWaitingAsync();
        await _server.Process.Output.WaitForAsync(ServerProcess.ReadyLine, s_limit);
        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    public Memory Memory() => Benchmarks.Memory.Of(_server!.Process.Id);

    /// <summary>Some operators add devices side by side, one after the other each, until there are so many.</summary>
    public async Task<(int Added, TimeSpan Took)> AddUpToAsync(int devices)
    {
        var added = devices - _devices;
        var commands = Enumerable
            .Range(_devices, added)
            .Select(d => $"device add {NameOf(d)} {MacOf(d)} --collection {Collection}")
            .ToArray();
        var began = Stopwatch.GetTimestamp();
        await _server!.PbmAllAsync(commands, Operators, s_limit);
        var took = Stopwatch.GetElapsedTime(began);
        _devices = devices;
        return (added, took);
    }

    /// <summary>How long <c>pbm device list</c> takes; that all devices are in it, each as it was added.</summary>
    public async Task<TimeSpan> ListAsync(string output)
    {
        var began = Stopwatch.GetTimestamp();
        var text = await _server!.PbmAsync("device", "list", "-o", output);
        var took = Stopwatch.GetElapsedTime(began);
        if (output == "json")
        {
            using var document = JsonDocument.Parse(text);
            var listed = document
                .RootElement.EnumerateArray()
                .Select(d =>
                    (
                        d.GetProperty("name").GetString()!,
                        d.GetProperty("macs")[0].GetString()!,
                        d.GetProperty("collection").GetString()!,
                        d.GetProperty("vDisk").GetString()!
                    )
                );
            var expected = Enumerable.Range(0, _devices).Select(d => (NameOf(d), MacOf(d), Collection, "guest"));
            if (!listed.Order().SequenceEqual(expected.Order()))
                throw new InvalidOperationException("device list does not have what was added");
        }
        return took;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        await _inside.DisposeAsync();
        _folder.Dispose();
    }

    private static string NameOf(int device) => $"pc{device.ToString("x6", CultureInfo.InvariantCulture)}";

    private static string MacOf(int device) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"52:54:{(device >> 24) & 255:x2}:{(device >> 16) & 255:x2}:{(device >> 8) & 255:x2}:{device & 255:x2}"
        );
}
