using System.Data.Common;
using Akka.Actor;
using Hatchery.Devices;
using Hatchery.Disks;
using Hatchery.Wire;
using Petabridge.Cmd;
using Petabridge.Cmd.Host;

namespace Hatchery.Operations;

/// <summary>`pbm device`: machines, what they boot from, and how their boots went.</summary>
/// <param name="writeCacheLimitBytes">This server's, for devices whose settings say none; 0: no limit.</param>
/// <param name="copies">Servers that a write cache should lie at.</param>
/// <param name="own">What machines said here of write caches of their own.</param>
/// <param name="key">What secrets are sealed with at this server; null: nothing.</param>
public sealed class DeviceCommands(
    Farm farm,
    TimelineLog timeline,
    Store store,
    long writeCacheLimitBytes,
    int copies,
    OwnCaches own,
    FarmKey? key = null
) : CommandPaletteHandler(DevicePalette.Palette)
{
    public override Props HandlerProps =>
        Props.Create(() => new Handler(Palette, farm, timeline, store, writeCacheLimitBytes, copies, own, key));

    private sealed class Handler : OperatorCommandHandler
    {
        private const string Server = "server";

        private readonly Farm _farm;
        private readonly TimelineLog _timeline;
        private readonly Store _store;
        private readonly long _writeCacheLimitBytes;
        private readonly int _copies;
        private readonly OwnCaches _own;
        private readonly DeviceAdministration _devices;

        public Handler(
            CommandPalette palette,
            Farm farm,
            TimelineLog timeline,
            Store store,
            long writeCacheLimitBytes,
            int copies,
            OwnCaches own,
            FarmKey? key
        )
            : base(palette)
        {
            (_farm, _timeline, _store, _devices) = (farm, timeline, store, new(farm));
            (_writeCacheLimitBytes, _copies, _own) = (writeCacheLimitBytes, copies, own);
            Process("add", AddAsync);
            Process("list", List);
            Process("show", ShowAsync);
            Process("assign", AssignAsync);
            Process("unassign", UnassignAsync);
            Process("set", SetAsync);
            Process("personality", new PersonalityCommands(farm).OfDeviceAsync);
            Process("secret", new SecretCommands(farm, key).RunAsync);
            Process("move", MoveAsync);
            Process("remove", RemoveAsync);
        }

        private async Task<CommandResponse> AddAsync(CommandArguments a)
        {
            var macs = new List<MacAddress>();
            foreach (var text in a.ArgumentValues("mac"))
            {
                if (!MacAddress.TryParse(text, null, out var mac))
                    return new ErroredCommandResponse($"'{text}' is no MAC address, e.g. 52:54:00:12:34:56");
                macs.Add(mac);
            }
            Guid? uuid = null;
            if (a.ArgumentValues("uuid").FirstOrDefault() is { } given)
            {
                if (!Guid.TryParse(given, out var parsed))
                    return new ErroredCommandResponse($"'{given}' is no UUID");
                uuid = parsed;
            }
            var name = a.ArgumentValues("name").First();
            if (!TryFindCollection(a, out var collection, out var wrong))
                return wrong;
            return Failures.Answer(
                await _devices.AddAsync(name, [.. macs.Distinct()], uuid, collection?.Id),
                $"device {name} added"
            );
        }

        private CommandResponse List(CommandArguments a)
        {
            var farm = _farm.View.Current;
            if (!TryFindCollection(a, out var collection, out var wrong))
                return wrong;
            IReadOnlyList<DeviceRow> rows =
            [
                .. farm
                    .Devices.Where(d => collection is null || farm.CollectionOf(d) == collection)
                    .Select(d => Rows.Of(d, farm, _farm.Services.Time.GetUtcNow())),
            ];
            return a.Print(
                rows,
                RowJson.Default.IReadOnlyListDeviceRow,
                all =>
                    Table.Of(
                        ["NAME", "STATE", "SINCE (UTC)", "VDISK", "TRANSPORT", "SERVER", "BOOTS", "MAC", "COLLECTION"],
                        all.Select(d =>
                            (IReadOnlyList<string>)
                                [
                                    d.Name,
                                    d.Phase,
                                    Clock.Text(d.PhaseSince),
                                    d.VDisk ?? "-",
                                    d.Transport ?? "-",
                                    d.Boot?.Server ?? "-",
                                    $"{d.BootCount}",
                                    string.Join(' ', d.Macs),
                                    d.Collection ?? "-",
                                ]
                        )
                    )
            );
        }

        private async Task<CommandResponse> ShowAsync(CommandArguments a)
        {
            if (Find(a, out var missing) is not { } device)
                return missing;
            var steps = await ReadAsync(device.Id);
            var now = _farm.Services.Time.GetUtcNow();
            var stall = Rows.Of(BootStall.Of(steps, now), now);
            var row = Rows.Of(device, _farm.View.Current, now, Rows.Of(steps), stall);
            var session = await TryAsync(() => _farm.Services.Sessions.ReadAsync(device.Id));
            return a.Print(
                row with
                {
                    WriteCacheLimitBytes = row.WriteCacheLimitBytes ?? _writeCacheLimitBytes,
                    WriteCacheLimitFrom = row.WriteCacheLimitFrom ?? Server,
                    WriteCache = UsageRow.Of(
                        _store.OpenCaches.FirstOrDefault(c => c.Layer == device.Boot?.Cache)?.Usage
                    ),
                    Members =
                        session is { HasCache: true } s && s.Boot == device.Boot?.Id
                            ? [.. s.Members.OrderBy(m => m != s.Streamer).ThenBy(m => m, StringComparer.Ordinal)]
                            : null,
                    CopiesWanted = _copies,
                    OwnCache =
                        _own.Of(device.Id) is { } known && known.Boot == device.Boot?.Id ? OwnCacheRow.Of(known) : null,
                },
                RowJson.Default.DeviceRow,
                Describe
            );
        }

        /// <summary>The latest steps of a device, oldest first; while the farm database is away, what this server alone has seen last.</summary>
        private async Task<IReadOnlyList<TimelineStep>> ReadAsync(DeviceId device)
        {
            var steps = await TryAsync(async () => await _timeline.ReadAsync(device)) ?? [];
            return _timeline.LatestHere(device) is { } here && (steps.Count == 0 || here.At > steps[^1].At)
                ? [.. steps, here]
                : steps;
        }

        /// <summary>Null while the farm database is away: what this server knows by itself is shown all the same.</summary>
        private static async Task<T?> TryAsync<T>(Func<Task<T?>> read)
            where T : class
        {
            try
            {
                return await read();
            }
            catch (DbException)
            {
                return null;
            }
        }

        private async Task<CommandResponse> AssignAsync(CommandArguments a)
        {
            if (Find(a, out var missing) is not { } device)
                return missing;
            var farm = _farm.View.Current;
            if (!a.TryReadAssignment(farm, null, device, out var assignment, out var wrong))
                return wrong;
            var reply = await _devices.AssignAsync(device.Id, assignment);
            return Failures.Answer(
                reply,
                $"{device.Name} boots from {farm.VDisk(assignment.VDisk)?.Name} from its next boot on{farm.FirmwareNote(assignment)}"
            );
        }

        private async Task<CommandResponse> UnassignAsync(CommandArguments a)
        {
            if (Find(a, out var missing) is not { } device)
                return missing;
            var farm = _farm.View.Current;
            var collection = farm.CollectionOf(device);
            return Failures.Answer(
                await _devices.UnassignAsync(device.Id),
                collection.Assignment is { } inherited
                    ? $"{device.Name} boots what collection {collection.Name} boots, {farm.VDisk(inherited.VDisk)?.Name}, from its next boot on"
                    : $"{device.Name} has no vDisk from its next boot on"
            );
        }

        private async Task<CommandResponse> SetAsync(CommandArguments a)
        {
            if (Find(a, out var missing) is not { } device)
                return missing;
            if (
                !a.TryReadSettings(out var change, out var wrong)
                || !TryFindCollection(a, out var collection, out wrong)
            )
                return wrong;
            if (change is null && collection is null)
                return new ErroredCommandResponse(
                    "set takes --collection, --arguments, --dhcp, --no-dhcp, --write-cache-limit, --no-write-cache-limit, --access or --no-access"
                );
            Reply? reply = null;
            if (collection is not null)
                reply = await _devices.MoveAsync(device.Id, collection.Id);
            if (change is not null && reply is not Reply.Refused)
                reply = await _devices.ChangeAsync(device.Id, change);
            return Failures.Answer(reply!, $"device {device.Name} changed");
        }

        private async Task<CommandResponse> MoveAsync(CommandArguments a)
        {
            if (Find(a, out var missing) is not { } device)
                return missing;
            var name = a.ArgumentValues("server").First();
            var servers = _farm.Services.Servers();
            if (servers.FirstOrDefault(s => s.Status.Name == name) is not { } server)
                return new ErroredCommandResponse($"no server {name}: see pbm server list");
            if (server.IsDraining || server.State != ServerState.Up)
                return new ErroredCommandResponse($"server {name} takes no devices now: see pbm server list");
            var moves =
                device is { Boot: { } boot, Phase: not DevicePhase.Off }
                && MemberPlacement.CanHold(servers, name, boot.Image)
                    ? boot.HasCache
                        ? $"{device.Name} goes to {name} as soon as that has a copy of its write cache"
                        : $"{device.Name} goes to {name}"
                    : $"the next boot of {device.Name} goes to {name}";
            return a.ArgumentValues("dry-run").Any()
                ? new CommandResponse(moves)
                : Failures.Answer(await _devices.PlaceAsync(device.Id, name), moves);
        }

        private async Task<CommandResponse> RemoveAsync(CommandArguments a) =>
            Find(a, out var missing) is { } device
                ? Failures.Answer(
                    await _devices.RemoveAsync(device, a.ArgumentValues("force").Any()),
                    $"device {device.Name} removed"
                )
                : missing;

        /// <param name="collection">Null where none is named.</param>
        private bool TryFindCollection(CommandArguments a, out Collection? collection, out CommandResponse wrong)
        {
            var wanted = a.Optional("collection");
            collection = wanted is null ? null : _farm.View.Current.Policy.Collection(wanted);
            wrong = new ErroredCommandResponse($"no collection {wanted}: see pbm collection list");
            return wanted is null || collection is not null;
        }

        private DeviceState? Find(CommandArguments a, out CommandResponse missing)
        {
            var wanted = a.ArgumentValues("device").First();
            missing = new ErroredCommandResponse($"no device {wanted}: see pbm device list");
            return _farm.View.Current.Device(wanted);
        }

        private static string Alarm(int copies, int wanted) => copies < wanted ? $": fewer than {wanted}" : "";

        private static string From(string? from, DeviceRow device) =>
            from switch
            {
                PolicyRows.Device => "its own",
                Server => "this server's",
                _ => $"from collection {device.Collection}",
            };

        private static string Describe(DeviceRow d)
        {
            var head = Table.Of([
                ("name", d.Name),
                ("id", d.Id),
                ("mac", string.Join(' ', d.Macs)),
                ("uuid", d.Uuid ?? "-"),
                ("state", $"{d.Phase} since {Clock.Text(d.PhaseSince)}"),
                ("collection", $"{d.Collection} at site {d.Site}{(d.Rule is null ? "" : $", added by rule {d.Rule}")}"),
                (
                    "vdisk",
                    d.VDisk is null
                        ? "-"
                        : $"{d.VDisk} by {d.Transport}{(d.NeedsUefi ? " (UEFI only: sectors of 4096 bytes)" : "")}{DeviceRow.InMode(d.Mode, d.KeepFor, d.OldVersionUntil, d.Cache, d.CacheRamBytes)}, {From(d.VDiskFrom, d)}"
                ),
                (
                    "next boot",
                    d.CaptureInto is { } captured ? $"sends its own disk, which becomes vDisk {captured}"
                    : d.NextVersion is { } version
                        ? $"version {version}{(d.Access == VDiskVersions.Production ? "" : $", as it sees versions in {d.Access}")}"
                    : "-"
                ),
                .. d.Kept is { } kept
                    ?
                    [
                        (
                            "kept",
                            $"its write cache of version {kept.Version}, since {Clock.Text(kept.Since)}"
                                + (
                                    kept.WhyClean is { } why ? $"; the next boot starts clean: {why}"
                                    : kept.Until is { } until ? $", until {Clock.Text(until)}"
                                    : ""
                                )
                        ),
                    ]
                    : Array.Empty<(string, string)>(),
                .. d.KernelArguments is { } words
                    ? [("arguments", $"{words}, {From(d.KernelArgumentsFrom, d)}")]
                    : Array.Empty<(string, string)>(),
                .. (d.DhcpOptions ?? []).Select(o => ("dhcp", $"{o.Name}={o.Value}, {From(o.From, d)}")),
                ("limit", $"write cache {Sizes.Limit(d.WriteCacheLimitBytes ?? 0)}, {From(d.WriteCacheLimitFrom, d)}"),
                ("boots", $"{d.BootCount}"),
                (
                    "boot",
                    d.Boot is { } b
                        ? $"{b.VDisk} version {b.Version} at {b.Server}, epoch {b.Epoch}, since {Clock.Text(b.StartedAt)}"
                        : "-"
                ),
                .. d.Members is { Count: > 0 } members
                    ?
                    [
                        (
                            "copies",
                            $"of its write cache at {string.Join(", ", members)}{Alarm(members.Count, d.CopiesWanted ?? 0)}"
                        ),
                    ]
                    : Array.Empty<(string, string)>(),
                .. d.Placement is { } next
                    ? [("goes to", $"{next}, while it runs or at its next boot")]
                    : Array.Empty<(string, string)>(),
                .. d.WriteCache is { } c
                    ?
                    [
                        (
                            "write cache",
                            $"{c.Level}: holds {Sizes.Text(c.LiveBytes, c.LimitBytes)}, files {Sizes.Text(c.FileBytes)}"
                        ),
                    ]
                    : Array.Empty<(string, string)>(),
                .. d.OwnCache is { } own
                    ?
                    [
                        (
                            "write cache",
                            (
                                own.Place is null
                                    ? "none"
                                    : $"{own.Level}: in the machine ({own.Place}), holds {Sizes.Text(own.UsedBytes, own.SizeBytes)}"
                            )
                                + $", said {Clock.Text(own.At)}"
                                + (own.Fallback is { } reason ? $"; {own.Wanted} was wanted: {reason}" : "")
                        ),
                    ]
                    : Array.Empty<(string, string)>(),
                .. d.Stall is { } s
                    ? [("stalled", $"for {Clock.Text(s.Seconds)}: {s.Cause}")]
                    : Array.Empty<(string, string)>(),
            ]);
            return d.Timeline is { Count: > 0 } steps
                ? head
                    + "\n\n"
                    + Table.Of(
                        ["TIME (UTC)", "AFTER", "STEP", "SERVER", ""],
                        steps.Select(t =>
                            (IReadOnlyList<string>)
                                [Clock.Text(t.At), Clock.Text(t.AfterSeconds), t.Step, t.Server, t.Detail]
                        )
                    )
                : head;
        }
    }
}
