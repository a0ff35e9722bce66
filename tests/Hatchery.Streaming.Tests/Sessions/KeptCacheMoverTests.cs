using Hatchery.Devices;
using Hatchery.Devices.Tests;
using Hatchery.Disks;
using Hatchery.Mirroring;

namespace Hatchery.Streaming.Tests;

/// <summary>At server one, of a farm with one, two and three; machines that are off keep what they wrote.</summary>
public sealed class KeptCacheMoverTests : IAsyncLifetime
{
    private const int AtOnce = 2;
    private static readonly TimeSpan s_goneAfter = TimeSpan.FromMinutes(15);

    private readonly List<Open> _open = [];
    private readonly List<IDeviceSessionMessage> _told = [];
    private readonly Dictionary<string, KnownServer> _servers = new(StringComparer.Ordinal);
    private FarmFixture _farm = null!;
    private KeptCacheMover _mover = null!;
    private VDiskId _vDisk;
    private DeviceId _device;
    private int _added;

    private SessionTable Rows => _farm.Farm.Services.Sessions;

    private IEnumerable<SessionGrant> Grants => _told.OfType<UnattendedSession>().Select(u => u.Grant);

    public async Task InitializeAsync()
    {
        _farm = await FarmFixture.StartAsync();
        (_device, _vDisk) = await _farm.AddDeviceWithVDiskAsync();
        var image = _farm.Farm.View.Current.VDisk(_vDisk)!.Versions[0].Image;
        foreach (var name in (string[])["one", "two", "three"])
            _servers[name] = FarmFixture.Server(name, image);
        _farm.Farm.Services.Servers = () => [.. _servers.Values];
        _mover = new(
            "one",
            () => Rows.HeldByAsync("one"),
            new SessionDirectory(Rows, () => _farm.Farm.Devices, () => [.. _servers.Values], _farm.Time),
            () => _open,
            _farm.Farm.View,
            () => [.. _servers.Values],
            _told.Add,
            new(Copies: 2, AtOnce, s_goneAfter),
            _farm.Time,
            _farm.Time
        );
    }

    public async Task DisposeAsync()
    {
        await _mover.DisposeAsync();
        await _farm.DisposeAsync();
    }

    [Fact]
    public async Task What_lies_at_one_server_alone_is_opened_without_its_machine_until_another_has_it()
    {
        var before = await KeepAsync(_device, "one");
        await _mover.LookAsync();
        var grant = Assert.Single(Grants);
        Assert.Equal(
            (before.Boot, before.Epoch.Next(), before.Cache, false, false),
            (grant.Boot, grant.Epoch, grant.Cache, grant.IsNewBoot, grant.MakesCache)
        );
        Assert.Equal(SessionPhase.Opening, (await Rows.ReadAsync(_device))!.Phase);
        await _mover.LookAsync();
        Opens(grant, "one");
        await LookAgainAsync(3);
        Assert.Single(_told);
        _open[0].Row = _open[0].Row with { Members = ["one", "two"] };
        await _mover.LookAsync();
        Assert.Equal(new UnattendedEnd(_device, grant.Epoch), _told[1]);
    }

    [Fact]
    public async Task What_is_not_kept_or_has_its_copies_or_runs_or_is_another_servers_to_open_is_left_alone()
    {
        await KeepAsync(_device, "one", "two");
        await KeepAsync(await AddAsync(DiskMode.Standard), "one");
        var running = await AddAsync(DiskMode.Differencing);
        var boot = await KeepAsync(running, "one");
        await _farm.AskAsync(new ReportPhase(running, boot.Epoch, DevicePhase.Lost));
        await KeepAsync(await AddAsync(DiskMode.Differencing), "two");
        await LookAgainAsync(3);
        Assert.Empty(_told);
    }

    [Fact]
    public async Task From_a_server_that_drains_it_leaves_when_two_others_have_it()
    {
        _servers["two"] = _servers["two"] with { IsDraining = true };
        await KeepAsync(_device, "one", "two");
        await _mover.LookAsync();
        var grant = Assert.Single(Grants);
        Opens(grant, "one", "two");
        _open[0].Row = _open[0].Row with { Members = ["one", "two", "three"] };
        await LookAgainAsync(2);
        Assert.Single(_told);
        _open[0].Row = _open[0].Row with { Members = ["one", "three"] };
        await _mover.LookAsync();
        Assert.IsType<UnattendedEnd>(_told[1]);
    }

    [Fact]
    public async Task Copy_at_a_server_that_is_away_counts_until_that_is_gone()
    {
        await KeepAsync(_device, "one", "two");
        _servers.Remove("two");
        await LookAgainAsync(2);
        _farm.Time.Advance(s_goneAfter / 2);
        await LookAgainAsync(1);
        Assert.Empty(_told);
        _farm.Time.Advance(s_goneAfter / 2);
        await _mover.LookAsync();
        Assert.Single(Grants);
    }

    [Fact]
    public async Task No_more_are_open_at_once_than_may_be()
    {
        await KeepAsync(_device, "one");
        for (var i = 0; i < AtOnce; i++)
            await KeepAsync(await AddAsync(DiskMode.Differencing), "one");
        await LookAgainAsync(2);
        Assert.Equal(AtOnce, Grants.Count());
        var first = Grants.First();
        Opens(first, "one", "two");
        Opens(Grants.Last(), "one");
        _open[1].IsJoining = true;
        await LookAgainAsync((int)(KeptCacheMover.ReadInterval / KeptCacheMover.Interval) + 1);
        Assert.Equal((AtOnce + 1, 1), (Grants.Count(), _told.OfType<UnattendedEnd>().Count()));
    }

    [Fact]
    public async Task What_gets_no_copy_is_closed_and_tried_again_after_a_rest()
    {
        await KeepAsync(_device, "one");
        await _mover.LookAsync();
        Opens(Grants.First(), "one");
        _open[0].IsJoining = true;
        await LookAgainAsync((int)(KeptCacheMover.Patience / KeptCacheMover.Interval) * 2);
        Assert.Single(_told);
        _open[0].IsJoining = false;
        _farm.Time.Advance(KeptCacheMover.Patience);
        await _mover.LookAsync();
        Assert.IsType<UnattendedEnd>(_told[1]);
        _open.Clear();
        await OpenedAsync("one");
        _farm.Time.Advance(KeptCacheMover.Rest / 2);
        await _mover.LookAsync();
        Assert.Equal(2, _told.Count);
        _farm.Time.Advance(KeptCacheMover.Rest / 2);
        await LookAgainAsync(1);
        Assert.Equal(2, Grants.Count());
    }

    [Fact]
    public async Task Machine_that_boots_meanwhile_has_its_write_cache_at_once_and_nobody_opens_it_again()
    {
        await KeepAsync(_device, "one");
        await _mover.LookAsync();
        var unattended = Assert.Single(Grants);
        Opens(unattended, "one");
        await LookAgainAsync(1);
        var boot = Assert.IsType<SessionGrant>(
            await _farm.AskAsync(new OpenSession(_device, _farm.Nonce(_device), "one"))
        );
        Assert.Equal((unattended.Cache, unattended.Epoch.Next(), true), (boot.Cache, boot.Epoch, boot.IsCacheKept));
        _open.Clear();
        await LookAgainAsync(3);
        _farm.Time.Advance(KeptCacheMover.Settled);
        await LookAgainAsync(3);
        Assert.Single(Grants);
    }

    [Fact]
    public async Task Row_that_changed_since_it_was_read_is_left_alone()
    {
        var row = await KeepAsync(_device, "one");
        var mover = new KeptCacheMover(
            "one",
            async () =>
            {
                var rows = await Rows.HeldByAsync("one");
                // Just now another server opens it.
                await Rows.SwapAsync(SessionRules.Reopen(row, row.Epoch, "one")!);
                return rows;
            },
            new SessionDirectory(Rows, () => _farm.Farm.Devices, () => [.. _servers.Values], _farm.Time),
            () => _open,
            _farm.Farm.View,
            () => [.. _servers.Values],
            _told.Add,
            new(Copies: 2, AtOnce, s_goneAfter),
            _farm.Time,
            _farm.Time
        );
        await mover.LookAsync();
        await mover.DisposeAsync();
        Assert.Empty(_told);
        // What is being opened is left alone until that has taken too long.
        await LookAgainAsync(2);
        Assert.Empty(_told);
        _farm.Time.Advance(KeptCacheMover.Settled);
        await _mover.LookAsync();
        Assert.Single(Grants);
    }

    private async Task LookAgainAsync(int times)
    {
        for (var i = 0; i < times; i++)
        {
            _farm.Time.Advance(KeptCacheMover.Interval);
            await _mover.LookAsync();
        }
    }

    private async Task<DeviceId> AddAsync(DiskMode mode)
    {
        var name = $"pc{++_added}";
        Assert.IsType<Reply.Done>(
            await _farm.Devices.AddAsync(name, [Wire.MacAddress.Parse($"52:54:00:77:01:{_added:x2}")])
        );
        var device = _farm.Farm.View.Current.Device(name)!.Id;
        await _farm.Devices.AssignAsync(device, new(_vDisk, BootTransport.San, mode));
        return device;
    }

    /// <summary>It has booted, its write cache lies there, and it is off.</summary>
    private async Task<SessionRow> KeepAsync(DeviceId device, params string[] members)
    {
        if (device == _device)
            await _farm.Devices.AssignAsync(device, new(_vDisk, BootTransport.San, DiskMode.Differencing));
        var grant = Assert.IsType<SessionGrant>(
            await _farm.AskAsync(new OpenSession(device, _farm.Nonce(device), members[0]))
        );
        await _farm.AskAsync(new ConfirmSession(device, grant.Epoch, members[0]));
        var row = (await Rows.ReadAsync(device))!;
        if (members.Length > 1)
            row = (await Rows.SwapAsync(row with { Members = [.. members] }))!;
        await _farm.AskAsync(new ReportPhase(device, grant.Epoch, DevicePhase.Running));
        await _farm.AskAsync(new ReportPhase(device, grant.Epoch, DevicePhase.Off));
        return row;
    }

    /// <summary>As this server's sessions open it.</summary>
    private void Opens(SessionGrant grant, params string[] members) =>
        _open.Add(new(grant.RowAt("one") with { Phase = SessionPhase.Open, Members = [.. members] }));

    private async Task OpenedAsync(params string[] members)
    {
        var row = (await Rows.ReadAsync(_device))!;
        await Rows.SwapAsync(SessionRules.Opened(row, members));
    }

    private sealed class Open(SessionRow row) : IMirroredCopies
    {
        public SessionRow Row { get; set; } = row;

        public bool IsJoining { get; set; }

        public void Want(IReadOnlySet<string> unwanted, string? target) { }
    }
}
