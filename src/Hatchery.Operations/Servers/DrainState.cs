using System.Data.Common;
using System.Globalization;
using Hatchery.Devices;
using Hatchery.Mirroring;

namespace Hatchery.Operations;

/// <summary>What is still to go from a server that drains, by the session rows: they are the truth, also of a server that is silent.</summary>
/// <param name="Devices">Whose disks it streams.</param>
/// <param name="Copies">Of other servers' write caches at it; null: nobody knows, as the database is away.</param>
/// <param name="Kept">Write caches at it that machines keep while they are off.</param>
/// <param name="Alone">The machines whose kept write caches lie at no server that stays: their names.</param>
/// <param name="Waits">Why nothing goes by itself now; null: it does.</param>
internal sealed record DrainState(int Devices, int? Copies, int Kept, string Alone, string? Waits)
{
    public bool IsEmpty => Devices + Copies + Kept == 0;

    /// <summary>It streams to nobody, and nobody needs it to boot.</summary>
    public bool IsSpare => Devices == 0 && Alone.Length == 0;

    /// <param name="server">As this one knows it.</param>
    public static async Task<DrainState> OfAsync(Farm farm, KnownServer server, IReadOnlyList<KnownServer> servers)
    {
        var (name, view) = (server.Status.Name, farm.View.Current);
        SessionRow[] held;
        try
        {
            held = [.. (await farm.Services.Sessions.AllAsync()).Where(row => row.HasMember(name))];
        }
        catch (DbException)
        {
            return new(server.Status.Devices, null, 0, "", "the farm database does not answer");
        }
        // What a silent server said of itself is old.
        var served = server.State == ServerState.Up ? server.Status.Devices : 0;
        var rows = held.Where(row => view.Device(row.Device) is { Phase: not DevicePhase.Off }).ToArray();
        var copies = rows.Where(row => row.Streamer != name).ToArray();
        var devices = Math.Max(served, rows.Length - copies.Length);
        var stays = servers
            .Where(s => s.Status.Name != name && s is { State: ServerState.Up, IsDraining: false })
            .Select(s => s.Status.Name)
            .ToArray();
        var now = farm.Services.Time.GetUtcNow();
        var kept = held.Where(row => view.Device(row.Device) is { } device && view.IsKept(device, now)).ToArray();
        var alone = kept.Where(row => !stays.Any(row.HasMember)).Select(row => view.Device(row.Device)!.Name);
        return new(
            devices,
            copies.Length,
            kept.Length,
            string.Join(", ", alone.Order(StringComparer.Ordinal)),
            WhyNot()
        );

        string? WhyNot()
        {
            if (server.State == ServerState.Silent)
                return $"{name} is silent: what has a copy elsewhere goes on there by itself, the rest waits until {name} is back";
            if (server.Status.MirrorPort == 0)
                return $"each when it boots again, as {name} mirrors nothing (hatchery.mirroring.port)";
            string[] others = [.. servers.Where(s => s.Status.Name != name && CanTake(s)).Select(s => s.Status.Name)];
            return others.Length == 0 ? "they stay, as no other server is up, not draining, and mirrors"
                : devices == 0 && copies.Concat(kept).All(row => others.All(row.HasMember))
                    ? "they stay, as every other server that could take one has one already"
                : null;
        }
    }

    /// <summary>Of that server, in one sentence.</summary>
    public override string ToString() =>
        string.Join(
            "; ",
            new[]
            {
                IsEmpty ? "it is empty"
                : Devices + Copies == 0 ? null
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Devices} device(s) and {Copies?.ToString(CultureInfo.InvariantCulture) ?? "an unknown number of"} copies of others' write caches are still to go"
                ),
                Kept == 0
                    ? null
                    : string.Create(
                        CultureInfo.InvariantCulture,
                        $"{Kept} write cache(s) that machines keep while they are off are still to go{(Alone.Length == 0 ? "" : $", and lie at no server that stays: {Alone}")}"
                    ),
                IsEmpty ? null : Waits,
            }.OfType<string>()
        );

    private static bool CanTake(KnownServer server) =>
        server is { State: ServerState.Up, IsDraining: false, Status.MirrorPort: > 0 };
}
