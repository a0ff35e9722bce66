using Akka.Actor;
using Hatchery.Devices;
using Hatchery.Disks;
using Petabridge.Cmd;
using Petabridge.Cmd.Host;

namespace Hatchery.Operations;

/// <summary>`pbm store`: what lies on this server's disks, and how much room there is.</summary>
public sealed class StoreCommands(Farm farm, Store store) : CommandPaletteHandler(StorePalette.Palette)
{
    public override Props HandlerProps => Props.Create(() => new Handler(Palette, farm, store));

    private sealed class Handler : OperatorCommandHandler
    {
        public Handler(CommandPalette palette, Farm farm, Store store)
            : base(palette) =>
            // It opens every cache's files: work for a thread of its own.
            Process("show", a => Task.Run(() => Show(farm, store, a)));

        private static CommandResponse Show(Farm farm, Store store, CommandArguments a) =>
            a.Print(Show(farm, store), StoreJson.Default.StoreRow, Describe);

        private static StoreRow Show(Farm farm, Store store)
        {
            var (usage, open) = (store.Usage, store.OpenCaches);
            return new(
                store.RootPath,
                store.Loss is null ? CacheRow.NameOf(usage.Level)! : "lost",
                usage.FreeBytes,
                usage.Limits.ReserveBytes,
                usage.CachesBytes,
                usage.Limits.CachesMaxBytes,
                usage.OpenFiles,
                usage.Limits.OpenFilesMax,
                usage.IndexMemoryBytes,
                usage.Limits.IndexMemoryMaxBytes,
                [
                    .. store
                        .ListCaches()
                        .Select(c => CacheRow.Of(c, farm.View.Current, open))
                        .OrderByDescending(c => c.FileBytes),
                ],
                store.Loss?.Detail
            );
        }

        private static string Describe(StoreRow s)
        {
            var head = Table.Of([
                ("folder", s.Folder),
                ("state", s.Loss is null ? s.State : $"{s.State}: {s.Loss}"),
                ("free", $"{Sizes.Text(s.FreeBytes)}, of which {Sizes.Text(s.ReserveBytes)} are kept back"),
                ("write caches", Sizes.Text(s.WriteCachesBytes, s.WriteCachesMaxBytes)),
                ("open files", $"{s.OpenFiles} of {s.OpenFilesMax}"),
                ("index memory", Sizes.Text(s.IndexMemoryBytes, s.IndexMemoryMaxBytes)),
            ]);
            return s.WriteCaches.Count == 0
                ? head
                : head
                    + "\n\n"
                    + Table.Of(
                        ["DEVICE", "STATE", "LEVEL", "HOLDS", "FILES", "CHANGED (UTC)", "LAYER"],
                        s.WriteCaches.Select(c =>
                            (IReadOnlyList<string>)
                                [
                                    c.Device ?? "-",
                                    c.Fault is null ? c.State : "damaged",
                                    c.Level ?? "-",
                                    c.LiveBytes is { } live ? Sizes.Text(live, c.LimitBytes ?? 0) : "-",
                                    Sizes.Text(c.FileBytes),
                                    Clock.Text(c.ChangedAt),
                                    c.Layer,
                                ]
                        )
                    )
                    + string.Concat(s.WriteCaches.Where(c => c.Fault is not null).Select(c => $"\n{c.Fault}"));
        }
    }
}
