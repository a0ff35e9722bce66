namespace Drill;

/// <summary>One fault after the other, each aimed at one machine in turn and watched by all.</summary>
internal sealed class DrillRun(DrillFarm farm, Random random, Action<Row> said, Action<string> remark)
{
    private static readonly TimeSpan s_survivalLimit = TimeSpan.FromSeconds(20);

    /// <summary>A stall says nothing where one without any fault takes more than this part of what is promised.</summary>
    private const double QuietPart = 1.0 / 3;

    /// <summary>A machine that waits so long is to be told of.</summary>
    private const double LongMs = 2000;

    private readonly Lock _gate = new();
    private Task _change = Task.CompletedTask;
    private bool _isOver;
    private int _turn;

    public List<Row> Rows { get; } = [];

    public List<string> Skipped { get; } = [];

    /// <param name="rounds">How often.</param>
    public async Task RunAsync(Fault fault, int rounds)
    {
        for (var round = 1; round <= rounds; round++)
            if (!await StrikeAsync(fault, round))
            {
                Skipped.Add($"{fault.Name} {round}");
                remark($"{fault.Name} {round}: no machine has its servers so that it could be aimed");
            }
    }

    /// <summary>Something that starts or ends processes; not after the end.</summary>
    public Task ChangeAsync(Func<Task> change)
    {
        lock (_gate)
            return _isOver ? Task.FromCanceled(new(canceled: true)) : _change = change();
    }

    /// <summary>Nothing is begun any more; what was begun is done.</summary>
    public async Task EndAsync()
    {
        lock (_gate)
            _isOver = true;
        await _change.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <returns>False: it could be aimed at no machine.</returns>
    private async Task<bool> StrikeAsync(Fault fault, int round)
    {
        var hasMirrors = await farm.UntilWholeAsync();
        await farm.WakeKeepersAsync();
        var placements = await farm.PlacementsAsync();
        if (Aim(fault, placements) is not { } aimed)
        {
            if (!await IsDoneAsync(() => fault.PlaceAsync(farm, placements)))
                return false;
            hasMirrors = await farm.UntilWholeAsync();
            placements = await farm.PlacementsAsync();
            if (Aim(fault, placements) is not { } placed)
                return false;
            aimed = placed;
        }
        var (machine, servers) = aimed;

        await NextWindowsAsync();
        await Task.Delay(fault.Baseline);
        var before = await NextWindowsAsync();

        var ticks = HostLoad.Ticks();
        var since = DateTimeOffset.UtcNow;
        farm.Hit = servers;
        var isDone = await IsDoneAsync(() => fault.BreakAsync(farm, machine, servers));
        await Task.Delay(fault.Lasts);
        IReadOnlyList<IMachine> waiting = fault.IsSurvived
            ? await farm.UntilAllGoOnAsync(s_survivalLimit)
            : farm.Machines;
        var during = await NextWindowsAsync();
        var busy = HostLoad.BusyPercentSince(ticks);
        var why = new string?[during.Length];
        for (var i = 0; i < why.Length; i++)
            if (during[i].UnderWayMs > LongMs)
                why[i] = await farm.WhyAsync(farm.Machines[i]);
        if (fault.IsSurvived)
            during = [.. during.Zip(await VerifiedAsync(waiting), (a, b) => a.Then(b))];

        var rests = fault.Rest > TimeSpan.Zero ? farm.Machines.Except(waiting).ToArray() : [];
        await Task.WhenAll(rests.Select(m => m.RestAsync()));
        await ChangeAsync(() => fault.MendAsync(farm, servers));
        farm.Hit = [];
        if (rests.Length > 0)
        {
            await Task.Delay(fault.Rest);
            await Task.WhenAll(rests.Select(m => m.VerifyAsync()));
        }
        var lost = await farm.UntilAllGoOnAsync(DrillFarm.Limit);
        for (var i = 0; i < why.Length; i++)
            if (during[i].StallMs > LongMs)
                why[i] ??= await farm.WhyAsync(farm.Machines[i], since);
        var after = (await NextWindowsAsync()).Zip(await VerifiedAsync(lost), (a, b) => a.Then(b)).ToArray();

        for (var i = 0; i < farm.Machines.Count; i++)
        {
            var (watched, at) = (farm.Machines[i], placements[i]);
            var promise = watched.IsMeasured ? fault.PromiseMs(at.RoleOf(servers)) : null;
            var (survived, cameBack) = (!waiting.Contains(watched), !lost.Contains(watched));
            var notes = new List<string>();
            if (!hasMirrors && at.Members.Count < 2)
                notes.Add("had no mirror");
            if (fault.IsSurvived && !survived)
                notes.Add("waited until it was mended");
            if (why[i] is { } reason)
                notes.Add(reason);
            var isUnexplained = fault.IsExplained && during[i].StallMs > LongMs && why[i] is null;
            if (isUnexplained)
                notes.Add("no server said why it waited");
            if (!cameBack)
                notes.Add("did not come back");
            var isHalfDone = !isDone && at.RoleOf(servers) != Role.None;
            if (isHalfDone)
                notes.Add($"it was not done within {DrillFarm.Limit.TotalSeconds:0} s");
            var verdict = Judge(promise, before[i], during[i], after[i], isHalfDone);
            if (verdict == Verdict.Unclear)
                notes.Add("this computer is too busy to tell");
            Add(
                new(
                    fault.Name,
                    round,
                    servers,
                    watched.Name,
                    watched.Kind,
                    Word(at.RoleOf(servers)),
                    before[i].StallMs,
                    during[i].StallMs,
                    after[i].StallMs,
                    promise,
                    during[i].Errors + after[i].Errors,
                    during[i].Lost + after[i].Lost,
                    during[i].FlushedLost + after[i].FlushedLost,
                    fault.IsSurvived ? survived : null,
                    cameBack,
                    busy,
                    cameBack && (survived || !fault.IsSurvived) && !isUnexplained ? verdict : Verdict.Broken,
                    string.Join("; ", notes)
                )
            );
        }
        // It takes part in what follows, from an empty disk.
        foreach (var gone in lost)
            await ChangeAsync(() => farm.BootAgainAsync(gone));
        return true;
    }

    /// <param name="isHalfDone">What was to happen to the servers took too long, which is late whatever the machine saw of it.</param>
    private static Verdict Judge(double? promiseMs, Window before, Window during, Window after, bool isHalfDone)
    {
        if (during.Lost + after.Lost + during.Errors + after.Errors > 0)
            return Verdict.Broken;
        if (promiseMs is not { } promise)
            return isHalfDone ? Verdict.Broken : Verdict.Kept;
        var isLate = isHalfDone || during.StallMs > promise || after.StallMs > Math.Max(promise, Promises.Mending);
        return !isLate ? Verdict.Kept
            : before.StallMs > promise * QuietPart ? Verdict.Unclear
            : Verdict.Broken;
    }

    /// <summary>A drain may not come to its end in time; it is mended then as if it had, and the drill goes on.</summary>
    private async Task<bool> IsDoneAsync(Func<Task> change)
    {
        try
        {
            await ChangeAsync(change);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private static string Word(Role role) =>
        role == Role.None ? "-" : role.ToString().ToLowerInvariant().Replace(", ", ",", StringComparison.Ordinal);

    private void Add(Row row)
    {
        Rows.Add(row);
        said(row);
    }

    /// <summary>The machine whose turn it is, or the next one that it can be aimed at.</summary>
    private (IMachine Machine, IReadOnlyList<string> Servers)? Aim(Fault fault, IReadOnlyList<Placement> placements)
    {
        string[] all = [.. farm.Lab.Servers.Keys];
        for (var i = 0; i < farm.Machines.Count; i++)
        {
            var at = (_turn + i) % farm.Machines.Count;
            if (fault.Aim(placements[at], all, random) is not { } servers)
                continue;
            _turn = at + 1;
            return (farm.Machines[at], servers);
        }
        return null;
    }

    private async Task<Window[]> NextWindowsAsync() =>
        await Task.WhenAll(farm.Machines.Select(m => m.NextWindowAsync()));

    /// <summary>What came to light when those that go on read all of their disks.</summary>
    private async Task<Window[]> VerifiedAsync(IReadOnlyList<IMachine> waiting)
    {
        await Task.WhenAll(farm.Machines.Except(waiting).Select(m => m.VerifyAsync()));
        return await NextWindowsAsync();
    }
}
