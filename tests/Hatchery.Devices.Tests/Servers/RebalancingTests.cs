using Hatchery.Disks;
using Hatchery.Wire;

namespace Hatchery.Devices.Tests;

public sealed class RebalancingTests
{
    private static readonly LayerId s_image = new(Guid.NewGuid());
    private static readonly VDiskId s_vDisk = new(Guid.NewGuid());
    private static readonly SiteId s_hall = new(Guid.NewGuid());
    private static readonly CollectionId s_inHall = new(Guid.NewGuid());

    private readonly FarmView _view = new();
    private readonly Dictionary<string, KnownServer> _servers = new(StringComparer.Ordinal);
    private readonly Dictionary<DeviceId, long> _events = [];
    private int _devices;

    public RebalancingTests()
    {
        var vDisk = PersistenceIds.Of(s_vDisk);
        _view.Apply(vDisk, 1, new VDiskCreated("disk", default));
        _view.Apply(vDisk, 2, new VersionAdded(1, s_image, 1, "", true, null, default));
        _view.Apply(PersistenceIds.Policy, 1, new SiteCreated(s_hall, "hall", default));
        _view.Apply(PersistenceIds.Policy, 2, new CollectionCreated(s_inHall, "in-hall", s_hall, default));
    }

    [Fact]
    public void Devices_move_from_the_most_loaded_server_until_all_are_alike_and_then_none()
    {
        Serve("alpha", 7);
        Serve("beta", 2);
        Serve("gamma", 0);
        var moves = Plan();
        Assert.Equal(4, moves.Count);
        Assert.All(moves, m => Assert.Equal("alpha", m.From));
        Assert.Equal((1, 3), (moves.Count(m => m.To == "beta"), moves.Count(m => m.To == "gamma")));
        Assert.Equal(moves, Plan());
        Carry(moves);
        Assert.Empty(Plan());
    }

    [Fact]
    public void Load_is_what_a_server_has_of_what_it_can_have()
    {
        Serve("large", 6, devicesMax: 300);
        Serve("small", 3, devicesMax: 100);
        var moves = Plan();
        Assert.Equal(("small", "large"), (Assert.Single(moves).From, moves[0].To));
    }

    [Fact]
    public void Only_to_servers_that_can_take_the_next_boot_and_not_from_those_that_drain()
    {
        Serve("alpha", 6);
        Serve("bare", 0, images: []);
        Serve("silent", 0, state: ServerState.Silent);
        Serve("draining", 4, isDraining: true);
        Assert.Empty(Plan());
    }

    [Fact]
    public void Device_goes_to_a_server_of_its_site_and_never_from_there_to_another_site()
    {
        Serve("here", 2);
        Serve("hall", 9, site: "hall", collection: s_inHall);
        Assert.Empty(Plan());
        Serve("here", 3, collection: s_inHall);
        var moves = Plan();
        Assert.Equal(3, moves.Count);
        Assert.All(moves, m => Assert.Equal(("here", "hall"), (m.From, m.To)));
    }

    [Fact]
    public void Device_that_is_off_or_has_no_vDisk_is_left_where_it_was()
    {
        Serve("beta", 0);
        foreach (var device in Serve("alpha", 4))
            Happen(device, new PhaseChanged(DevicePhase.Off, default));
        Assert.Empty(Plan());
        foreach (var device in Serve("alpha", 4))
            Happen(device, new VDiskUnassigned(default));
        Assert.Empty(Plan());
    }

    [Fact]
    public void Boot_ends_the_placement_wherever_it_goes()
    {
        Serve("beta", 0);
        Serve("alpha", 2);
        var move = Assert.Single(Plan());
        Carry([move]);
        Assert.Equal("beta", _view.Current.Device(move.Device.Id)!.Placement);
        Boot(move.Device.Id, "alpha");
        Assert.Null(_view.Current.Device(move.Device.Id)!.Placement);
        Assert.Single(Plan());
    }

    private IReadOnlyList<PlannedMove> Plan() => Rebalancing.Plan(_view.Current, [.. _servers.Values], default);

    private void Carry(IEnumerable<PlannedMove> moves)
    {
        foreach (var move in moves)
            Happen(move.Device.Id, new DevicePlaced(move.To, default));
    }

    /// <summary>So many more devices run at a server.</summary>
    private DeviceId[] Serve(
        string server,
        int devices,
        string site = ServerStatus.DefaultSite,
        CollectionId collection = default,
        int devicesMax = 100,
        LayerId[]? images = null,
        ServerState state = ServerState.Up,
        bool isDraining = false
    )
    {
        _servers.TryAdd(
            server,
            new(
                new(
                    server,
                    "10.77.0.1",
                    3260,
                    10809,
                    8069,
                    69,
                    0,
                    devicesMax,
                    [.. images ?? [s_image]],
                    default,
                    0,
                    Site: site
                ),
                false,
                state,
                isDraining,
                default
            )
        );
        return [.. Enumerable.Range(0, devices).Select(_ => Add(server, collection))];
    }

    private DeviceId Add(string server, CollectionId collection)
    {
        var device = new DeviceId(Guid.NewGuid());
        var number = ++_devices;
        Happen(
            device,
            new DeviceAdded($"pc{number}", [new MacAddress(0x525400000000 + (ulong)number)], null, default, collection)
        );
        Happen(device, new VDiskAssigned(s_vDisk, BootTransport.San, default));
        Boot(device, server);
        return device;
    }

    private void Boot(DeviceId device, string server) =>
        Happen(
            device,
            new BootStarted(new(Guid.NewGuid()), s_vDisk, 1, s_image, new(Guid.NewGuid()), new(1), server, default)
        );

    private void Happen(DeviceId device, IDeviceEvent happened) =>
        _view.Apply(PersistenceIds.Of(device), _events[device] = _events.GetValueOrDefault(device) + 1, happened);
}
