namespace Drill;

/// <summary>The streamer dies, and the one that took over dies while its new mirror catches up.</summary>
internal sealed class Twice : Fault
{
    public override string Name => "twice";

    public override string Summary =>
        "its server dies, then the next one while a mirror catches up: nothing flushed is lost";

    public override bool IsSurvived => false;

    public override bool IsForTwo => false;

    public override TimeSpan Lasts => TimeSpan.FromSeconds(5);

    public override double? PromiseMs(Role role) => null;

    public override IReadOnlyList<string>? Aim(Placement at, IReadOnlyList<string> all, Random random) =>
        at is { Streamer: { } first, Mirror: { } then } ? [first, then] : null;

    public override async Task BreakAsync(DrillFarm farm, IMachine machine, IReadOnlyList<string> servers)
    {
        await KillAsync(farm, [servers[0]]);
        // It goes on at its mirror, which begins to copy to the third.
        var before = (await machine.LookAsync()).Requests;
        using var enough = new CancellationTokenSource(DrillFarm.Limit);
        while (
            (await machine.LookAsync()).Requests < before + RequestsUntilTheSecond && !enough.IsCancellationRequested
        )
            await Task.Delay(5);
        await KillAsync(farm, [servers[1]]);
    }

    public override Task MendAsync(DrillFarm farm, IReadOnlyList<string> servers) => StartAsync(farm, servers);

    private const int RequestsUntilTheSecond = 50;
}
