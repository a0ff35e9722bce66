using Hatchery.Disks;

namespace Hatchery.Devices;

/// <summary>Where a further copy of a write cache goes.</summary>
public static class MemberPlacement
{
    /// <summary>
    /// The least loaded server that mirrors, is up and not draining, has room for a device and for what it writes, and holds the image that the write cache lies on; the
    /// keeper's own comes last, so that streamer, mirror and keeper lie on three servers where there are three.
    /// </summary>
    /// <param name="servers">As the keeper's server knows them, itself among them.</param>
    /// <param name="except">Names of servers that hold a copy, or are not to.</param>
    /// <returns>Null when there is none.</returns>
    public static string? Choose(
        IReadOnlyList<KnownServer> servers,
        IReadOnlyCollection<string> except,
        LayerId image
    ) =>
        servers
            .Where(s => CanHold(s, image) && !except.Contains(s.Status.Name, StringComparer.Ordinal))
            .OrderBy(s => s.IsSelf)
            .ThenBy(s => s.Status.Devices / (double)s.Status.DevicesMax)
            .ThenBy(s => s.Status.Name, StringComparer.Ordinal)
            .FirstOrDefault()
            ?.Status.Name;

    /// <summary>Whether a server may have a copy of a write cache on that image.</summary>
    public static bool CanHold(IReadOnlyList<KnownServer> servers, string server, LayerId image) =>
        servers.Any(s => s.Status.Name == server && CanHold(s, image));

    private static bool CanHold(KnownServer server, LayerId image) =>
        server
            is {
                State: ServerState.Up,
                IsDraining: false,
                Status: { MirrorPort: > 0, IsFull: false, IsStoreLost: false }
            }
        && server.Status.Devices < server.Status.DevicesMax
        && server.Status.Images.Contains(image);
}
