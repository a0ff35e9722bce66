using System.Globalization;
using Akka.Actor;
using Hatchery.Devices;
using Petabridge.Cmd;
using Petabridge.Cmd.Host;

namespace Hatchery.Operations;

/// <summary>`pbm server`: the servers of the farm, and of this one how much of what it may take it has taken.</summary>
public sealed class ServerCommands(
    Farm farm,
    ServerDirectory servers,
    ServiceLimits limits,
    Func<string> database,
    HistoryLog history,
    OwnCaches ownCaches
) : CommandPaletteHandler(ServerPalette.Palette)
{
    public override Props HandlerProps =>
        Props.Create(() => new Handler(Palette, farm, servers, limits, database, history, ownCaches));

    private sealed class Handler : OperatorCommandHandler
    {
        private const int LowShown = 20;

        private readonly PolicyAdministration _policy;
        private readonly ServerDirectory _servers;
        private readonly ServiceLimits _limits;
        private readonly Func<string> _database;
        private readonly HistoryLog _history;
        private readonly OwnCaches _ownCaches;
        private readonly Farm _farm;

        public Handler(
            CommandPalette palette,
            Farm farm,
            ServerDirectory servers,
            ServiceLimits limits,
            Func<string> database,
            HistoryLog history,
            OwnCaches ownCaches
        )
            : base(palette)
        {
            (_farm, _policy, _servers, _limits) = (farm, new(farm), servers, limits);
            (_database, _history, _ownCaches) = (database, history, ownCaches);
            Process("list", List);
            Process("show", ShowAsync);
            Process("drain", (_, a) => Drain(a));
            Process("rebalance", (_, a) => Rebalance(a));
            Process("resume", a => ResumeAsync(a.ArgumentValues("server").First()));
        }

        private CommandResponse List(CommandArguments a) =>
            a.Print<IReadOnlyList<KnownServerRow>>(
                [.. _servers.All.Select(KnownServerRow.Of)],
                ServerJson.Default.IReadOnlyListKnownServerRow,
                KnownServerRow.Table
            );

        private async Task<CommandResponse> ShowAsync(CommandArguments a)
        {
            var name = a.ArgumentValues("server").FirstOrDefault() ?? _servers.Self.Name;
            if (_servers.Find(name) is not { } server)
                return new ErroredCommandResponse(NoServer(name));
            var drain = await DrainState.OfAsync(_farm, server, _servers.All);
            var row = new ServerRow(
                name,
                server.Status.StartedAt,
                server.IsSelf ? _database() : null,
                KnownServerRow.Of(server),
                [.. server.Status.Images.Select(i => i.ToString())],
                server.IsSelf ? [.. _limits.All.Select(Rows.Of)] : [],
                drain.Copies,
                server.IsDraining ? drain.ToString() : null,
                server.IsSelf ? HistoryState.Of(_history) : null,
                server.IsSelf ? [.. _ownCaches.Low.Select(LowCacheRow.Of)] : null
            );
            return a.Print(row, RowJson.Default.ServerRow, Describe);
        }

        private void Drain(CommandArguments a)
        {
            var (name, reader, waits) = (
                a.ArgumentValues("server").First(),
                Sender,
                !a.ArgumentValues("no-wait").Any()
            );
            if (_servers.Find(name) is { } server)
                Context.ActorOf(Props.Create(() => new DrainRun(server, reader, waits, _farm, _servers)));
            else
                reader.Tell(new ErroredCommandResponse(NoServer(name)));
        }

        /// <summary>Also one that is gone: else its name would be drained for ever.</summary>
        private async Task<CommandResponse> ResumeAsync(string name) =>
            _servers.Find(name) is null && !_farm.View.Current.Policy.IsDraining(name)
                ? new ErroredCommandResponse(NoServer(name))
                : Failures.Answer(await _policy.AskAsync(new ResumeServer(name)), $"server {name} takes boots");

        private void Rebalance(CommandArguments a)
        {
            if (
                !int.TryParse(
                    a.ArgumentValues("rate").First(),
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out var rate
                ) || rate is < 1 or > RebalanceRun.RateMax
            )
            {
                Sender.Tell(new ErroredCommandResponse($"--rate takes 1 to {RebalanceRun.RateMax} devices a second"));
                return;
            }
            var moves = Rebalancing.Plan(_farm.View.Current, _servers.All, _farm.Services.Time.GetUtcNow());
            if (a.ArgumentValues("dry-run").Any() || moves.Count == 0)
                Sender.Tell(a.Print(MoveRow.Of(moves), ServerJson.Default.IReadOnlyListMoveRow, MoveRow.Describe));
            else
                Begin(Sender);

            void Begin(IActorRef reader) =>
                Context.ActorOf(Props.Create(() => new RebalanceRun(reader, _farm, moves, rate)));
        }

        private static string NoServer(string name) => $"no server {name}: see pbm server list";

        private static string Describe(ServerRow row)
        {
            var head = Table.Of([
                ("name", row.Name),
                ("address", row.Server.Address),
                ("site", row.Server.Site),
                ("state", row.Server.State),
                ("devices", $"{row.Server.Devices} of {row.Server.DevicesMax}"),
                (
                    "copies",
                    row.Copies is { } held ? $"{held} of others' write caches" : "unknown while the database is away"
                ),
                .. row.Drain is { } drain ? [("drain", drain)] : Array.Empty<(string, string)>(),
                ("started (UTC)", Clock.Text(row.StartedAt)),
                ("database", row.Database ?? "as its own pbm says"),
                ("images", row.Images.Count == 0 ? "-" : string.Join(", ", row.Images)),
                .. row.OwnCachesLow is { Count: > 0 } low
                    ?
                    [
                        (
                            "alarm",
                            $"write caches in machines have little room, or none: {string.Join(", ", low.Take(LowShown).Select(l => l.ToString()))}{(low.Count > LowShown ? ", ..." : "")}"
                        ),
                    ]
                    : Array.Empty<(string, string)>(),
                .. row.History?.Lines() ?? [],
            ]);
            return row.Limits.Count == 0
                ? head
                : head
                    + "\n\n"
                    + Table.Of(
                        ["WHAT", "OPEN", "AT MOST", "PER ADDRESS", "REFUSED", "GIVEN UP"],
                        row.Limits.Select(l =>
                            (IReadOnlyList<string>)
                                [
                                    l.What,
                                    Number(l.Open),
                                    Number(l.Max),
                                    l.PerAddressMax is { } each ? Number(each) : "-",
                                    Number(l.Refused),
                                    Number(l.Evicted),
                                ]
                        )
                    );
        }

        private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
    }
}
