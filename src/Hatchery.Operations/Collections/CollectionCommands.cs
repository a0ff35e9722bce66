using System.Globalization;
using Akka.Actor;
using Hatchery.Devices;
using Petabridge.Cmd;
using Petabridge.Cmd.Host;

namespace Hatchery.Operations;

/// <summary>`pbm collection`: machines that have something in common.</summary>
public sealed class CollectionCommands(Farm farm) : CommandPaletteHandler(CollectionPalette.Palette)
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
            Process("personality", new PersonalityCommands(farm).OfCollectionAsync);
            Process("delete", DeleteAsync);
        }

        private async Task<CommandResponse> CreateAsync(CommandArguments a)
        {
            var name = a.ArgumentValues("name").First();
            return TryReadChange(a, null, out var change, out var wrong)
                ? Failures.Answer(
                    await _policy.CreateCollectionAsync(name, change.Site ?? default, change with { Site = null }),
                    $"collection {name} created{_farm.View.Current.FirmwareNote(change.Assignment)}"
                )
                : wrong;
        }

        private async Task<CommandResponse> SetAsync(CommandArguments a)
        {
            if (Find(a, out var missing) is not { } collection)
                return missing;
            return TryReadChange(a, collection, out var change, out var wrong)
                ? Failures.Answer(
                    await _policy.AskAsync(
                        new ChangeCollection(collection.Id, change with { Name = a.Optional("name") })
                    ),
                    $"collection {a.Optional("name") ?? collection.Name} changed{_farm.View.Current.FirmwareNote(change.Assignment)}"
                )
                : wrong;
        }

        private async Task<CommandResponse> DeleteAsync(CommandArguments a) =>
            Find(a, out var missing) is { } collection
                ? Failures.Answer(
                    await _policy.RemoveCollectionAsync(collection),
                    $"collection {collection.Name} deleted"
                )
                : missing;

        private CommandResponse List(CommandArguments a)
        {
            var farm = _farm.View.Current;
            IReadOnlyList<CollectionRow> rows =
            [
                .. farm
                    .Policy.Collections.OrderBy(c => c.Name, StringComparer.Ordinal)
                    .Select(c => PolicyRows.Of(c, farm)),
            ];
            return a.Print(
                rows,
                RowJson.Default.IReadOnlyListCollectionRow,
                all =>
                    Table.Of(
                        ["NAME", "SITE", "DEVICES", "VDISK", "TRANSPORT", "DHCP OPTIONS"],
                        all.Select(c =>
                            (IReadOnlyList<string>)
                                [
                                    c.Name,
                                    c.Site,
                                    $"{c.DeviceCount}",
                                    c.VDisk ?? "-",
                                    c.Transport ?? "-",
                                    $"{c.DhcpOptions.Count}",
                                ]
                        )
                    )
            );
        }

        private CommandResponse Show(CommandArguments a)
        {
            if (Find(a, out var missing) is not { } collection)
                return missing;
            var farm = _farm.View.Current;
            string[] devices = [.. farm.Devices.Where(d => farm.CollectionOf(d) == collection).Select(d => d.Name)];
            return a.Print(
                PolicyRows.Of(collection, farm) with
                {
                    Devices = devices,
                },
                RowJson.Default.CollectionRow,
                Describe
            );
        }

        private bool TryReadChange(
            CommandArguments a,
            Collection? collection,
            out CollectionChange change,
            out CommandResponse wrong
        )
        {
            change = new();
            var farm = _farm.View.Current;
            if (!a.TryReadSettings(out var settings, out wrong))
                return false;
            change = change with { Settings = settings, NameTemplate = a.Optional("name-template") };
            if (a.Optional("site") is { } siteName)
            {
                if (farm.Policy.Site(siteName) is not { } site)
                    return Wrong($"no site {siteName}: see pbm site list", out wrong);
                change = change with { Site = site.Id };
            }
            if (a.Optional("devices-max") is { } maxText)
            {
                if (!int.TryParse(maxText, NumberStyles.None, CultureInfo.InvariantCulture, out var max))
                    return Wrong($"'{maxText}' is no number of devices", out wrong);
                change = change with { DevicesMax = max };
            }
            if (a.Optional("when-unreachable") is { } word)
            {
                if (
                    Enum.GetValues<WhenUnreachable>().Where(w => PolicyRows.Of(w) == word).ToArray() is not [var choice]
                )
                    return Wrong($"'{word}' is neither wait nor reboot", out wrong);
                change = change with { WhenUnreachable = choice };
            }
            string[] words = ["transport", "mode", "keep", "old-version-until", "cache", "cache-ram"];
            var given = Array.Find(words, w => a.Optional(w) is not null);
            var vDisk = a.Optional("vdisk");
            var without = collection is not null && a.ArgumentValues("no-vdisk").Any();
            if (without && (vDisk ?? given) is not null)
                return Wrong($"--no-vdisk stands without --vdisk and --{string.Join(", --", words)}", out wrong);
            if (vDisk is null && given is not null && collection?.Assignment is null)
                return Wrong($"--{given} needs a vDisk: give --vdisk as well", out wrong);
            if ((vDisk ?? given) is not null)
            {
                // Another vDisk begins with what it is unless told.
                var before = vDisk is null ? collection?.Assignment : null;
                if (!a.TryReadAssignment(farm, before, null, out var assignment, out wrong))
                    return false;
                change = change with { Assignment = assignment };
            }
            change = change with { Unassign = without };
            return true;
        }

        private Collection? Find(CommandArguments a, out CommandResponse missing)
        {
            var wanted = a.ArgumentValues("collection").First();
            missing = new ErroredCommandResponse($"no collection {wanted}: see pbm collection list");
            return _farm.View.Current.Policy.Collection(wanted);
        }

        private static string Describe(CollectionRow c) =>
            Table.Of([
                ("name", c.Name),
                ("id", c.Id),
                ("site", c.Site),
                (
                    "vdisk",
                    c.VDisk is null
                        ? "-"
                        : $"{c.VDisk} by {c.Transport}{DeviceRow.InMode(c.Mode, c.KeepFor, c.OldVersionUntil, c.Cache, c.CacheRamBytes)}"
                ),
                ("arguments", c.KernelArguments ?? "-"),
                .. c.DhcpOptions.Select(o => ("dhcp", $"{o.Name}={o.Value}")),
                ("limit", c.WriteCacheLimitBytes is { } limit ? $"write cache {Sizes.Limit(limit)}" : "-"),
                .. c.Access is { } access ? [("boots", $"versions in {access}")] : Array.Empty<(string, string)>(),
                ("names", $"{c.NameTemplate} for machines that a rule adds, up to {c.DevicesMax} devices"),
                ("copies", $"{c.WhenUnreachable} while no server with a device's write cache can be reached"),
                ("devices", c.Devices is { Count: > 0 } names ? string.Join(' ', names) : "-"),
            ]);

        private static bool Wrong(string what, out CommandResponse wrong)
        {
            wrong = new ErroredCommandResponse(what);
            return false;
        }
    }
}
