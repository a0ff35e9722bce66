using Hatchery.Disks;

namespace Hatchery.Devices;

/// <summary>A device whose next boot is to go to another server.</summary>
public sealed record PlannedMove(DeviceState Device, string From, string To);

/// <summary>
/// Which devices have to boot elsewhere for all servers to be loaded alike: pure, and the same again while nothing changes. A device goes to a
/// server that can take its next boot; from a server of another site to one of its own, and never the other way. Servers that drain
/// are left out: what they serve boots elsewhere as it is.
/// </summary>
public static class Rebalancing
{
    public static IReadOnlyList<PlannedMove> Plan(
        FarmSnapshot farm,
        IReadOnlyList<KnownServer> servers,
        DateTimeOffset now
    )
    {
        var loads = servers
            .Where(s => s is { State: ServerState.Up, IsDraining: false })
            .ToDictionary(s => s.Status.Name, s => new Load(s.Status), StringComparer.Ordinal);
        var here = new Dictionary<string, List<DeviceState>>(StringComparer.Ordinal);
        foreach (var device in farm.Devices.Where(d => d.Boot is not null && d.Phase != DevicePhase.Off))
        {
            // Where it was told to boot it is already, as far as this goes.
            var at = device.Placement is { } placed && loads.ContainsKey(placed) ? placed : device.Boot!.Server;
            if (!loads.TryGetValue(at, out var load))
                continue;
            load.Devices++;
            if (at == device.Boot!.Server)
            {
                if (!here.TryGetValue(at, out var there))
                    here[at] = there = [];
                there.Add(device);
            }
        }
        var moves = new List<PlannedMove>();
        // Those that stand at another site first: they make room there for others.
        foreach (var far in (bool[])[true, false])
        foreach (
            var (from, devices) in here.OrderByDescending(h => loads[h.Key].Share)
                .ThenBy(h => h.Key, StringComparer.Ordinal)
        )
        foreach (var device in devices.ToArray())
        {
            var source = loads[from];
            var site = farm.SiteOf(device);
            if (source.IsAt(site) == far || farm.NextBootOf(device, now)?.Version.Image is not { } image)
                continue;
            var target = loads
                .Values.Where(t => t != source && t.CanTake(image) && t.IsAt(site) && (far || t.IsBetterThan(source)))
                .OrderBy(t => t.Share)
                .ThenBy(t => t.Name, StringComparer.Ordinal)
                .FirstOrDefault();
            if (target is null)
                continue;
            source.Devices--;
            target.Devices++;
            devices.Remove(device);
            moves.Add(new(device, from, target.Name));
        }
        return moves;
    }

    private sealed class Load(ServerStatus status)
    {
        public string Name => status.Name;

        public int Devices { get; set; }

        public double Share => Devices / (double)status.DevicesMax;

        public bool IsAt(string site) => string.Equals(status.Site, site, StringComparison.Ordinal);

        public bool CanTake(LayerId image) => Devices < status.DevicesMax && status.Images.Contains(image);

        /// <summary>With one device more it is still less loaded than the other is now.</summary>
        public bool IsBetterThan(Load other) => (Devices + 1) / (double)status.DevicesMax < other.Share;
    }
}
