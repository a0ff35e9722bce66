using Akka.Actor;
using Hatchery.Boot;
using Hatchery.Boot.Dhcp;
using Hatchery.Devices;
using Hatchery.Disks;
using Petabridge.Cmd;
using Petabridge.Cmd.Host;

namespace Hatchery.Operations;

/// <summary>`pbm boot`: machines on their way.</summary>
public sealed class BootCommands(
    Farm farm,
    TimelineLog timeline,
    ILeaseStore leases,
    BootStatistics statistics,
    TimeProvider time
) : CommandPaletteHandler(BootPalette.Palette)
{
    /// <summary>More would not fit an answer.</summary>
    private const int LeasesMax = 20_000;

    public override Props HandlerProps =>
        Props.Create(() => new Handler(Palette, farm, timeline, leases, statistics, time));

    private sealed class Handler : OperatorCommandHandler
    {
        private readonly Farm _farm;
        private readonly TimelineLog _timeline;

        private readonly ILeaseStore _leases;
        private readonly TimeProvider _time;

        public Handler(
            CommandPalette palette,
            Farm farm,
            TimelineLog timeline,
            ILeaseStore leases,
            BootStatistics statistics,
            TimeProvider time
        )
            : base(palette)
        {
            (_farm, _timeline, _leases, _time) = (farm, timeline, leases, time);
            Process("watch", (_, a) => Watch(a));
            Process("leases", LeasesAsync);
            Process("stats", a => a.Print(statistics.Read(), BootJson.Default.IReadOnlyListBootCount, BootTables.Of));
        }

        private async Task<CommandResponse> LeasesAsync(CommandArguments a)
        {
            var all = await _leases.ListAsync(0, LeasesMax, CancellationToken.None);
            var now = _time.GetUtcNow();
            IReadOnlyList<LeaseRow> rows = [.. all.Select(l => BootTables.Of(l, now))];
            return a.Print(rows, BootJson.Default.IReadOnlyListLeaseRow, BootTables.Of);
        }

        private void Watch(CommandArguments a)
        {
            if (!a.TryWantsJson(out var isJson, out var wrong) || !TrySelect(a, out var shows, out var past, out wrong))
            {
                Sender.Tell(wrong);
                return;
            }
            var reader = Sender;
            Context.ActorOf(Props.Create(() => new BootWatch(reader, _farm, _timeline, shows, past, isJson)));
        }

        private bool TrySelect(
            CommandArguments a,
            out Predicate<DeviceId> shows,
            out DeviceId? past,
            out ErroredCommandResponse wrong
        )
        {
            (shows, past, wrong) = (_ => true, null, new(""));
            if (a.ArgumentValues("device").FirstOrDefault() is { } wantedDevice)
            {
                if (_farm.View.Current.Device(wantedDevice) is not { } device)
                {
                    wrong = new($"no device {wantedDevice}: see pbm device list");
                    return false;
                }
                past = device.Id;
                shows = id => id == device.Id;
            }
            if (a.ArgumentValues("collection").FirstOrDefault() is { } wantedCollection)
            {
                if (_farm.View.Current.Policy.Collection(wantedCollection) is not { } collection)
                {
                    wrong = new($"no collection {wantedCollection}: see pbm collection list");
                    return false;
                }
                var within = shows;
                shows = id => within(id) && IsIn(collection.Id, id);
            }
            return true;
        }

        private bool IsIn(CollectionId collection, DeviceId device) =>
            _farm.View.Current is var farm
            && farm.Device(device) is { } known
            && farm.CollectionOf(known).Id == collection;
    }
}
