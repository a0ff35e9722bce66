namespace Drill;

/// <summary>The farm's database is away, and no server is hit.</summary>
internal abstract class WithoutDatabase : Fault
{
    public override IReadOnlyList<string>? Aim(Placement at, IReadOnlyList<string> all, Random random) => [];

    public override Task BreakAsync(DrillFarm farm, IMachine machine, IReadOnlyList<string> servers) =>
        Task.Run(farm.Lab.Database.Stop);

    public override Task MendAsync(DrillFarm farm, IReadOnlyList<string> servers) => Task.Run(farm.Lab.Database.Start);
}

/// <summary>The farm's database is away for a minute.</summary>
internal sealed class DatabaseAway : WithoutDatabase
{
    public override string Name => "database";

    public override string Summary => "the database is away for 60 s: no stall (0.3 s)";

    public override int RoundsInFull => 2;

    public override TimeSpan Lasts => TimeSpan.FromSeconds(60);

    /// <summary>That there is no stall is seen beside as long a time without the fault.</summary>
    public override TimeSpan Baseline => Lasts;

    public override double? PromiseMs(Role role) => Promises.WithoutDatabase;
}

/// <summary>The database is away, and a machine's connection ends: it goes back to the streamer that it had.</summary>
internal sealed class Rejoin : WithoutDatabase
{
    public override string Name => "rejoin";

    public override string Summary =>
        "the database is away and machines lose their connections: they go on at their servers within 1 s";

    public override double? PromiseMs(Role role) => Promises.Killing;

    public override async Task BreakAsync(DrillFarm farm, IMachine machine, IReadOnlyList<string> servers)
    {
        await base.BreakAsync(farm, machine, servers);
        foreach (var native in farm.Machines.OfType<NativeMachine>())
            await native.LoseConnectionsAsync();
    }

    public override async Task MendAsync(DrillFarm farm, IReadOnlyList<string> servers)
    {
        foreach (var native in farm.Machines.OfType<NativeMachine>())
            await native.KeepConnectionsAsync();
        await base.MendAsync(farm, servers);
    }
}

/// <summary>The database is away and the mirror dies: writes wait until its removal is committed.</summary>
internal sealed class DatabaseAndMirror : WithoutDatabase
{
    public override string Name => "database-mirror";

    public override string Summary => "the database is away and the mirror dies: writes wait, nothing flushed is lost";

    public override bool IsSurvived => false;

    public override TimeSpan Lasts => TimeSpan.FromSeconds(8);

    public override double? PromiseMs(Role role) => null;

    public override IReadOnlyList<string>? Aim(Placement at, IReadOnlyList<string> all, Random random) =>
        One(at.Mirror);

    public override async Task BreakAsync(DrillFarm farm, IMachine machine, IReadOnlyList<string> servers)
    {
        await base.BreakAsync(farm, machine, servers);
        await KillAsync(farm, servers);
    }

    public override async Task MendAsync(DrillFarm farm, IReadOnlyList<string> servers)
    {
        await base.MendAsync(farm, servers);
        await StartAsync(farm, servers);
    }
}
