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
    /// The member that the device is to go on at: the one that it was given, or the least loaded where its streamer's server drains. The streamer
    /// sends it there, and the keeper, who knows it too, takes it there wherever it logs in.
    /// </summary>
    /// <param name="given">The server that the device was told to go to; null: none.</param>
    /// <returns>Null: it stays where it is, or can go nowhere.</returns>
    public static string? Next(SessionRow session, string? given, IReadOnlyList<KnownServer> servers)
    {
        var able = servers
            .Where(s =>
                session.CanGoOnAt(s.Status.Name)
                && s is { State: ServerState.Up, IsDraining: false }
                && s.Status.Images.Contains(session.Image)
                && (s.Status.Devices < s.Status.DevicesMax || s.Status.Name == session.Streamer)
            )
            .OrderBy(s => s.Status.Devices / (double)s.Status.DevicesMax)
            .ThenBy(s => s.Status.Name, StringComparer.Ordinal)
            .Select(s => s.Status.Name)
            .ToArray();
        return given is not null && able.Contains(given, StringComparer.Ordinal) ? given
            : servers.Any(s => s.IsDraining && s.Status.Name == session.Streamer) ? able.FirstOrDefault()
            : null;
    }

    /// <summary>
    /// Its write cache lies with the members of its session and nowhere else. A member takes the device at once when the streamer is not to be
    /// heard there, and when the device comes back from it. Any other server cannot hear whether the streamer that the device has left still lives: it
    /// sends the device to another member, which can, and to the next one as often as the device comes back.
    /// Where it is to go on elsewhere (<see cref="Next"/>), that member is before all until it comes back from there. Where a member is to
    /// follow the session before the device comes, it does. A device that has its write cache itself goes on wherever it comes, if the image is there.
    /// </summary>
    /// <param name="given">The server that the device was told to go to; null: none.</param>
    /// <param name="servers">As the keeper's server knows them.</param>
    /// <param name="returns">Where the device was sent to and did not stay.</param>
    public static SessionPlacement Of(
        SessionRow session,
        OpenSession login,
        string? given,
        IReadOnlyList<KnownServer> servers,
        DeviceReturns returns
    )
    {
        // Its streamer sees to it that the device comes.
        if (login.Follows == session.Epoch && session.CanGoOnAt(login.Server))
            return new Here();
        var first = Next(session, given, servers);
        if (first is not null && returns.Since(first) is null && first != login.Server)
            return new Elsewhere(first);
        // Several servers may stream what nobody writes: there is nobody to ask or to wait for.
        if (!session.HasCache && login.Obstacle is null)
            return new Here();
        if (session.HasMember(login.Server) && login.Obstacle is null)
            return
                session.Phase == SessionPhase.Open
                && first != login.Server
                && !string.Equals(session.Streamer, login.Server, StringComparison.Ordinal)
                && login.HearsStreamer
                && returns.Since(session.Streamer) is null
                ? new Elsewhere(session.Streamer)
                : new Here();
        var next = servers
            .Where(s => s.State == ServerState.Up && session.CanGoOnAt(s.Status.Name))
            .Where(s => session.HasCache || s.Status.Images.Contains(session.Image))
            .Where(s => !string.Equals(s.Status.Name, login.Server, StringComparison.Ordinal))
            // Of those from which the device came back the one is first that was tried longest ago.
            .OrderByDescending(s => returns.Since(s.Status.Name) ?? TimeSpan.MaxValue)
            .ThenBy(s => s.IsDraining)
            .ThenBy(s => string.Equals(s.Status.Name, session.Streamer, StringComparison.Ordinal))
            .ThenBy(s => s.Status.Name, StringComparer.Ordinal)
            .FirstOrDefault();
        return next is null ? new Nowhere() : new Elsewhere(next.Status.Name);
    }
}
