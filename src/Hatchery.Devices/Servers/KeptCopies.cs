using Hatchery.Mirroring;

namespace Hatchery.Devices;

/// <summary>
/// What a machine keeps while it is off, and where its copies are to be: pure functions. Nobody streams such a write cache, so a server that has a copy opens it
/// without the machine for as long as copies are made or leave.
/// </summary>
public static class KeptCopies
{
    /// <summary>The device is off, and what it wrote is needed: its next boot goes on with it, or it is of a version in maintenance that is not over.</summary>
    public static bool IsKept(this FarmSnapshot farm, DeviceState device, DateTimeOffset now) =>
        device is { Phase: DevicePhase.Off, Boot: { HasCache: true } boot }
        && (
            farm.NextBootOf(device, now)?.Kept is { WhyClean: null }
            || (boot.Writes is { } writes && farm.VDisk(boot.VDisk)?.IsOver(writes) == false)
        );

    /// <summary>
    /// The member that is to open the write cache: copies are missing that another server can hold, or enough others have one and a server that drains is to lose
    /// its own. While a member is away for a short time, or being stopped, nothing is done: opened without it, its copy would be one no more.
    /// </summary>
    /// <param name="copies">Servers that are to have one.</param>
    /// <param name="isGone">Whether a server that is not there with its store has been away for so long that its copy is not counted on.</param>
    /// <returns>Null: all is as it is to be, or nothing can be done now.</returns>
    public static string? OpenerOf(
        SessionRow row,
        int copies,
        IReadOnlyList<KnownServer> servers,
        Func<string, bool> isGone
    )
    {
        var members = servers.Where(s => HasStore(s) && row.HasMember(s.Status.Name)).ToArray();
        var up = members.Select(s => s.Status.Name).ToHashSet(StringComparer.Ordinal);
        if (members.Any(s => s.Status.IsLeaving) || !row.Members.All(m => up.Contains(m) || isGone(m)))
            return null;
        var stay = members.Count(s => !s.IsDraining);
        var lacks = stay < copies && MemberPlacement.Choose(servers, row.Members, row.Image) is not null;
        if (!lacks && !(stay >= copies && stay < members.Length))
            return null;
        return members
            .Where(s => s.Status.Images.Contains(row.Image))
            .OrderBy(s => s.IsDraining)
            // Who did not get it open is tried again when all others were.
            .ThenBy(s => s.Status.Name == row.Streamer ? (row.Phase == SessionPhase.Opening ? 2 : 0) : 1)
            .ThenBy(s => s.Status.Name, StringComparer.Ordinal)
            .FirstOrDefault()
            ?.Status.Name;
    }

    /// <summary>It is there, and so is what it has copies of.</summary>
    public static bool HasStore(KnownServer server) => server is { State: ServerState.Up, Status.IsStoreLost: false };
}
