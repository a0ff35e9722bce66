using Akka.Actor;
using Hatchery.Boot;
using Hatchery.Devices;
using Hatchery.Disks;
using Hatchery.Replication;
using Petabridge.Cmd;
using Petabridge.Cmd.Host;

namespace Hatchery.Operations;

/// <summary>`pbm vdisk`: images that machines boot from.</summary>
public sealed class VDiskCommands(
    Farm farm,
    Store store,
    TimeProvider time,
    Replicator replicator,
    FarmChecks checks,
    Captures captures
) : CommandPaletteHandler(VDiskPalette.Palette)
{
    public override Props HandlerProps =>
        Props.Create(() => new Handler(Palette, farm, store, time, replicator, checks, captures));

    private sealed class Handler : OperatorCommandHandler
    {
        private readonly Farm _farm;
        private readonly Store _store;
        private readonly TimeProvider _time;
        private readonly ImageImports _imports;
        private readonly VDiskAdministration _vDisks;
        private readonly Dictionary<IActorRef, CancellationTokenSource> _askers = [];

        public Handler(
            CommandPalette palette,
            Farm farm,
            Store store,
            TimeProvider time,
            Replicator replicator,
            FarmChecks checks,
            Captures captures
        )
            : base(palette)
        {
            (_farm, _store, _time, _vDisks) = (farm, store, time, new(farm));
            _imports = new(farm, store, time);
            Process("import", a => ImportAsync(a, Sender, WhileAsked()));
            Process("export", a => ExportAsync(a, Sender, WhileAsked()));
            Process("transfers", Transfers);
            Process("cancel", CancelAsync);
            Process("list", List);
            Process("show", a => ShowAsync(a, WhileAsked()));
            Process("verify", a => VerifyAsync(a, Sender, WhileAsked()));
            var images = new VDiskImages(farm, store, time);
            Process("create", a => images.CreateAsync(a, WhileAsked()));
            Process("clone", images.CloneAsync);
            Process("rename", images.RenameAsync);
            Process("resize", a => images.ResizeAsync(a, WhileAsked()));
            Process("remove", images.RemoveAsync);
            var checking = new VDiskChecks(farm, checks);
            var capturing = new VDiskCapture(farm, captures);
            Process("capture", a => capturing.RunAsync(a, Sender, WhileAsked()));
            Process("check", a => checking.RunAsync(a, Sender, WhileAsked()));
            Process("unlock", UnlockAsync);
            var replicas = new VDiskReplicas(farm, replicator);
            Process("replicas", a => replicas.ShowAsync(a, WhileAsked()));
            Process("replicate", a => replicas.FetchAsync(a, Sender, WhileAsked()));
            var versions = new VDiskVersions(farm, store, _imports);
            Process("version", a => versions.RunAsync(a, Sender, WhileAsked()));
            Receive<Terminated>(gone =>
            {
                if (_askers.Remove(gone.ActorRef, out var asking))
                    asking.Cancel();
            });
        }

        protected override void PostStop()
        {
            foreach (var asking in _askers.Values)
                asking.Cancel();
        }

        /// <summary>Ends with whoever asks, by Ctrl+C or for good: what runs for him ends then; an import or export waits for its command to be given again.</summary>
        private CancellationToken WhileAsked()
        {
            var asking = new CancellationTokenSource();
            _askers[Sender] = asking;
            Context.Watch(Sender);
            return asking.Token;
        }

        private async Task<CommandResponse> ImportAsync(
            CommandArguments a,
            IActorRef asker,
            CancellationToken cancellation
        )
        {
            if (ImageImports.WhyNot(a) is { } wrong || !VDiskImages.TryReadSector(a, out var sectorBytes, out wrong))
                return new ErroredCommandResponse(wrong);
            var name = a.ArgumentValues("name").First();
            var (id, refused) = await _vDisks.ReserveAsync(name);
            if (refused is not null)
                return new ErroredCommandResponse(refused.Reason);
            var imported = await _imports.RunAsync(
                name,
                a,
                sectorBytes,
                new Reporter($"importing {name}", asker),
                cancellation
            );
            if (imported.Value is not { } image)
                return new ErroredCommandResponse(imported.Fault!.ToString());
            var reply = await _vDisks.AskAsync(
                new AddVDisk(
                    id,
                    name,
                    image.Layer,
                    image.LengthBytes,
                    image.Sha256,
                    a.Optional("kernel") is not null,
                    a.Optional("arguments"),
                    VDiskImages.Recorded(sectorBytes)
                )
            );
            if (reply is Reply.Refused)
                _store.DeleteImage(image.Layer);
            return Failures.Answer(
                reply,
                $"vDisk {name} version 1: {Sizes.Text(image.LengthBytes)}, hash {image.Sha256}"
            );
        }

        private async Task<CommandResponse> ExportAsync(
            CommandArguments a,
            IActorRef asker,
            CancellationToken cancellation
        )
        {
            if (Find(a, out var missing) is not { } vDisk)
                return missing;
            if (!VDiskVersions.TryFind(a, vDisk, out var version, out missing))
                return missing;
            var file = a.ArgumentValues("file").First();
            if (!Path.IsPathRooted(file))
                return new ErroredCommandResponse(ImageImports.NotAbsolute(file));
            if (
                (a.Optional("format") is { } name ? ExportFormat.Find(name) : ExportFormat.OfFile(file))
                is not { } format
            )
                return new ErroredCommandResponse(
                    $"no format {a.Optional("format")}: {string.Join(", ", ExportFormat.All.Select(f => f.Name))}"
                );
            var reporter = new Reporter($"exporting {vDisk.Name}", asker);
            var exported = await _store.ExportImageAsync(
                version.Image,
                file,
                format,
                a.ArgumentValues("force").Any(),
                reporter,
                reporter.Note,
                _time,
                _farm.Identity.Farm,
                cancellation
            );
            return exported.Value is { } made
                ? new CommandResponse(
                    $"vDisk {vDisk.Name} version {version.Number}: {format.Name}, {Sizes.Text(made.LengthBytes)}, {made.Path}"
                )
                : new ErroredCommandResponse(exported.Fault!.ToString());
        }

        private CommandResponse Transfers(CommandArguments a)
        {
            IReadOnlyList<TransferRow> rows = [.. _store.ListTransfers().Select(Rows.Of)];
            return a.Print(
                rows,
                RowJson.Default.IReadOnlyListTransferRow,
                all =>
                    Table.Of(
                        ["VDISK", "WHAT", "STATE", "DONE", "FORMAT", "FILE", "BEGUN (UTC)"],
                        all.Select(t =>
                            (IReadOnlyList<string>)
                                [t.VDisk, t.Kind, t.State, $"{t.Percent} %", t.Format, t.File, Clock.Text(t.StartedAt)]
                        )
                    )
            );
        }

        private async Task<CommandResponse> CancelAsync(CommandArguments a)
        {
            var name = a.ArgumentValues("vdisk").First();
            var count = await _store.CancelTransfersAsync(name);
            if (
                count == 0
                && _store.ListTransfers().FirstOrDefault(t => t.Kind == ImageTransferKind.Capture && t.Name == name)
                    is { Path: var machine }
            )
                return new ErroredCommandResponse(
                    $"{machine} sends its disk for {name}: pbm vdisk capture {name} --device {machine} --cancel"
                );
            return count > 0
                ? new CommandResponse($"vDisk {name}: {count} cancelled, nothing is left of it")
                : new ErroredCommandResponse($"nothing of {name} is under way or interrupted: see pbm vdisk transfers");
        }

        private CommandResponse List(CommandArguments a)
        {
            var farm = _farm.View.Current;
            IReadOnlyList<VDiskRow> rows = [.. farm.VDisks.Select(v => Rows.Of(v, farm))];
            return a.Print(
                rows,
                RowJson.Default.IReadOnlyListVDiskRow,
                all =>
                    Table.Of(
                        ["NAME", "VERSION", "SIZE", "KERNEL", "IN USE BY", "ADDED (UTC)"],
                        all.Select(VersionInProduction)
                    )
            );
        }

        private static IReadOnlyList<string> VersionInProduction(VDiskRow v)
        {
            var version = v.Versions.FirstOrDefault(n => n.Access == VDiskVersions.Production);
            return
            [
                v.Name,
                version is null ? "-" : $"{version.Number}",
                version is null ? "-" : Sizes.Text(version.SizeBytes),
                version is { Kernel: true } ? "yes" : "no",
                $"{v.Users.Count}",
                version is null ? "-" : Clock.Text(version.AddedAt),
            ];
        }

        private async Task<CommandResponse> ShowAsync(CommandArguments a, CancellationToken cancellation)
        {
            if (Find(a, out var missing) is not { } vDisk)
                return missing;
            var verified = new Dictionary<int, string>();
            if (a.ArgumentValues("verify").Any())
                await VerifyAsync(vDisk, null, (version, fault) => verified[version] = Said(fault), cancellation);
            return a.Print(Rows.Of(vDisk, _farm.View.Current, verified), RowJson.Default.VDiskRow, Describe);
        }

        private async Task<CommandResponse> VerifyAsync(
            CommandArguments a,
            IActorRef asker,
            CancellationToken cancellation
        )
        {
            if (Find(a, out var missing) is not { } vDisk)
                return missing;
            var (lines, whole) = (new List<string>(), true);
            await VerifyAsync(
                vDisk,
                version => new Reporter($"verifying {vDisk.Name} version {version}", asker),
                (version, fault) =>
                {
                    lines.Add($"vDisk {vDisk.Name} version {version}: {Said(fault)}");
                    whole &= fault is null;
                },
                cancellation
            );
            var text = string.Join('\n', lines);
            return whole ? new CommandResponse(text) : new ErroredCommandResponse(text);
        }

        private async Task VerifyAsync(
            VDiskState vDisk,
            Func<int, IProgress<int>>? progress,
            Action<int, StoreFault?> verified,
            CancellationToken cancellation
        )
        {
            foreach (var version in vDisk.Versions)
                verified(
                    version.Number,
                    await _store.VerifyImageAsync(version.Image, progress?.Invoke(version.Number), cancellation)
                );
        }

        private static string Said(StoreFault? fault) => fault?.ToString() ?? "ok";

        private async Task<CommandResponse> UnlockAsync(CommandArguments a)
        {
            if (Find(a, out var missing) is not { } vDisk)
                return missing;
            var holder = vDisk.Lock is { IsHeld: true } held ? held.Device : default(DeviceId?);
            return holder is not { } id
                ? new ErroredCommandResponse($"vDisk {vDisk.Name} is nobody's private image now")
                : Failures.Answer(
                    await _vDisks.AskAsync(new UnlockVDisk(vDisk.Id, a.Optional("by"))),
                    $"vDisk {vDisk.Name}: the lock of {_farm.View.Current.Device(id)?.Name ?? $"{id}"} is broken"
                );
        }

        private VDiskState? Find(CommandArguments a, out CommandResponse missing)
        {
            var wanted = a.ArgumentValues("vdisk").First();
            missing = new ErroredCommandResponse($"no vDisk {wanted}: see pbm vdisk list");
            return _farm.View.Current.VDisk(wanted);
        }

        private static string Describe(VDiskRow v) =>
            Table.Of([
                ("name", v.Name),
                ("id", v.Id),
                ("sectors", $"{v.SectorBytes} bytes"),
                .. v.Lock is { } l
                    ? [("private", $"to {l.Device} since {Clock.Text(l.Since)}, epoch {l.Epoch}")]
                    : Array.Empty<(string, string)>(),
                ("in use by", v.Users.Count > 0 ? string.Join(' ', v.Users) : "-"),
            ])
            + "\n\n"
            + Table.Of(
                ["VERSION", "ACCESS", "SIZE", "KERNEL", "ADDED (UTC)", "HASH", "VERIFIED"],
                v.Versions.Select(n =>
                    (IReadOnlyList<string>)
                        [
                            $"{n.Number}",
                            n.Access,
                            Sizes.Text(n.SizeBytes),
                            n.Kernel ? "yes" : "no",
                            Clock.Text(n.AddedAt),
                            n.Sha256,
                            n.Verified ?? "-",
                        ]
                )
            );
    }
}
