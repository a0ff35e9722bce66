using System.Globalization;
using System.Text.Json;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Drill;

/// <summary>The farm that is drilled, and the machines that run from it.</summary>
internal sealed class DrillFarm : IAsyncDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    private const int NativeMachines = 4;
    private const int CalmLooks = 10;

    /// <summary>Of a guest, which says once a second how it fares. What it said before is the first that is counted.</summary>
    private const int CalmRounds = 3;
    private const double CalmMs = 500;
    private static readonly TimeSpan s_lookEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_answerLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_mirrorLimit = TimeSpan.FromSeconds(20);

    private readonly ITestOutputHelper _log;
    private readonly List<IMachine> _machines = [];

    private DrillFarm(FarmLab lab, FailingDisks disks, ITestOutputHelper log) => (Lab, Disks, _log) = (lab, disks, log);

    public FarmLab Lab { get; }

    public FailingDisks Disks { get; }

    public IReadOnlyList<IMachine> Machines => _machines;

    /// <summary>A farm of so many servers, each ready, with native machines that run, half of them by iSCSI and half by NBD.</summary>
    /// <param name="withVirtualMachines">Two virtual machines besides.</param>
    public static async Task<DrillFarm> StartAsync(
        int servers,
        int seed,
        bool withVirtualMachines,
        string folder,
        ITestOutputHelper log,
        CancellationToken interrupted
    )
    {
        var disks = new FailingDisks(folder);
        var more = withVirtualMachines ? GuestMachine.Configuration : "";
        var lab =
            servers == 2
                ? await FarmLab.StartTwoAsync(log, $"{FarmLab.Mirroring}\n{more}", disks.Environment)
                : await FarmLab.StartMirroredAsync(log, more, disks.Environment);
        var farm = new DrillFarm(lab, disks, log);
        try
        {
            await lab.UntilMembersAsync([.. lab.Servers.Keys]);
            if (withVirtualMachines)
                await GuestMachine.AddVDiskAsync(lab);
            else
                await farm.AddVDiskAsync();
            var random = new Random(seed);
            for (var number = 1; number <= NativeMachines; number++)
                await farm.AddAsync(number, number % 2 == 1 ? "iscsi" : "nbd", random.Next(), interrupted);
            if (withVirtualMachines)
                foreach (var transport in (string[])["san", "nbd"])
                    await farm.AddAsync(
                        new GuestMachine(farm._machines.Count + 1, transport),
                        farm._machines.Count + 1,
                        transport,
                        interrupted
                    );
            return farm;
        }
        catch
        {
            await farm.DisposeAsync();
            throw;
        }
    }

    /// <summary>Servers that something is done to: nobody is to ask them.</summary>
    public IReadOnlyList<string> Hit { get; set; } = [];

    /// <summary>The others.</summary>
    public IEnumerable<string> Well => Lab.Servers.Keys.Except(Hit);

    public int NumberOf(IMachine machine) => _machines.IndexOf(machine) + 1;

    /// <summary>
    /// Waits until each server is up and a member, and each machine's write cache has a mirror. False: a machine has none, however long it
    /// was waited for.
    /// </summary>
    public async Task<bool> UntilWholeAsync()
    {
        await Lab.UntilMembersAsync([.. Lab.Servers.Keys]);
        if (Lab.Servers.Count == 2)
            await Lab.UntilLeaseIsFreeAsync();
        using var enough = new CancellationTokenSource(s_mirrorLimit);
        while ((await ShownAsync()).Any(d => Strings(d, "members").Count < 2))
        {
            if (enough.IsCancellationRequested)
                return false;
            await Task.Delay(500);
        }
        return true;
    }

    /// <summary>Waits until every machine goes on: nothing is under way for long, and more is done.</summary>
    /// <returns>The machines that do not.</returns>
    public async Task<IReadOnlyList<IMachine>> UntilAllGoOnAsync(TimeSpan limit)
    {
        var waiting = _machines.ToList();
        using var enough = new CancellationTokenSource(limit);
        await Task.WhenAll(_machines.Select(WaitAsync));
        return waiting;

        async Task WaitAsync(IMachine machine)
        {
            long before = 0;
            var looks = machine.IsMeasured ? CalmLooks : CalmRounds;
            for (var calm = 0; calm < looks && !enough.IsCancellationRequested; )
            {
                var now = await machine.LookAsync();
                calm =
                    now.UnderWayMs >= CalmMs ? 0
                    : now.Requests > before ? calm + 1
                    : calm;
                before = now.Requests;
                await Task.Delay(s_lookEvery);
                if (calm == looks)
                    lock (waiting)
                        waiting.Remove(machine);
            }
        }
    }

    /// <summary>Who streams each machine, who holds its write cache and where its keeper is, as a server that runs says.</summary>
    public async Task<IReadOnlyList<Placement>> PlacementsAsync()
    {
        var shown = await ShownAsync();
        string[] well = [.. Well];
        var keepers = await Task.WhenAll(well.Select(KeepersAsync));
        return
        [
            .. _machines.Zip(
                shown,
                (m, d) =>
                    new Placement(
                        m.Name,
                        Text(d, "boot", "server"),
                        Strings(d, "members"),
                        Text(d, "id") is { } id
                            ? well.Zip(keepers)
                                .FirstOrDefault(k => k.Second.Contains(id, StringComparison.Ordinal))
                                .First
                            : null
                    )
            ),
        ];
    }

    /// <summary>Wakes the machines' keepers, which sleep while nobody asks them.</summary>
    public async Task WakeKeepersAsync()
    {
        await using var operators = Lab.OperatorAt(Well.First());
        foreach (var machine in _machines)
            await operators.TryAsync("device", "set", machine.Name, "--arguments", "awake");
    }

    /// <summary>Drains a server until it streams to nobody, and has no copy that can be elsewhere.</summary>
    public async Task DrainAsync(string server)
    {
        await Lab.Servers[server].PbmAsync("server", "drain", server, "--no-wait");
        await Eventually.TrueAsync(
            async () =>
                (await PlacementsAsync()).All(p =>
                    p.Streamer != server && (Lab.Servers.Count == 2 || !p.Members.Contains(server))
                ),
            Limit
        );
    }

    public Task ResumeAsync(string server) => Lab.Servers[server].PbmAsync("server", "resume", server);

    /// <summary>Moves a machine to a server, which streams to it from then on.</summary>
    public async Task MoveAsync(string machine, string server)
    {
        await Lab.Servers[server].PbmAsync("device", "move", machine, server);
        await Eventually.TrueAsync(
            async () => (await PlacementsAsync()).Single(p => p.Machine == machine).Streamer == server,
            Limit
        );
    }

    /// <summary>Why a machine waits, as <c>pbm device show</c> has it at any server that runs. Null: none says so.</summary>
    public async Task<string?> WhyAsync(IMachine machine)
    {
        foreach (var server in Well)
            if (Text(await TryShowAsync(server, machine), "stall", "cause") is { } cause)
                return cause;
        return null;
    }

    /// <summary>The same of one that goes on by now: the last that was said of it since then.</summary>
    public async Task<string?> WhyAsync(IMachine machine, DateTimeOffset since) =>
        await TryShowAsync(Well.First(), machine) is { } shown && shown.TryGetProperty("timeline", out var timeline)
            ? timeline
                .EnumerateArray()
                .Where(t => Text(t, "step") == "waits" && t.GetProperty("at").GetDateTimeOffset() >= since)
                .Select(t => Text(t, "detail"))
                .LastOrDefault()
            : null;

    /// <summary>Switches a machine off and on, for one whose disk is gone.</summary>
    public async Task BootAgainAsync(IMachine machine) => await machine.BootAsync(Lab, Well.First());

    public async ValueTask DisposeAsync()
    {
        foreach (var machine in _machines)
        {
            await machine.DisposeAsync();
            if (machine is NativeMachine native)
                _log.WriteLine(native.Transcript());
        }
        await Lab.DisposeAsync();
    }

    private async Task AddVDiskAsync()
    {
        var image = Lab.Network.PathOf("image");
        await using (var file = File.Create(image))
            file.SetLength(NativeMachine.DiskMebibytes << 20);
        await Lab.AddVDiskAsync(image, "--kernel", image, "--initrd", image);
    }

    private async Task AddAsync(int number, string transport, int seed, CancellationToken interrupted)
    {
        var inside = await Lab.Network.PlugInAsync(
            string.Create(CultureInfo.InvariantCulture, $"10.77.0.{50 + number}")
        );
        await AddAsync(
            new NativeMachine(inside, Lab.Network.PathOf(""), number, transport, seed),
            number,
            transport,
            interrupted
        );
    }

    private async Task AddAsync(IMachine machine, int number, string transport, CancellationToken interrupted)
    {
        interrupted.ThrowIfCancellationRequested();
        _machines.Add(machine);
        // On a busy computer a farm that has just begun may not answer in time; then an operator tries again, too.
        await Eventually.TrueAsync(
            async () =>
            {
                await using var operators = Lab.OperatorAt("alpha");
                await operators.TryAsync("device", "add", machine.Name, BootLab.Mac(number));
                return await operators.TryAsync("device", "assign", machine.Name, FarmLab.VDisk, "-t", transport);
            },
            Limit
        );
        // One server after the other gives the scripts, as each tells those that fetch one at once to go to different servers.
        await machine.BootAsync(Lab, Lab.Servers.Keys.ElementAt(number % Lab.Servers.Count), interrupted);
    }

    /// <summary>Each machine as a server that runs shows it; null where it cannot.</summary>
    private async Task<IReadOnlyList<JsonElement?>> ShownAsync()
    {
        var shown = new List<JsonElement?>();
        foreach (var machine in _machines)
            shown.Add(await TryShowAsync(Well.First(), machine));
        return shown;
    }

    /// <summary>Null: that server does not say. One that has to leave the cluster answers no operator until it is back.</summary>
    private async Task<JsonElement?> TryShowAsync(string server, IMachine machine)
    {
        try
        {
            await using var asked = Lab.OperatorAt(server);
            var row = await asked.AskAsync("device", "show", machine.Name, "-o", "json").WaitAsync(s_answerLimit);
            return row is null ? null : JsonDocument.Parse(row).RootElement.Clone();
        }
        catch (Exception away) when (away is IOException or TimeoutException)
        {
            return null;
        }
    }

    private async Task<string> KeepersAsync(string server)
    {
        await using var asked = Lab.OperatorAt(server);
        return await asked.AskAsync("actor", "hierarchy", "-s", "/system/sharding/device", "-d", "4") ?? "";
    }

    private static string? Text(JsonElement? row, params string[] path)
    {
        foreach (var name in path)
            row = row is { ValueKind: JsonValueKind.Object } r && r.TryGetProperty(name, out var next) ? next : null;
        return row?.ValueKind == JsonValueKind.String ? row.Value.GetString() : null;
    }

    private static IReadOnlyList<string> Strings(JsonElement? row, string name) =>
        row is { } r && r.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Select(e => e.GetString()!)]
            : [];
}
