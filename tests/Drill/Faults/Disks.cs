namespace Drill;

/// <summary>The disk fails of a server that holds the machine's write cache.</summary>
internal abstract class DiskFault : Fault
{
    public override double? PromiseMs(Role role) => null;

    public override IReadOnlyList<string>? Aim(Placement at, IReadOnlyList<string> all, Random random) =>
        at.Members.Count == 0 ? One(at.Streamer) : [at.Members[random.Next(at.Members.Count)]];
}

/// <summary>Every read and write of its store fails at a server that holds the machine's write cache.</summary>
internal sealed class StoreLost : DiskFault
{
    public override string Name => "lost";

    public override string Summary =>
        "the store of its server or its mirror's is gone: nothing flushed is lost, no I/O error";

    public override Task BreakAsync(DrillFarm farm, IMachine machine, IReadOnlyList<string> servers)
    {
        farm.Disks.Lose(farm.Lab.Servers[servers[0]].Process.Id);
        return Task.CompletedTask;
    }

    /// <summary>Its file system is mounted again, and so the server started again on it.</summary>
    public override async Task MendAsync(DrillFarm farm, IReadOnlyList<string> servers)
    {
        await KillAsync(farm, servers);
        await StartAsync(farm, servers);
    }
}

/// <summary>No sync succeeds any more at a server that holds the machine's write cache.</summary>
internal sealed class SyncsFail : DiskFault
{
    public override string Name => "fsync";

    public override string Summary => "syncs fail at its server or its mirror's: nothing flushed is lost, no I/O error";

    public override Task BreakAsync(DrillFarm farm, IMachine machine, IReadOnlyList<string> servers)
    {
        farm.Disks.FailSyncs(farm.Lab.Servers[servers[0]].Process.Id);
        return Task.CompletedTask;
    }

    /// <summary>Its disk is another then, and the server is started again on it.</summary>
    public override async Task MendAsync(DrillFarm farm, IReadOnlyList<string> servers)
    {
        await KillAsync(farm, servers);
        await StartAsync(farm, servers);
    }
}

/// <summary>Nothing more can be written at a server that holds the machine's write cache.</summary>
internal sealed class NoSpace : DiskFault
{
    public override string Name => "space";

    public override string Summary =>
        "the disk of its server or its mirror's is full: nothing flushed is lost, no I/O error";

    public override Task BreakAsync(DrillFarm farm, IMachine machine, IReadOnlyList<string> servers)
    {
        farm.Disks.Fill(farm.Lab.Servers[servers[0]].Process.Id);
        return Task.CompletedTask;
    }

    public override Task MendAsync(DrillFarm farm, IReadOnlyList<string> servers)
    {
        farm.Disks.Mend(farm.Lab.Servers[servers[0]].Process.Id);
        return Task.CompletedTask;
    }
}
