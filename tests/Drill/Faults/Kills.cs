namespace Drill;

/// <summary>SIGKILL to servers, which are started again.</summary>
internal abstract class Kill : Fault
{
    public override double? PromiseMs(Role role) => Promises.Killed(role);

    public override Task BreakAsync(DrillFarm farm, IMachine machine, IReadOnlyList<string> servers) =>
        KillAsync(farm, servers);

    public override Task MendAsync(DrillFarm farm, IReadOnlyList<string> servers) => StartAsync(farm, servers);
}

/// <summary>SIGKILL to the server that streams the machine's disk.</summary>
internal sealed class KillStreamer : Kill
{
    public override string Name => "kill";

    public override string Summary =>
        "the machine's server is killed: stalls under 1 s, 8 s where its keeper is there too";

    public override int Rounds => 3;

    public override IReadOnlyList<string>? Aim(Placement at, IReadOnlyList<string> all, Random random) =>
        One(at.Streamer);
}

/// <summary>SIGKILL to the other server that holds its write cache.</summary>
internal sealed class KillMirror : Kill
{
    public override string Name => "mirror";

    public override string Summary => "the server that mirrors its write cache is killed: stalls under 1 s";

    public override IReadOnlyList<string>? Aim(Placement at, IReadOnlyList<string> all, Random random) =>
        One(at.Mirror);
}

/// <summary>SIGKILL to the server where its keeper is, and nothing else of it.</summary>
internal sealed class KillKeeper : Kill
{
    public override string Name => "keeper";

    public override string Summary => "the server of its keeper alone is killed: stalls under 0.3 s";

    public override bool IsForTwo => false;

    public override IReadOnlyList<string>? Aim(Placement at, IReadOnlyList<string> all, Random random) =>
        at.Keeper is { } keeper && at.RoleOf([keeper]) == Role.Keeps ? [keeper] : null;

    /// <summary>A server that was drained keeps the keepers that it has, and nothing else.</summary>
    public override async Task PlaceAsync(DrillFarm farm, IReadOnlyList<Placement> placements)
    {
        if (placements.FirstOrDefault(p => p.Keeper is not null) is not { Keeper: { } keeper })
            return;
        try
        {
            await farm.DrainAsync(keeper);
        }
        finally
        {
            await farm.ResumeAsync(keeper);
        }
    }
}

/// <summary>SIGKILL to the server that streams its disk and has its keeper.</summary>
internal sealed class KillBoth : Kill
{
    public override string Name => "both";

    public override string Summary => "keeper and streamer die together: stalls under 8 s";

    public override TimeSpan Lasts => TimeSpan.FromSeconds(10);

    public override IReadOnlyList<string>? Aim(Placement at, IReadOnlyList<string> all, Random random) =>
        at.Streamer == at.Keeper ? One(at.Streamer) : null;

    public override async Task PlaceAsync(DrillFarm farm, IReadOnlyList<Placement> placements)
    {
        if (placements.FirstOrDefault(p => p.Keeper is not null) is { Keeper: { } keeper } at)
            await farm.MoveAsync(at.Machine, keeper);
    }
}

/// <summary>SIGKILL to all servers at once.</summary>
internal sealed class KillAll : Kill
{
    public override string Name => "off";

    public override string Summary => "all servers die at once and are started again: nothing flushed is lost";

    public override bool IsSurvived => false;

    /// <summary>No server is there.</summary>
    public override bool IsExplained => false;

    public override TimeSpan Lasts => TimeSpan.FromSeconds(1);

    public override double? PromiseMs(Role role) => null;

    public override IReadOnlyList<string>? Aim(Placement at, IReadOnlyList<string> all, Random random) => all;
}
