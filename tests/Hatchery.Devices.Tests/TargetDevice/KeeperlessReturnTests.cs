using Hatchery.Disks;
using Hatchery.Mirroring;
using Hatchery.Testing;

namespace Hatchery.Devices.Tests;

/// <summary>Device pc07 runs from server one, which dies with its keeper; server two has a copy of its write cache.</summary>
public sealed class KeeperlessReturnTests : IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private FarmFixture _farm = null!;
    private DeviceId _device;
    private SessionRow _row = null!;
    private Standstill? _standstill;
    private string? _keeperAt;

    public async Task InitializeAsync()
    {
        _farm = await FarmFixture.StartAsync();
        (_device, _) = await _farm.AddDeviceWithVDiskAsync();
        var grant = (SessionGrant)await _farm.AskAsync(new OpenSession(_device, _farm.Nonce(_device), "one"));
        await _farm.AskAsync(new ConfirmSession(_device, grant.Epoch, "one"));
        await _farm.AskAsync(new AddMember(_device, grant.Epoch, grant.Revision + 1, "two"));
        _row = await RowAsync();
        _farm.Know("one", "two", "three");
    }

    public async Task DisposeAsync()
    {
        _standstill?.Dispose();
        await _farm.DisposeAsync();
    }

    [Fact]
    public async Task Member_raises_the_epoch_in_the_row_and_the_keeper_learns_of_it_by_the_first_report()
    {
        var grant = Assert.IsType<SessionGrant>(await TryAsync("two"));
        Assert.Equal(
            (_row.Epoch.Next(), _row.Cache, false, _row.Revision + 1),
            (grant.Epoch, grant.Cache, grant.IsNewBoot, grant.Revision)
        );
        Assert.Equal((SessionPhase.Opening, "two"), await StateOfRowAsync());
        Assert.Equal((_row.Epoch, "one"), Known());

        Assert.IsType<Reply.Done>(await _farm.AskAsync(new ReportPhase(_device, grant.Epoch, DevicePhase.Running)));
        Assert.Equal((grant.Epoch, "two"), Known());
        Assert.Equal(DevicePhase.Running, _farm.Farm.View.Current.Device(_device)!.Phase);
        // It says nothing of another epoch, and a report that comes twice nothing new.
        Assert.IsType<Reply.Done>(await _farm.AskAsync(new ReportPhase(_device, new(9), DevicePhase.Off)));
        Assert.Equal(DevicePhase.Running, _farm.Farm.View.Current.Device(_device)!.Phase);
        await _farm.StartAgainAsync();
        Assert.Equal((grant.Epoch, "two"), Known());
    }

    [Fact]
    public async Task Keeper_that_is_asked_before_it_is_told_goes_by_the_row()
    {
        var grant = (SessionGrant)(await TryAsync("two"))!;
        Assert.IsType<MemberChoice>(await _farm.AskAsync(new ChooseMember(_device, grant.Epoch, [])));
        var next = (SessionGrant)await _farm.AskAsync(new OpenSession(_device, _row.Boot, "one", Seen: grant.Epoch));
        Assert.Equal(grant.Epoch.Next(), next.Epoch);
    }

    [Fact]
    public async Task Keeper_that_is_slow_does_not_carry_out_what_was_asked_before_the_member_went_on()
    {
        var late = new OpenSession(_device, _row.Boot, "two", Seen: _row.Epoch);
        await TryAsync("two");
        var row = await RowAsync();
        Assert.IsType<Reply.Refused>(await _farm.AskAsync(late));
        Assert.IsType<Reply.Refused>(await _farm.AskAsync(late with { Server = "one" }));
        Assert.Equal(row.Revision, (await RowAsync()).Revision);
    }

    [Fact]
    public async Task Of_two_members_at_once_one_goes_on()
    {
        var answers = await Task.WhenAll(TryAsync("one"), TryAsync("two"));
        var grants = answers.OfType<SessionGrant>().ToArray();
        // Both when the second one came late enough to find the epoch of the first.
        Assert.Equal(grants.Length, grants.DistinctBy(g => g.Epoch).Count());
        Assert.Equal(grants.Max(g => g.Epoch.Value), (await RowAsync()).Epoch.Value);
    }

    [Fact]
    public async Task Row_that_has_changed_since_it_was_read_is_left_as_it_is()
    {
        var rows = new InterruptedRows(
            Directory(),
            () => _farm.AskAsync(new OpenSession(_device, _farm.Nonce(_device), "three"))
        );
        _farm.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(await TryAsync("two", rows: rows));
        Assert.Equal((SessionPhase.Booting, "three"), await StateOfRowAsync());
    }

    [Fact]
    public async Task Any_other_server_sends_the_device_to_the_members_one_after_the_other()
    {
        var returns = new DeviceReturns(_time);
        string[] sent =
        [
            ((Reply.Elsewhere)(await TryAsync("three", returns: returns))!).Server!,
            ((Reply.Elsewhere)(await TryAsync("three", returns: returns))!).Server!,
        ];
        Assert.Equal(["one", "two"], sent.Order());
        Assert.Equal(_row.Revision, (await RowAsync()).Revision);
    }

    [Fact]
    public async Task Member_that_hears_the_streamer_sends_the_device_there()
    {
        var answer = await Return().TryAsync(Login("two") with { HearsStreamer = true }, new(_time));
        Assert.Equal("one", Assert.IsType<Reply.Elsewhere>(answer).Server);
    }

    [Fact]
    public async Task Boot_of_another_nonce_waits_for_its_keeper()
    {
        var newer = _farm.Nonce(_device);
        _farm.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(await TryAsync("two", newer));
        var next = (SessionGrant)await _farm.AskAsync(new OpenSession(_device, _farm.Nonce(_device), "two"));
        Assert.Null(await TryAsync("two", _row.Boot));
        // Nobody has had its disk yet.
        Assert.Null(await TryAsync("two", next.Boot));
        Assert.Equal((next.Epoch, next.Boot), ((await RowAsync()).Epoch, (await RowAsync()).Boot));
    }

    [Fact]
    public async Task Device_that_is_held_to_be_off_waits_for_its_keeper()
    {
        await _farm.AskAsync(new ReportPhase(_device, _row.Epoch, DevicePhase.Off));
        Assert.Null(await TryAsync("two"));
    }

    [Fact]
    public async Task Without_a_row_or_a_nonce_or_a_database_that_answers_the_keeper_is_waited_for()
    {
        Assert.Null(await Return().TryAsync(Login("two") with { Boot = null }, new(_time)));
        Assert.Null(await TryAsync("two", rows: new SilentRows()));
        await _farm.Farm.Services.Sessions.RemoveAsync(_device);
        Assert.Null(await TryAsync("two"));
    }

    [Fact]
    public async Task Server_that_stood_still_does_not_go_on_by_itself_and_neither_does_the_keepers_own()
    {
        _standstill = new(new SleepyTime(_time));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(await TryAsync("two"));
        Assert.Equal(_row.Revision, (await RowAsync()).Revision);
    }

    [Fact]
    public void Keeper_is_gone_with_a_streamer_that_is_not_heard_and_with_a_server_that_is_silent()
    {
        bool IsGone(string? keeper, bool hears = false)
        {
            _keeperAt = keeper;
            return Return().IsGone(_row, Login("two") with { HearsStreamer = hears });
        }
        Assert.True(IsGone("one"));
        Assert.False(IsGone("one", hears: true));
        Assert.False(IsGone("two"));
        Assert.False(IsGone("three"));
        Assert.False(IsGone(null));
        _farm.Farm.Services.Servers = () => [FarmFixture.Server("three") with { State = ServerState.Silent }];
        Assert.True(IsGone("three", hears: true));
    }

    private OpenSession Login(string server, BootId? boot = null) => new(_device, boot ?? _row.Boot, server);

    private Task<Reply?> TryAsync(
        string server,
        BootId? boot = null,
        ISessionDirectory? rows = null,
        DeviceReturns? returns = null
    ) => Return(rows).TryAsync(Login(server, boot), returns ?? new(_time));

    private KeeperlessReturn Return(ISessionDirectory? rows = null) =>
        new(
            rows ?? Directory(),
            _farm.Farm.View,
            _farm.Farm.Services.Servers,
            _ => _keeperAt,
            TimeSpan.FromSeconds(30),
            _standstill
        );

    private SessionDirectory Directory() =>
        new(_farm.Farm.Services.Sessions, () => _farm.Farm.Devices, _farm.Farm.Services.Servers, _time);

    private async Task<SessionRow> RowAsync() => (await _farm.Farm.Services.Sessions.ReadAsync(_device))!;

    private async Task<(SessionPhase, string)> StateOfRowAsync() =>
        await RowAsync() is var row ? (row.Phase, row.Streamer) : default;

    private (Epoch, string) Known() =>
        _farm.Farm.View.Current.Device(_device)!.Boot is { } b ? (b.Epoch, b.Server) : default;

    private class SilentRows : ISessionDirectory
    {
        public virtual Task<RowAnswer> SwapAsync(SessionRow row) => Task.FromResult<RowAnswer>(new RowAnswer.Unknown());

        public virtual Task<RowAnswer> ReadAsync(DeviceId device) =>
            Task.FromResult<RowAnswer>(new RowAnswer.Unknown());

        public bool HasRoomAt(string server) => throw new NotSupportedException();

        public Task<string?> ChooseMemberAsync(DeviceId device, Epoch epoch, IReadOnlyCollection<string> except) =>
            throw new NotSupportedException();

        public Task<RowAnswer> AddMemberAsync(DeviceId device, Epoch epoch, string server, long revision) =>
            throw new NotSupportedException();
    }

    /// <summary>Something happens between reading the row and swapping it.</summary>
    private sealed class InterruptedRows(ISessionDirectory rows, Func<Task> happens) : SilentRows
    {
        public override Task<RowAnswer> ReadAsync(DeviceId device) => rows.ReadAsync(device);

        public override async Task<RowAnswer> SwapAsync(SessionRow row)
        {
            await happens();
            return await rows.SwapAsync(row);
        }
    }
}
