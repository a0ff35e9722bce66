namespace Drill;

/// <summary>SIGTERM to the server that streams the machine's disk.</summary>
internal sealed class Stop : Fault
{
    public override string Name => "stop";

    public override string Summary => "its server is stopped (SIGTERM) and started again: stalls under 0.5 s";

    public override double? PromiseMs(Role role) => Promises.Leaving;

    public override IReadOnlyList<string>? Aim(Placement at, IReadOnlyList<string> all, Random random) =>
        One(at.Streamer);

    public override Task BreakAsync(DrillFarm farm, IMachine machine, IReadOnlyList<string> servers) =>
        farm.Lab.Servers[servers[0]].StopAsync();

    public override Task MendAsync(DrillFarm farm, IReadOnlyList<string> servers) => StartAsync(farm, servers);
}

/// <summary><c>pbm server drain</c> of the server that streams its disk, until it serves nobody.</summary>
internal sealed class Drain : Fault
{
    public override string Name => "drain";

    public override string Summary =>
        "its server drains until it is empty, and takes devices again: stalls under 0.5 s";

    public override double? PromiseMs(Role role) => Promises.Leaving;

    public override IReadOnlyList<string>? Aim(Placement at, IReadOnlyList<string> all, Random random) =>
        One(at.Streamer);

    public override Task BreakAsync(DrillFarm farm, IMachine machine, IReadOnlyList<string> servers) =>
        farm.DrainAsync(servers[0]);

    public override Task MendAsync(DrillFarm farm, IReadOnlyList<string> servers) => farm.ResumeAsync(servers[0]);
}
