using Hatchery.Devices;
using Hatchery.Devices.Tests;
using Hatchery.Disks;
using Hatchery.Mirroring;
using Hatchery.Testing;

namespace Hatchery.Streaming.Tests;

public sealed class SessionMoverTests : IAsyncDisposable
{
    private const int MovesMax = 2;

    private readonly ManualTime _time = new();
    private readonly FarmView _view = new();
    private readonly List<Open> _open = [];
    private readonly List<SessionMove> _moves = [];
    private readonly Dictionary<string, KnownServer> _servers = new(StringComparer.Ordinal);
    private readonly Dictionary<DeviceId, long> _events = [];
    private readonly SessionMover _mover;

    public SessionMoverTests()
    {
        foreach (var name in (string[])["one", "two", "three"])
            _servers[name] = FarmFixture.Server(name);
        _mover = new(() => _open, _view, () => [.. _servers.Values], _moves.Add, MovesMax, _time);
    }

    public ValueTask DisposeAsync() => _mover.DisposeAsync();

    [Fact]
    public void Nothing_moves_that_is_where_it_is_to_be()
    {
        var open = Add("one", "two");
        Assert.Equal(0, Looks(3));
        Assert.Empty(_moves);
        Assert.Equal("without , at ", open.Wanted);
    }

    [Fact]
    public void From_a_server_that_drains_each_device_goes_when_another_has_a_copy_and_that_was_seen_twice()
    {
        var alone = Add("one");
        var mirrored = Add("one", "two");
        Drain("one");
        Assert.Equal(1, _mover.Look());
        Assert.Empty(_moves);
        Assert.Equal(1, _mover.Look());
        Assert.Equal(new SessionMove(mirrored.Row.Device, new(1), "two"), Assert.Single(_moves));
        Assert.Equal("without one, at ", alone.Wanted);

        alone.Row = alone.Row with { Members = ["one", "three"] };
        Reopen(mirrored, "two");
        Looks(2);
        Assert.Equal(new SessionMove(alone.Row.Device, new(1), "three"), _moves[1]);
        Reopen(alone, "three");
        Assert.Equal(0, _mover.Look());
        Assert.Equal(2, _moves.Count);
    }

    [Fact]
    public void No_more_are_on_their_way_at_once_than_may_be_and_who_never_comes_is_not_waited_for()
    {
        for (var i = 0; i < MovesMax + 2; i++)
            Add("one", "two");
        Drain("one");
        Looks(5);
        Assert.Equal(MovesMax, _moves.Count);
        Reopen(_open.Single(o => o.Row.Device == _moves[0].Device), "two");
        Looks(5);
        Assert.Equal(MovesMax + 1, _moves.Count);
        foreach (var move in _moves)
            _open.RemoveAll(o => o.Row.Device == move.Device);
        _time.Advance(SessionMover.Patience);
        Looks(1);
        Assert.Equal(MovesMax + 2, _moves.Count);
    }

    [Fact]
    public void A_device_that_came_back_rests_before_it_is_sent_again()
    {
        var open = Add("one", "two");
        Drain("one");
        Looks(2);
        open.Row = open.Row with { Epoch = new(2) };
        Looks(5);
        Assert.Single(_moves);
        _time.Advance(SessionMover.Rest);
        Looks(2);
        Assert.Equal(new Epoch(2), _moves[1].Epoch);
    }

    [Fact]
    public void A_server_that_a_device_was_given_gets_a_copy_for_it_and_then_the_device()
    {
        var open = Add("one", "two");
        Happened(open.Row.Device, new DevicePlaced("three", default));
        Looks(2);
        Assert.Equal("without , at three", open.Wanted);
        Assert.Empty(_moves);
        _servers["three"] = _servers["three"] with { State = ServerState.Silent };
        Looks(1);
        Assert.Equal("without , at ", open.Wanted);
        _servers["three"] = _servers["three"] with { State = ServerState.Up };
        open.Row = open.Row with { Members = ["one", "two", "three"] };
        Looks(2);
        Assert.Equal("three", Assert.Single(_moves).Server);
    }

    [Fact]
    public void A_device_whose_firmware_still_has_its_disk_is_not_moved()
    {
        var open = Add("one", "two");
        Happened(open.Row.Device, new PhaseChanged(DevicePhase.SessionOpen, default));
        Drain("one");
        Looks(5);
        Assert.Empty(_moves);
        Happened(open.Row.Device, new PhaseChanged(DevicePhase.Running, default));
        Looks(2);
        Assert.Single(_moves);
    }

    [Fact]
    public void Of_what_is_open_without_its_machine_copies_are_seen_to_and_nobody_is_sent()
    {
        var open = Add("one", "two");
        Happened(open.Row.Device, new PhaseChanged(DevicePhase.Off, default));
        Drain("one");
        Assert.Equal(0, Looks(5));
        Assert.Equal("without one, at ", open.Wanted);
        Assert.Empty(_moves);
    }

    [Fact]
    public async Task A_server_that_is_stopped_waits_for_those_that_can_go_and_no_longer_than_it_may()
    {
        var (goes, stays, alone) = (Add("one", "two"), Add("one", "two"), Add("one"));
        _servers["one"] = _servers["one"] with { IsDraining = true };
        var leaving = _mover.LeaveAsync(TimeSpan.FromSeconds(2));
        await PassAsync(() => _moves.Count == 2);
        Reopen(goes, "two");
        Assert.False(leaving.IsCompleted);
        await PassAsync(() => leaving.IsCompleted);
        await leaving;
        Assert.Contains(stays, _open);
        Assert.Null(alone.Wanted);
    }

    private async Task PassAsync(Func<bool> until) =>
        await Eventually.TrueAsync(() =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            return until();
        });

    private int Looks(int count)
    {
        var left = 0;
        for (var i = 0; i < count; i++)
            left = _mover.Look();
        return left;
    }

    private void Drain(string server) => _servers[server] = _servers[server] with { IsDraining = true };

    /// <summary>A device that runs here.</summary>
    private Open Add(params string[] members)
    {
        var device = new DeviceId(Guid.NewGuid());
        var row = new SessionRow(
            device,
            3,
            new(1),
            SessionPhase.Open,
            default,
            "one",
            [.. members],
            [default, new(Guid.NewGuid())]
        );
        Happened(device, new DeviceAdded($"pc{_events.Count}", [], null, default));
        Happened(device, new BootStarted(default, default, 1, default, default, row.Epoch, "one", default));
        Happened(device, new PhaseChanged(DevicePhase.Running, default));
        _open.Add(new(row));
        return _open[^1];
    }

    /// <summary>Its session here has ended, and the device goes on elsewhere.</summary>
    private void Reopen(Open open, string server)
    {
        _open.Remove(open);
        Happened(open.Row.Device, new SessionReopened(open.Row.Epoch.Next(), server, default));
    }

    private void Happened(DeviceId device, IDeviceEvent happened) =>
        _view.Apply(PersistenceIds.Of(device), _events[device] = _events.GetValueOrDefault(device) + 1, happened);

    private sealed class Open(SessionRow row) : IMirroredCopies
    {
        public SessionRow Row { get; set; } = row;

        public bool IsJoining => false;

        public string? Wanted { get; private set; }

        public void Want(IReadOnlySet<string> unwanted, string? target) =>
            Wanted = $"without {string.Join(' ', unwanted)}, at {target}";
    }
}
