using System.Diagnostics;
using System.Globalization;
using Hatchery.Testing;

namespace EndToEnd;

/// <summary>One kill of a server, and how long after it each step was taken; null where it was not seen.</summary>
/// <param name="Server">The one that was killed.</param>
/// <param name="Role">What it was: coordinator, leader, both or neither.</param>
/// <param name="Suspected">Another server finds it unreachable.</param>
/// <param name="Decided">The split brain resolver declares it dead.</param>
/// <param name="Removed">It is no member any more.</param>
/// <param name="Answered">The last of the keepers that were there has carried a command out elsewhere.</param>
internal sealed record Failover(
    string Server,
    string Role,
    TimeSpan? Suspected,
    TimeSpan? Decided,
    TimeSpan? Removed,
    TimeSpan Answered
)
{
    /// <summary>Each attempt waits for its answer, so this is no more than the resolution.</summary>
    private static readonly TimeSpan s_attempts = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);
    private const int KeepersMax = 2;

    public static string Header => "server  role                suspected  decided  removed  answered  load";

    /// <summary>The machine's load average of the last minute.</summary>
    public static string Load => File.ReadAllText("/proc/loadavg").Split(' ')[0];

    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Server, -6}  {Role, -18}  {Seconds(Suspected), 9}  {Seconds(Decided), 7}  {Seconds(Removed), 7}  {Seconds(Answered), 8}  {Load}"
        );

    /// <summary>Kills a server that has keepers, and asks for those at another one until they answer.</summary>
    public static async Task<Failover> OfAsync(FarmLab farm, string dies)
    {
        var keepers = (await farm.KeepersAtAsync(dies)).Take(KeepersMax).ToArray();
        if (keepers.Length == 0)
            throw new InvalidOperationException($"{dies} has no keepers");
        var role = await RoleAsync(farm, dies);
        var others = farm.Servers.Where(s => s.Key != dies).ToArray();
        await using var asker = farm.OperatorAt(others[0].Key);
        await asker.TryAsync("device", "set", keepers[0], "--arguments", "before");
        var killed = Stopwatch.GetTimestamp();
        await farm.Servers[dies].KillAsync();
        var answered = await Task.WhenAll(keepers.Select(k => AnsweredAsync(asker, k, killed)));
        return new(
            dies,
            role,
            First("Marking node as UNREACHABLE"),
            First("SBR took decision"),
            First("Leader is removing"),
            answered.Max()
        );

        TimeSpan? First(string marker) =>
            others.Select(o => o.Value.Process.Output.FirstAfter(killed, marker)).Where(t => t is not null).Min();
    }

    /// <summary>A command is sent every so often: one that went to the dead server gets no answer, whoever lives.</summary>
    private static async Task<TimeSpan> AnsweredAsync(FarmOperator asker, string device, long killed)
    {
        var answered = new TaskCompletionSource<TimeSpan>();
        using var timer = new PeriodicTimer(s_attempts);
        var asked = new List<Task>();
        for (var number = 0; !answered.Task.IsCompleted; number++)
        {
            if (Stopwatch.GetElapsedTime(killed) > s_limit)
                throw new TimeoutException($"the keeper of {device} has not answered");
            asked.Add(AskAsync(number));
            await timer.WaitForNextTickAsync();
        }
        await Task.WhenAll(asked);
        return await answered.Task;

        async Task AskAsync(int number)
        {
            var arguments = string.Create(CultureInfo.InvariantCulture, $"attempt={number}");
            if (await asker.TryAsync("device", "set", device, "--arguments", arguments))
                answered.TrySetResult(Stopwatch.GetElapsedTime(killed));
        }
    }

    private static async Task<string> RoleAsync(FarmLab farm, string server)
    {
        var leader = await farm.Servers[server].PbmAsync("cluster", "leader");
        string[] roles =
        [
            .. await farm.HasCoordinatorAsync(server) ? ["coordinator"] : Array.Empty<string>(),
            .. leader.Contains(farm.NodeOf(server), StringComparison.Ordinal) ? ["leader"] : Array.Empty<string>(),
        ];
        return roles.Length == 0 ? "neither" : string.Join("+", roles);
    }

    private static string Seconds(TimeSpan? time) =>
        time is { } t ? t.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture) : "-";
}
