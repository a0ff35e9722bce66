using System.Globalization;
using Akka.Actor;
using Hatchery.Boot;
using Hatchery.Devices;
using Hatchery.Disks;
using Petabridge.Cmd;
using Petabridge.Cmd.Host;

namespace Hatchery.Operations;

/// <summary>`pbm vdisk`: images that machines boot from.</summary>
public sealed class VDiskCommands(Farm farm, Store store, TimeProvider time)
    : CommandPaletteHandler(VDiskPalette.Palette)
{
    public override Props HandlerProps => Props.Create(() => new Handler(Palette, farm, store, time));

    private sealed class Handler : CommandHandlerActor
    {
        private const int PercentPerLine = 10;

        private readonly Farm _farm;
        private readonly Store _store;
        private readonly TimeProvider _time;
        private readonly VDiskAdministration _vDisks;
        private readonly Dictionary<IActorRef, CancellationTokenSource> _askers = [];

        public Handler(CommandPalette palette, Farm farm, Store store, TimeProvider time)
            : base(palette)
        {
            (_farm, _store, _time, _vDisks) = (farm, store, time, new(farm));
            Process("import", (_, a) => Answer(ImportAsync(a, Sender, WhileAsked())));
            Process("list", (_, a) => Sender.Tell(List(a)));
            Process("show", (_, a) => Answer(ShowAsync(a, WhileAsked())));
            Process("remove", (_, a) => Answer(RemoveAsync(a)));
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

        /// <summary>Ends with whoever asks, by Ctrl+C or for good: what runs for him ends then, and leaves nothing behind.</summary>
        private CancellationToken WhileAsked()
        {
            var asking = new CancellationTokenSource();
            _askers[Sender] = asking;
            Context.Watch(Sender);
            return asking.Token;
        }

        private void Answer(Task<CommandResponse> answer) =>
            _ = answer.PipeTo(Sender, failure: cause => new ErroredCommandResponse(Failures.Explain(cause)));

        private async Task<CommandResponse> ImportAsync(
            CommandArguments a,
            IActorRef asker,
            CancellationToken cancellation
        )
        {
            var name = a.ArgumentValues("name").First();
            var (file, kernel, initrd) = (
                a.ArgumentValues("file").First(),
                Optional(a, "kernel"),
                Optional(a, "initrd")
            );
            if (
                ((string?[])[file, kernel, initrd]).FirstOrDefault(p => p is not null && !Path.IsPathRooted(p)) is
                { } relative
            )
                return new ErroredCommandResponse(
                    $"'{relative}' is not absolute: give the file's whole path on the server"
                );
            if (kernel is null != initrd is null)
                return new ErroredCommandResponse(
                    "a kernel and an initrd come together: give both --kernel and --initrd"
                );
            if (Optional(a, "arguments") is { } arguments && !KernelArguments.AreSafe(arguments, out var reason))
                return new ErroredCommandResponse($"--arguments cannot go into a boot script: {reason}");
            var (id, refused) = await _vDisks.ReserveAsync(name);
            if (refused is not null)
                return new ErroredCommandResponse(refused.Reason);
            var layer = new LayerId(_farm.Services.NewGuid());
            var imported = await _store.ImportImageAsync(
                new(layer, name, file, Optional(a, "format"), kernel, initrd),
                _time,
                new Reporter(name, asker),
                cancellation
            );
            if (imported.Value is not { } image)
                return new ErroredCommandResponse(imported.Fault!.ToString());
            var reply = await _vDisks.AddAsync(
                new(id, name, layer, image.LengthBytes, image.Sha256, kernel is not null, Optional(a, "arguments"))
            );
            if (reply is Reply.Refused)
                _store.DeleteImage(layer);
            return Failures.Answer(reply, $"vDisk {name} version 1: {Size(image.LengthBytes)}, sha256 {image.Sha256}");
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
                        all.Select(v =>
                            (IReadOnlyList<string>)
                                [
                                    v.Name,
                                    v.Versions is [.., var last] ? $"{last.Number}" : "-",
                                    v.Versions is [.., var sized] ? Size(sized.SizeBytes) : "-",
                                    v.Versions is [.., { Kernel: true }] ? "yes" : "no",
                                    $"{v.Users.Count}",
                                    v.Versions is [.., var added] ? Clock.Text(added.AddedAt) : "-",
                                ]
                        )
                    )
            );
        }

        private async Task<CommandResponse> ShowAsync(CommandArguments a, CancellationToken cancellation)
        {
            if (Find(a, out var missing) is not { } vDisk)
                return missing;
            var verified = new Dictionary<int, string>();
            if (a.ArgumentValues("verify").Any())
            {
                foreach (var version in vDisk.Versions)
                {
                    var fault = await _store.VerifyImageAsync(version.Image, null, cancellation);
                    verified[version.Number] = fault?.ToString() ?? "ok";
                }
            }
            return a.Print(Rows.Of(vDisk, _farm.View.Current, verified), RowJson.Default.VDiskRow, Describe);
        }

        private async Task<CommandResponse> RemoveAsync(CommandArguments a)
        {
            if (Find(a, out var missing) is not { } vDisk)
                return missing;
            var reply = await _vDisks.RemoveAsync(vDisk);
            if (reply is Reply.Refused refused)
                return new ErroredCommandResponse(refused.Reason);
            foreach (var version in vDisk.Versions)
            {
                if (_store.DeleteImage(version.Image) is { } fault)
                    return new ErroredCommandResponse(
                        $"vDisk {vDisk.Name} is removed, but its image is not deleted: {fault}"
                    );
            }
            return new CommandResponse($"vDisk {vDisk.Name} removed");
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
                ("in use by", v.Users.Count > 0 ? string.Join(' ', v.Users) : "-"),
            ])
            + "\n\n"
            + Table.Of(
                ["VERSION", "SIZE", "KERNEL", "ADDED (UTC)", "SHA-256", "VERIFIED"],
                v.Versions.Select(n =>
                    (IReadOnlyList<string>)
                        [
                            $"{n.Number}",
                            Size(n.SizeBytes),
                            n.Kernel ? "yes" : "no",
                            Clock.Text(n.AddedAt),
                            n.Sha256,
                            n.Verified ?? "-",
                        ]
                )
            );

        private static string? Optional(CommandArguments a, string name) => a.ArgumentValues(name).FirstOrDefault();

        private static string Size(long bytes) =>
            bytes >= 1 << 30
                ? string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 30):0.0} GiB")
                : string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 20):0.0} MiB");

        /// <summary>Says how far an import is, a line every ten per cent.</summary>
        private sealed class Reporter(string name, IActorRef asker) : IProgress<int>
        {
            private int _said = -1;

            public void Report(int value)
            {
                var step = value / PercentPerLine;
                if (Interlocked.Exchange(ref _said, step) < step)
                    asker.Tell(
                        new CommandResponse($"importing {name}: {step * PercentPerLine} %", final: false),
                        ActorRefs.NoSender
                    );
            }
        }
    }
}
