using System.Globalization;
using Akka.Actor;
using Akka.Cluster;
using Hatchery.Devices;
using Petabridge.Cmd;
using Petabridge.Cmd.Host;

namespace Hatchery.Operations;

/// <summary>`pbm farm`: the farm as a whole, as the server that is asked sees it.</summary>
public sealed class FarmCommands(Farm farm, ServerDirectory servers, Func<string> database, HistoryLog history)
    : CommandPaletteHandler(
        new(
            "farm",
            [
                new CommandDefinitionBuilder()
                    .WithName("status")
                    .WithDescription("Shows the farm: its cluster, database, servers, and how many devices are how")
                    .WithOutput()
                    .Build(),
                FarmHistory.Definition,
            ]
        )
    )
{
    public override Props HandlerProps => Props.Create(() => new Handler(Palette, farm, servers, database, history));

    private sealed class Handler : OperatorCommandHandler
    {
        public Handler(
            CommandPalette palette,
            Farm farm,
            ServerDirectory servers,
            Func<string> database,
            HistoryLog history
        )
            : base(palette)
        {
            Process(
                "status",
                a =>
                    a.Print(
                        Status(farm, servers, database, farm.Cluster) with
                        {
                            History = HistoryState.Of(history),
                        },
                        ServerJson.Default.FarmStatusRow,
                        Describe
                    )
            );
            Process("history", new FarmHistory(farm, history).RunAsync);
        }

        private static FarmStatusRow Status(
            Farm farm,
            ServerDirectory servers,
            Func<string> database,
            ClusterEvent.CurrentClusterState cluster
        )
        {
            var devices = farm.View.Current.Devices.CountBy(d => d.Phase).ToDictionary();
            return new(
                farm.Identity.Farm.ToString(),
                cluster.Members.Count,
                cluster.Unreachable.Count,
                cluster.Leader?.ToString(),
                database(),
                devices.Values.Sum(),
                devices.GetValueOrDefault(DevicePhase.SessionOpen),
                devices.GetValueOrDefault(DevicePhase.Running),
                devices.GetValueOrDefault(DevicePhase.Lost),
                [.. servers.All.Select(KnownServerRow.Of)],
                [
                    .. farm
                        .View.Current.VDisks.SelectMany(d => d.Versions.Select(v => (Disk: d, Version: v)))
                        .Where(v => v.Version is { Access: VersionAccess.Test, Tried.Outcome: CanaryOutcome.Returned })
                        .Select(v =>
                            $"{v.Disk.Name} version {v.Version.Number} was returned from by its canary, until it is deleted or promoted: {v.Version.Tried!.Reason}"
                        ),
                ]
            );
        }

        private static string Describe(FarmStatusRow row) =>
            Table.Of([
                ("farm", row.Farm),
                ("cluster", Number(row.Members, "member(s)") + ", " + Number(row.Unreachable, "unreachable")),
                ("leader", row.Leader ?? "-"),
                ("database", row.Database),
                (
                    "devices",
                    string.Join(
                        ", ",
                        Number(row.Devices, "in all"),
                        Number(row.Booting, "booting"),
                        Number(row.Running, "running"),
                        Number(row.Lost, "lost")
                    )
                ),
                .. row.Servers.Where(s => s.CopiesMissing > 0).ToArray() is { Length: > 0 } few
                    ?
                    [
                        (
                            "alarm",
                            $"fewer copies of write caches than there should be: {string.Join(", ", few.Select(s => Number(s.CopiesMissing, $"at {s.Name}")))}"
                        ),
                    ]
                    : Array.Empty<(string, string)>(),
                .. row.Servers.Where(s => s.Full).Select(s => s.Name).ToArray() is { Length: > 0 } full
                    ?
                    [
                        (
                            "alarm",
                            $"no room for writes: {string.Join(", ", full)}; a device whose copies are all there reads, and its writes get \"no space\" (pbm store show at each)"
                        ),
                    ]
                    : Array.Empty<(string, string)>(),
                .. row.Servers.Where(s => s.StoreLost).Select(s => s.Name).ToArray() is { Length: > 0 } lost
                    ?
                    [
                        (
                            "alarm",
                            $"lost stores: {string.Join(", ", lost)}; no boots and no copies go there until they take writes again (pbm store show at each)"
                        ),
                    ]
                    : Array.Empty<(string, string)>(),
                .. row.Servers.Where(s => s.ImagesDamaged > 0).ToArray() is { Length: > 0 } damaged
                    ?
                    [
                        (
                            "alarm",
                            $"damaged images, which are not served: {string.Join(", ", damaged.Select(s => Number(s.ImagesDamaged, $"at {s.Name}")))}; see pbm vdisk check"
                        ),
                    ]
                    : Array.Empty<(string, string)>(),
                .. row.Servers.Where(s => s.OwnCachesLow > 0).ToArray() is { Length: > 0 } low
                    ?
                    [
                        (
                            "alarm",
                            $"machines whose own write cache has little room, or none: {string.Join(", ", low.Select(s => Number(s.OwnCachesLow, $"told {s.Name}")))}; see pbm server show there"
                        ),
                    ]
                    : Array.Empty<(string, string)>(),
                .. row.Returned?.Select(r => ("alarm", r)) ?? [],
                .. row.History?.Lines() ?? [],
            ])
            + "\n\n"
            + KnownServerRow.Table(row.Servers);

        private static string Number(int count, string what) =>
            string.Create(CultureInfo.InvariantCulture, $"{count} {what}");
    }
}

/// <param name="Members">Of the cluster, also those that join or leave just now.</param>
/// <param name="Leader">Its address; null: there is none.</param>
/// <param name="Booting">Devices whose firmware has its disk.</param>
/// <param name="Returned">Versions that a canary returned from, and why.</param>
internal sealed record FarmStatusRow(
    string Farm,
    int Members,
    int Unreachable,
    string? Leader,
    string Database,
    int Devices,
    int Booting,
    int Running,
    int Lost,
    IReadOnlyList<KnownServerRow> Servers,
    IReadOnlyList<string>? Returned = null,
    HistoryState? History = null
);
