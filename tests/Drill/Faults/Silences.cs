namespace Drill;

/// <summary>SIGSTOP to the server that streams the machine's disk, and SIGCONT when others have had its place for a while: what it had
/// queued must not be carried out.</summary>
internal sealed class Freeze : Fault
{
    public override string Name => "freeze";

    public override string Summary =>
        "its server stands still (SIGSTOP) and wakes again: stalls under 3 s, nothing late is applied";

    public override TimeSpan Lasts => TimeSpan.FromSeconds(12);

    public override TimeSpan Rest => TimeSpan.FromSeconds(3);

    public override double? PromiseMs(Role role) => Promises.Silent(role);

    public override IReadOnlyList<string>? Aim(Placement at, IReadOnlyList<string> all, Random random) =>
        One(at.Streamer);

    public override Task BreakAsync(DrillFarm farm, IMachine machine, IReadOnlyList<string> servers)
    {
        farm.Lab.Servers[servers[0]].Process.Freeze();
        return Task.CompletedTask;
    }

    public override Task MendAsync(DrillFarm farm, IReadOnlyList<string> servers)
    {
        farm.Lab.Servers[servers[0]].Process.Thaw();
        return Task.CompletedTask;
    }
}

/// <summary>The server's host loses its network, and gets it back.</summary>
internal sealed class CutOff : Fault
{
    public override string Name => "cut";

    public override string Summary => "its server's host is cut off (nft) and comes back: stalls under 3 s";

    public override TimeSpan Lasts => TimeSpan.FromSeconds(12);

    public override double? PromiseMs(Role role) => Promises.Silent(role);

    public override IReadOnlyList<string>? Aim(Placement at, IReadOnlyList<string> all, Random random) =>
        One(at.Streamer);

    public override Task BreakAsync(DrillFarm farm, IMachine machine, IReadOnlyList<string> servers) =>
        Firewall.CutOffAsync(farm.Lab.Insides[servers[0]]);

    public override Task MendAsync(DrillFarm farm, IReadOnlyList<string> servers) => farm.Lab.HealAsync();
}
