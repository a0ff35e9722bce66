using System.Globalization;
using System.Text.Json.Serialization;
using Akka.Actor;
using Hatchery.Devices;
using Hatchery.Disks;
using Hatchery.Mirroring;
using Hatchery.Replication;
using Petabridge.Cmd;

namespace Hatchery.Operations;

/// <summary>`pbm vdisk check`: what lies at every server is compared with its checksums, and mended where another copy allows.</summary>
internal sealed class VDiskChecks(Farm farm, FarmChecks checks)
{
    public async Task<CommandResponse> RunAsync(CommandArguments a, IActorRef asker, CancellationToken cancellation)
    {
        var wanted = a.ArgumentValues("vdisk").First();
        if (farm.View.Current.VDisk(wanted) is not { } vDisk)
            return new ErroredCommandResponse($"no vDisk {wanted}: see pbm vdisk list");
        IEnumerable<VDiskVersion> versions = vDisk.Versions;
        if (a.Optional("version") is not null)
        {
            if (!VDiskVersions.TryFind(a, vDisk, out var one, out var missing))
                return missing;
            var layers = vDisk.LayersOf(one);
            versions = versions.Where(v => layers.Contains(v.Image));
        }
        IReadOnlyList<string> servers = checks.Servers;
        if (a.Optional("server") is { } server)
        {
            if (!servers.Contains(server, StringComparer.Ordinal))
                return new ErroredCommandResponse(
                    $"no server {server} that can be asked: {string.Join(", ", servers)}"
                );
            servers = [server];
        }
        var isRepaired = a.ArgumentValues("repair").Any();
        var numbers = versions.ToDictionary(v => v.Image, v => v.Number);
        var found = new List<Found>();
        foreach (var (image, number) in numbers)
            found.AddRange(
                (
                    await Task.WhenAll(
                        servers.Select(async s =>
                            (await checks.CheckAsync(s, image, Says(s, "checking", number), cancellation)).Select(
                                f => new Found(s, f)
                            )
                        )
                    )
                ).SelectMany(f => f)
            );
        await KeepMembersAsync(found);
        if (isRepaired)
            for (var at = 0; at < found.Count; at++)
                if (found[at].Finding.State == CheckState.Damaged)
                    found[at] = await RepairAsync(found[at], found, cancellation);
        CheckRow[] rows = [.. found.Select(f => RowOf(f, numbers))];
        var answer = a.Print(rows, CheckJson.Default.IReadOnlyListCheckRow, Describe);
        return found.All(f => f.Finding.State is CheckState.Sound or CheckState.Repaired or CheckState.Missing)
            ? answer
            : new ErroredCommandResponse(answer.Msg);

        Reporter Says(string at, string doing, int number) =>
            new($"{at}: {doing} {vDisk.Name} version {number}", asker);
    }

    private sealed record Found(string Server, CheckFinding Finding)
    {
        /// <summary>Who has the write cache that it is about; null: it is about an image, or that is not known.</summary>
        public SessionRow? Row { get; init; }
    }

    /// <summary>A copy that its session does not count on any more is nobody's concern: it goes by itself.</summary>
    private async Task KeepMembersAsync(List<Found> found)
    {
        for (var at = found.Count - 1; at >= 0; at--)
        {
            if (found[at].Finding is not { Cache: { } cache, Device: { } device })
                continue;
            var row = await farm.Services.Sessions.ReadAsync(device);
            if (row?.Cache == cache && row.HasMember(found[at].Server))
                found[at] = found[at] with { Row = row };
            else
                found.RemoveAt(at);
        }
    }

    /// <summary>The copy of a write cache is given up only where another one was found whole just now, and its session counts on that.</summary>
    private async Task<Found> RepairAsync(Found damaged, List<Found> all, CancellationToken cancellation)
    {
        var finding = damaged.Finding;
        if (finding.Cache is { } cache)
        {
            var whole = all.FirstOrDefault(f =>
                f.Finding.Cache == cache
                && f.Finding.State == CheckState.Sound
                && f.Server != damaged.Server
                && damaged.Row?.HasMember(f.Server) == true
            );
            if (whole is null)
                return damaged with
                {
                    Finding = finding with
                    {
                        Detail = $"{finding.Detail}; no other server was found to have it whole, so it stays as it is",
                    },
                };
        }
        var repaired = await checks.RepairAsync(
            damaged.Server,
            finding.Image,
            finding.Cache ?? finding.Image,
            null,
            cancellation
        );
        // A server that found damage sets about it by itself.
        return damaged with
        {
            Finding = repaired.State == CheckState.Sound ? finding with { State = CheckState.Repaired } : repaired,
        };
    }

    private CheckRow RowOf(Found found, Dictionary<LayerId, int> numbers) =>
        new(
            found.Server,
            numbers[found.Finding.Image],
            found.Finding.Cache is null ? "image" : "write cache",
            found.Finding.Device is { } device ? farm.View.Current.Device(device)?.Name ?? $"{device}" : null,
            found.Finding.State.ToString().ToLowerInvariant(),
            found.Finding.Detail
        );

    private static string Describe(IReadOnlyList<CheckRow> rows) =>
        Table.Of(
            ["SERVER", "VERSION", "WHAT", "STATE", "DETAIL"],
            rows.Select(r =>
                (IReadOnlyList<string>)
                    [
                        r.Server,
                        r.Version.ToString(CultureInfo.InvariantCulture),
                        r.Device is null ? r.What : $"{r.What} of {r.Device}",
                        r.State,
                        r.Detail ?? "-",
                    ]
            )
        );
}

/// <param name="What">image or write cache.</param>
/// <param name="State">sound, damaged, repaired, missing or unknown.</param>
internal sealed record CheckRow(string Server, int Version, string What, string? Device, string State, string? Detail);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(IReadOnlyList<CheckRow>))]
internal sealed partial class CheckJson : JsonSerializerContext;
