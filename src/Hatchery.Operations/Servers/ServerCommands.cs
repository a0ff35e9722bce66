using System.Globalization;
using Akka.Actor;
using Hatchery.Devices;
using Petabridge.Cmd;
using Petabridge.Cmd.Host;

namespace Hatchery.Operations;

/// <summary>`pbm server`: this server, and how much of what it may take it has taken.</summary>
public sealed class ServerCommands(string server, ServiceLimits limits, Func<string> database, TimeProvider time)
    : CommandPaletteHandler(ServerPalette.Palette)
{
    private readonly DateTimeOffset _startedAt = time.GetUtcNow();

    public override Props HandlerProps =>
        Props.Create(() => new Handler(Palette, server, limits, database, _startedAt));

    private sealed class Handler : CommandHandlerActor
    {
        public Handler(
            CommandPalette palette,
            string server,
            ServiceLimits limits,
            Func<string> database,
            DateTimeOffset startedAt
        )
            : base(palette) =>
            Process(
                "show",
                (_, a) =>
                    Sender.Tell(
                        a.Print(
                            new ServerRow(server, startedAt, database(), [.. limits.All.Select(Rows.Of)]),
                            RowJson.Default.ServerRow,
                            Describe
                        )
                    )
            );

        private static string Describe(ServerRow row) =>
            Table.Of([("name", row.Name), ("started (UTC)", Clock.Text(row.StartedAt)), ("database", row.Database)])
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

        private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
    }
}
