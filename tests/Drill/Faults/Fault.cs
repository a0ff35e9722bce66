namespace Drill;

/// <summary>Something that happens to servers while machines run from them.</summary>
internal abstract class Fault
{
    /// <summary>What <c>--only</c> calls it.</summary>
    public abstract string Name { get; }

    /// <summary>One line for <c>--help</c>, with what is promised.</summary>
    public abstract string Summary { get; }

    /// <summary>How often without <c>--full</c>.</summary>
    public virtual int Rounds => 0;

    /// <summary>How often with it.</summary>
    public virtual int RoundsInFull => 10;

    /// <summary>How long machines are watched at least before what was broken is mended.</summary>
    public virtual TimeSpan Lasts => TimeSpan.FromSeconds(3);

    /// <summary>How long machines are watched before anything is broken.</summary>
    public virtual TimeSpan Baseline => TimeSpan.FromSeconds(3);

    /// <summary>Whether machines are to go on before it is mended.</summary>
    public virtual bool IsSurvived => true;

    /// <summary>Whether a server says why machines wait, where they are not to go on before it is mended.</summary>
    public virtual bool IsExplained => !IsSurvived;

    /// <summary>How long machines rest while it is mended, so that what comes late stays to be seen; zero: they go on.</summary>
    public virtual TimeSpan Rest => TimeSpan.Zero;

    /// <summary>Whether a farm of two has it.</summary>
    public virtual bool IsForTwo => true;

    /// <summary>The longest stall that is promised to a machine that needs the servers for this, in ms; null: none is.</summary>
    public abstract double? PromiseMs(Role role);

    /// <summary>The servers to hit, so that it concerns this machine; null: as things lie it cannot.</summary>
    /// <param name="all">The farm's servers.</param>
    public abstract IReadOnlyList<string>? Aim(Placement at, IReadOnlyList<string> all, Random random);

    /// <summary>Brings about that it can be aimed, where it cannot as things lie.</summary>
    public virtual Task PlaceAsync(DrillFarm farm, IReadOnlyList<Placement> placements) => Task.CompletedTask;

    public abstract Task BreakAsync(DrillFarm farm, IMachine machine, IReadOnlyList<string> servers);

    public abstract Task MendAsync(DrillFarm farm, IReadOnlyList<string> servers);

    protected static IReadOnlyList<string>? One(string? server) => server is null ? null : [server];

    protected static async Task KillAsync(DrillFarm farm, IReadOnlyList<string> servers) =>
        await Task.WhenAll(servers.Select(s => farm.Lab.Servers[s].KillAsync()));

    protected static async Task StartAsync(DrillFarm farm, IReadOnlyList<string> servers)
    {
        foreach (var server in servers)
            await farm.Lab.Servers[server].StartWithoutWaitingAsync();
        foreach (var server in servers)
            await farm
                .Lab.Servers[server]
                .Process.Output.WaitForAsync(Hatchery.Testing.ServerProcess.ReadyLine, DrillFarm.Limit);
    }
}
