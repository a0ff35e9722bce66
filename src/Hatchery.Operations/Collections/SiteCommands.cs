using Akka.Actor;
using Hatchery.Devices;
using Petabridge.Cmd;
using Petabridge.Cmd.Host;

namespace Hatchery.Operations;

/// <summary>`pbm site`: places where collections of machines stand.</summary>
public sealed class SiteCommands(Farm farm) : CommandPaletteHandler(SitePalette.Palette)
{
    public override Props HandlerProps => Props.Create(() => new Handler(Palette, farm));

    private sealed class Handler : OperatorCommandHandler
    {
        private readonly Farm _farm;
        private readonly PolicyAdministration _policy;

        public Handler(CommandPalette palette, Farm farm)
            : base(palette)
        {
            (_farm, _policy) = (farm, new(farm));
            Process("create", CreateAsync);
            Process("list", List);
            Process("show", Show);
            Process("set", SetAsync);
            Process("delete", DeleteAsync);
        }

        private async Task<CommandResponse> CreateAsync(CommandArguments a)
        {
            var name = a.ArgumentValues("name").First();
            var reply = await _policy.CreateSiteAsync(name);
            if (reply is Reply.Done && a.Optional("description") is { } description)
                reply = await _policy.AskAsync(
                    new ChangeSite(_farm.View.Current.Policy.Site(name)!.Id, Description: description)
                );
            return Failures.Answer(reply, $"site {name} created");
        }

        private CommandResponse List(CommandArguments a)
        {
            var farm = _farm.View.Current;
            IReadOnlyList<SiteRow> rows =
            [
                .. farm.Policy.Sites.OrderBy(s => s.Name, StringComparer.Ordinal).Select(s => PolicyRows.Of(s, farm)),
            ];
            return a.Print(
                rows,
                RowJson.Default.IReadOnlyListSiteRow,
                all =>
                    Table.Of(
                        ["NAME", "COLLECTIONS", "DEVICES", "DESCRIPTION"],
                        all.Select(s =>
                            (IReadOnlyList<string>)[s.Name, $"{s.Collections.Count}", $"{s.Devices}", s.Description]
                        )
                    )
            );
        }

        private CommandResponse Show(CommandArguments a) =>
            Find(a, out var missing) is { } site
                ? a.Print(
                    PolicyRows.Of(site, _farm.View.Current),
                    RowJson.Default.SiteRow,
                    s =>
                        Table.Of([
                            ("name", s.Name),
                            ("id", s.Id),
                            ("description", s.Description.Length > 0 ? s.Description : "-"),
                            ("collections", s.Collections.Count > 0 ? string.Join(' ', s.Collections) : "-"),
                            ("devices", $"{s.Devices}"),
                        ])
                )
                : missing;

        private async Task<CommandResponse> SetAsync(CommandArguments a) =>
            Find(a, out var missing) is { } site
                ? Failures.Answer(
                    await _policy.AskAsync(new ChangeSite(site.Id, a.Optional("name"), a.Optional("description"))),
                    $"site {a.Optional("name") ?? site.Name} changed"
                )
                : missing;

        private async Task<CommandResponse> DeleteAsync(CommandArguments a) =>
            Find(a, out var missing) is { } site
                ? Failures.Answer(await _policy.AskAsync(new RemoveSite(site.Id)), $"site {site.Name} deleted")
                : missing;

        private Site? Find(CommandArguments a, out CommandResponse missing)
        {
            var wanted = a.ArgumentValues("site").First();
            missing = new ErroredCommandResponse($"no site {wanted}: see pbm site list");
            return _farm.View.Current.Policy.Site(wanted);
        }
    }
}
