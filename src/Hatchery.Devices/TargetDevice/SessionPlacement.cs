using Hatchery.Mirroring;

namespace Hatchery.Devices;

/// <summary>Where a boot goes on that has a write cache, when its device logs in somewhere: a pure function of what the keeper knows.</summary>
public abstract record SessionPlacement
{
    private SessionPlacement() { }

    /// <summary>In a new epoch, at the server where it logs in.</summary>
    public sealed record Here : SessionPlacement;

    /// <param name="Server">A member that may be reached.</param>
    public sealed record Elsewhere(string Server) : SessionPlacement;

    /// <summary>No member can be reached.</summary>
    public sealed record Nowhere : SessionPlacement;

    /// <summary>
    /// Its write cache lies with the members of its session and nowhere else. A member takes the device at once when the streamer is not to be
    /// heard there, and when the device comes back from it; any other server sends it to the streamer, and to another member when it comes back.
    /// </summary>
    /// <param name="servers">As the keeper's server knows them.</param>
    /// <param name="returns">Where the device was sent to and did not stay.</param>
    public static SessionPlacement Of(
        SessionRow session,
        OpenSession login,
        IReadOnlyList<KnownServer> servers,
        DeviceReturns returns
    )
    {
        if (session.HasMember(login.Server) && login.Obstacle is null)
            return
                session.Phase == SessionPhase.Open
                && !string.Equals(session.Streamer, login.Server, StringComparison.Ordinal)
                && login.HearsStreamer
                && returns.Since(session.Streamer) is null
                ? new Elsewhere(session.Streamer)
                : new Here();
        var next = servers
            .Where(s => s.State == ServerState.Up && session.HasMember(s.Status.Name))
            .Where(s => !string.Equals(s.Status.Name, login.Server, StringComparison.Ordinal))
            // Of those from which the device came back the one is first that was tried longest ago.
            .OrderByDescending(s => returns.Since(s.Status.Name) ?? TimeSpan.MaxValue)
            .ThenBy(s => !string.Equals(s.Status.Name, session.Streamer, StringComparison.Ordinal))
            .ThenBy(s => s.IsDraining)
            .ThenBy(s => s.Status.Name, StringComparer.Ordinal)
            .FirstOrDefault();
        return next is null ? new Nowhere() : new Elsewhere(next.Status.Name);
    }
}
