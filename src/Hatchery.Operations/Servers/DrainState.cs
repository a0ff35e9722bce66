using System.Globalization;
using Hatchery.Devices;

namespace Hatchery.Operations;

/// <summary>How far a server that drains has come.</summary>
internal static class DrainState
{
    /// <param name="devices">That it serves.</param>
    /// <param name="copies">Of other servers' write caches at it; null: nobody knows.</param>
    /// <param name="servers">Of the farm, itself among them.</param>
    public static string Describe(KnownServer server, int devices, int? copies, IReadOnlyList<KnownServer> servers)
    {
        if (devices + copies == 0)
            return "it is empty";
        var left = string.Create(
            CultureInfo.InvariantCulture,
            $"{devices} device(s) and {copies?.ToString(CultureInfo.InvariantCulture) ?? "an unknown number of"} copies of others' write caches are still to go"
        );
        return server.Status.MirrorPort == 0
                ? $"{left}; each when it boots again, as this server mirrors nothing (hatchery.mirroring.port)"
            : servers.Any(s => s.Status.Name != server.Status.Name && CanTake(s)) ? left
            : $"{left}; they stay, as no other server is up, not draining, and mirrors";
    }

    private static bool CanTake(KnownServer server) =>
        server is { State: ServerState.Up, IsDraining: false, Status.MirrorPort: > 0 };
}
