using Akka.Actor;
using Hatchery.Devices;
using Hatchery.Disks;
using Hatchery.Mirroring;
using Hatchery.Testing;

namespace Hatchery.Streaming.Tests;

public sealed class DeviceSessionTests : IAsyncLifetime
{
    private SessionRig _rig = null!;

    public async Task InitializeAsync() => _rig = await SessionRig.StartAsync();

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    [Fact]
    public async Task First_login_with_a_nonce_boots()
    {
        var nonce = _rig.Nonce();
        var session = await _rig.OpenAsync(nonce);
        Assert.Equal(new Epoch(1), session.Epoch);
        Assert.True(Assert.Single(_rig.Disks.Opened).Grant.IsNewBoot);
        Assert.Equal(
            (DevicePhase.SessionOpen, 1, nonce),
            (_rig.State.Phase, _rig.State.BootCount, _rig.State.Boot!.Id)
        );
        await _rig.StepsAsync("session-open");
    }

    [Fact]
    public async Task Operating_systems_login_with_the_same_nonce_shares_the_session()
    {
        var nonce = _rig.Nonce();
        var firmware = await _rig.OpenAsync(nonce);
        var system = await _rig.OpenAsync(nonce);
        Assert.Equal((firmware.Epoch, firmware.Disk), (system.Epoch, system.Disk));
        await _rig.PhaseAsync(DevicePhase.Running);
        await firmware.DisposeAsync();
        await firmware.DisposeAsync();
        Assert.False(system.Ended.IsCancellationRequested);
        await _rig.StepsAsync("session-open", "running");
    }

    [Fact]
    public async Task Newer_nonce_ends_the_old_connections_before_its_disk_is_opened()
    {
        var old = await _rig.OpenAsync(_rig.Nonce());
        var ended = new TaskCompletionSource();
        using var _ = old.Ended.Register(ended.SetResult);
        var newer = _rig.LoginAsync(_rig.Nonce());
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.False(newer.IsCompleted);
        Assert.Single(_rig.Disks.Opened);

        await old.DisposeAsync();
        var granted = Assert.IsType<LoginOutcome.Granted>(await newer);
        Assert.Equal(new Epoch(2), granted.Session.Epoch);
        Assert.False(_rig.Disks.WasEverTwice);
        Assert.Equal(_rig.Disks.Opened.First().Grant.Cache, Assert.Single(_rig.Disks.Aside));
    }

    [Fact]
    public async Task Older_nonce_is_not_authorized()
    {
        var old = _rig.Nonce();
        await (await _rig.OpenAsync(old)).DisposeAsync();
        var current = await _rig.OpenAsync(_rig.Nonce());
        Assert.Equal(LoginRefusal.NotAuthorized, await _rig.RefusalAsync(old));
        Assert.False(current.Ended.IsCancellationRequested);
    }

    [Fact]
    public async Task Session_that_an_operator_cuts_ends_its_connections_and_the_device_comes_back()
    {
        Assert.False(await CutAsync());
        var nonce = _rig.Nonce();
        var cut = await _rig.OpenAsync(nonce);
        Assert.True(await CutAsync());
        await Eventually.TrueAsync(() => cut.Ended.IsCancellationRequested);
        await cut.DisposeAsync();
        await _rig.PhaseAsync(DevicePhase.Lost);
        Assert.Equal(new Epoch(2), (await _rig.OpenAsync(nonce)).Epoch);

        Task<bool> CutAsync() => _rig.Streamer.Ask<bool>(new SessionCut(_rig.Device), TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Last_connection_gone_is_lost_and_then_off_with_its_disk_closed()
    {
        await (await _rig.OpenAsync(_rig.Nonce())).DisposeAsync();
        await _rig.PhaseAsync(DevicePhase.Lost);
        Assert.False(_rig.Disks.Opened.Single().Disk.IsClosed);
        await _rig.OffAsync();
        await Eventually.TrueAsync(() => _rig.Disks.Opened.Single().Disk.IsClosed);
        await _rig.StepsAsync("session-open", "lost", "off");
    }

    [Fact]
    public async Task What_is_open_without_its_machine_leaves_that_off_and_is_closed_when_it_is_to_be()
    {
        var grant = await UnattendedAsync();
        var (_, disk) = _rig.Disks.Opened.Last();
        await Eventually.TrueAsync(() => _rig.State.Boot!.Epoch == grant.Epoch);
        _rig.Advance(SessionRig.OffAfter * 2);
        Assert.False(await _rig.Streamer.Ask<bool>(new SessionCut(_rig.Device), TimeSpan.FromSeconds(30)));
        _rig.Streamer.Tell(new UnattendedEnd(_rig.Device, new(1)));
        Assert.Equal((DevicePhase.Off, false), (_rig.State.Phase, disk.IsClosed));
        _rig.Streamer.Tell(new UnattendedEnd(_rig.Device, grant.Epoch));
        await Eventually.TrueAsync(() => disk.IsClosed);
        await _rig.StepsAsync("session-open", "lost", "off");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Login_shares_nothing_that_is_open_without_its_machine_and_ends_it(bool hasNonce)
    {
        var grant = await UnattendedAsync();
        var (_, disk) = _rig.Disks.Opened.Last();
        var login = hasNonce ? await _rig.LoginAsync(grant.Boot) : await _rig.LoginAsync("pc07");
        var session = Assert.IsType<LoginOutcome.Granted>(login).Session;
        Assert.Equal((grant.Epoch.Next(), true), (session.Epoch, disk.IsClosed));
        Assert.False(_rig.Disks.WasEverTwice);
        Assert.Equal((hasNonce ? 1 : 2, grant.Cache), (_rig.State.BootCount, _rig.State.Boot!.Cache));
        _rig.Streamer.Tell(new UnattendedEnd(_rig.Device, grant.Epoch));
        _rig.Streamer.Tell(new UnattendedSession(grant));
        await _rig.PhaseAsync(_rig.State.Phase);
        Assert.False(session.Ended.IsCancellationRequested);
    }

    [Fact]
    public async Task Login_waits_while_it_is_opened_without_its_machine()
    {
        var opened = new TaskCompletionSource();
        _rig.Disks.Before = grant => grant.Epoch == new Epoch(2) ? opened.Task : Task.CompletedTask;
        await UnattendedAsync(isOpened: false);
        var login = _rig.LoginAsync(_rig.Nonce());
        opened.SetResult();
        Assert.Equal(new Epoch(3), Assert.IsType<LoginOutcome.Granted>(await login).Session.Epoch);
        Assert.True(_rig.Disks.Opened.Single(o => o.Grant.Epoch == new Epoch(2)).Disk.IsClosed);
        Assert.False(_rig.Disks.WasEverTwice);
    }

    [Fact]
    public async Task What_cannot_be_opened_without_its_machine_leaves_that_off_and_its_next_boot_to_others()
    {
        _rig.Disks.Before = grant =>
            grant.Epoch == new Epoch(2)
                ? throw new SessionDiskException("no copy is whole", OpeningFailure.MustBoot)
                : Task.CompletedTask;
        await UnattendedAsync(isOpened: false);
        await Eventually.TrueAsync(() => _rig.State.Boot!.Epoch == new Epoch(2));
        Assert.Equal(DevicePhase.Off, _rig.State.Phase);
        Assert.Equal(new Epoch(3), (await _rig.OpenAsync(_rig.Nonce())).Epoch);
    }

    /// <summary>The device has booted, keeps what it wrote, and is off; its write cache is opened all the same.</summary>
    private async Task<SessionGrant> UnattendedAsync(bool isOpened = true)
    {
        var vDisk = _rig.State.Assignment!.VDisk;
        await _rig.Fixture.Devices.AssignAsync(_rig.Device, new(vDisk, BootTransport.San, DiskMode.Differencing));
        await (await _rig.OpenAsync(_rig.Nonce())).DisposeAsync();
        await _rig.PhaseAsync(DevicePhase.Lost);
        await _rig.OffAsync();
        var rows = _rig.Fixture.Farm.Services.Sessions;
        var row = SessionRules.Reopen((await rows.ReadAsync(_rig.Device))!, default, SessionRig.Server)!;
        var grant = SessionGrant.Of((await rows.SwapAsync(row))!, _rig.State.Boot!, BootTransport.San);
        _rig.Streamer.Tell(new UnattendedSession(grant));
        if (isOpened)
            await Eventually.TrueAsync(() => _rig.Disks.Opened.Any(o => o.Grant.Epoch == grant.Epoch));
        return grant;
    }

    [Fact]
    public async Task Phase_that_its_keeper_could_not_take_in_is_told_again()
    {
        var (isAway, asked) = (true, 0);
        SessionRig? rig = null;
        rig = await SessionRig.StartAsync(system =>
            system.ActorOf(
                Props.Create(() =>
                    new Keepers(
                        () => rig!.Fixture.Farm.Devices,
                        () => Interlocked.Increment(ref asked) > 0 && Volatile.Read(ref isAway)
                    )
                )
            )
        );
        await using var _ = rig;
        await (await rig.OpenAsync(rig.Nonce())).DisposeAsync();
        await Eventually.TrueAsync(() =>
        {
            rig.Advance(TimeSpan.FromSeconds(2));
            return Volatile.Read(ref asked) >= 3;
        });
        Assert.Equal(DevicePhase.SessionOpen, rig.State.Phase);
        Volatile.Write(ref isAway, false);
        await Eventually.TrueAsync(() =>
        {
            rig.Advance(TimeSpan.FromSeconds(2));
            return rig.State.Phase == DevicePhase.Lost;
        });
    }

    [Fact]
    public async Task Reconnect_in_time_goes_on_in_the_same_epoch()
    {
        var nonce = _rig.Nonce();
        await (await _rig.OpenAsync(nonce)).DisposeAsync();
        await _rig.PhaseAsync(DevicePhase.Lost);
        var again = await _rig.OpenAsync(nonce);
        Assert.Equal(new Epoch(1), again.Epoch);
        await _rig.PhaseAsync(DevicePhase.Running);
        Assert.Single(_rig.Disks.Opened);
    }

    [Fact]
    public async Task Login_after_off_waits_until_the_old_disk_is_closed_and_goes_on_with_the_boot()
    {
        var nonce = _rig.Nonce();
        var first = await _rig.OpenAsync(nonce);
        var closing = new TaskCompletionSource();
        _rig.Disks.Opened.Single().Disk.Closing = closing.Task;
        await first.DisposeAsync();
        await _rig.PhaseAsync(DevicePhase.Lost);
        await _rig.OffAsync();

        var again = _rig.LoginAsync(nonce);
        await Eventually.TrueAsync(() => _rig.State.Epoch == new Epoch(2));
        Assert.Single(_rig.Disks.Opened);
        closing.SetResult();
        Assert.IsType<LoginOutcome.Granted>(await again);
        Assert.False(_rig.Disks.WasEverTwice);
        Assert.False(_rig.Disks.Opened.Last().Grant.IsNewBoot);
        Assert.Empty(_rig.Disks.Aside);
    }

    [Fact]
    public async Task Session_of_before_a_start_is_lost_and_then_off()
    {
        var session = await _rig.OpenAsync(_rig.Nonce());
        await _rig.KillAsync();
        _rig.Streamer.Tell(new SessionExpected(_rig.Device, session.Epoch), ActorRefs.NoSender);
        await _rig.PhaseAsync(DevicePhase.Lost);
        await _rig.OffAsync();
    }

    [Fact]
    public async Task Refused_login_does_not_keep_a_lost_device_from_being_off()
    {
        var session = await _rig.OpenAsync(_rig.Nonce());
        await session.DisposeAsync();
        await _rig.KillAsync();
        _rig.Disks.Before = _ => throw new SessionDiskException("the store is away", OpeningFailure.TryAgain);
        _rig.Streamer.Tell(new SessionExpected(_rig.Device, session.Epoch), ActorRefs.NoSender);
        Assert.Equal(LoginRefusal.Unavailable, await _rig.RefusalAsync(_rig.State.Boot!.Id));
        await _rig.PhaseAsync(DevicePhase.Lost);
        await _rig.OffAsync();
    }

    [Fact]
    public async Task Stop_ends_the_session_waits_for_its_connections_and_leaves_the_phase()
    {
        var nonce = _rig.Nonce();
        var firmware = await _rig.OpenAsync(nonce);
        var system = await _rig.OpenAsync(nonce);
        await _rig.PhaseAsync(DevicePhase.Running);
        var stopped = _rig.StopAsync();
        await Eventually.TrueAsync(() =>
            firmware.Ended.IsCancellationRequested && system.Ended.IsCancellationRequested
        );
        await firmware.DisposeAsync();
        Assert.False(stopped.IsCompleted);
        await system.DisposeAsync();
        await stopped;
        Assert.True(_rig.Disks.Opened.Single().Disk.IsClosed);
        Assert.Equal(DevicePhase.Running, _rig.State.Phase);
    }

    [Fact]
    public async Task Damaged_disk_stops_its_device_with_the_reason_and_the_next_boot_works()
    {
        var share = await _rig.OpenAsync(_rig.Nonce());
        var fault = new StoreFault(StoreFaultKind.Damaged, "/store/00000001.seg", "rotten", 4096);
        _rig.Streamer.Tell(new DiskNotice(_rig.Device, share.Epoch.Next(), CacheLevel.Ok, fault), ActorRefs.NoSender);
        _rig.Streamer.Tell(new DiskNotice(_rig.Device, share.Epoch, CacheLevel.Ok, fault), ActorRefs.NoSender);
        await Eventually.TrueAsync(() => share.Ended.IsCancellationRequested);
        await share.DisposeAsync();
        await _rig.PhaseAsync(DevicePhase.Off);
        await _rig.StepsAsync("session-open", "stopped");
        Assert.Equal("/store/00000001.seg, byte 4096: rotten", _rig.Steps.Last().Detail);
        await (await _rig.OpenAsync(_rig.Nonce())).DisposeAsync();
    }

    [Fact]
    public async Task Write_cache_that_fills_up_is_a_step_of_its_timeline_and_what_it_comes_to_in_a_minute_another()
    {
        await using var share = await _rig.OpenAsync(_rig.Nonce());
        foreach (var level in (CacheLevel[])[CacheLevel.Warning, CacheLevel.Full, CacheLevel.Warning, CacheLevel.Full])
            _rig.Streamer.Tell(new DiskNotice(_rig.Device, share.Epoch, level, null), ActorRefs.NoSender);
        await _rig.StepsAsync("session-open", "cache-filling");
        await Eventually.TrueAsync(() =>
        {
            _rig.Advance(TimeSpan.FromMinutes(1));
            return _rig.Steps.Count == 3;
        });
        await _rig.StepsAsync("session-open", "cache-filling", "cache-full");
    }

    [Fact]
    public async Task Removed_device_loses_its_connections_and_its_disk_is_closed()
    {
        _rig.Fixture.Farm.Services.View.DeviceRemoved += device =>
            _rig.Streamer.Tell(new SessionRevoked(device), ActorRefs.NoSender);
        var nonce = _rig.Nonce();
        var session = await _rig.OpenAsync(nonce);
        await using var ended = session.Ended.Register(() => _ = session.DisposeAsync().AsTask());
        await _rig.Fixture.Devices.RemoveAsync(_rig.State, force: true);
        await Eventually.TrueAsync(() => _rig.Disks.Opened.Single().Disk.IsClosed);
        Assert.Equal(LoginRefusal.NotFound, await _rig.RefusalAsync(nonce));
    }

    [Fact]
    public async Task Disk_that_cannot_be_opened_refuses_and_a_later_boot_works()
    {
        _rig.Disks.Before = _ => throw new SessionDiskException("the store is full", OpeningFailure.TryAgain);
        Assert.Equal(LoginRefusal.Unavailable, await _rig.RefusalAsync(_rig.Nonce()));
        await _rig.PhaseAsync(DevicePhase.Off);
        _rig.Disks.Before = _ => Task.CompletedTask;
        Assert.Equal(new Epoch(2), (await _rig.OpenAsync(_rig.Nonce())).Epoch);
        Assert.True(_rig.Disks.Opened.Single().Grant.IsNewBoot);
    }

    [Fact]
    public async Task Lost_disk_of_a_boot_is_not_found_and_the_next_boot_works()
    {
        var nonce = _rig.Nonce();
        await (await _rig.OpenAsync(nonce)).DisposeAsync();
        await _rig.KillAsync();
        _rig.Disks.Before = grant =>
            grant.IsNewBoot ? Task.CompletedTask : throw new SessionDiskException("no cache", OpeningFailure.MustBoot);
        Assert.Equal(LoginRefusal.NotFound, await _rig.RefusalAsync(nonce));
        await _rig.PhaseAsync(DevicePhase.Off);
        // A ROM with a fixed path has no nonce to tell its boots apart by.
        var granted = Assert.IsType<LoginOutcome.Granted>(await _rig.LoginAsync("pc07"));
        Assert.Equal(new Epoch(3), granted.Session.Epoch);
        Assert.Equal(2, _rig.State.BootCount);
    }

    [Fact]
    public async Task Kept_write_cache_that_is_damaged_refuses_its_boots_by_naming_the_command_that_begins_anew()
    {
        await _rig.Fixture.Devices.AssignAsync(
            _rig.Device,
            _rig.State.Assignment! with
            {
                Mode = DiskMode.Differencing,
            }
        );
        await (await _rig.OpenAsync(_rig.Nonce())).DisposeAsync();
        _rig.Disks.Before = grant =>
            grant.IsCacheKept
                ? throw new SessionDiskException("no copy is whole", OpeningFailure.MustBoot)
                : Task.CompletedTask;
        Assert.Equal(LoginRefusal.NotFound, await _rig.RefusalAsync(_rig.Nonce()));
        Assert.Contains(
            "no copy is whole; what it wrote is kept for its boots, and is not thrown away by itself: pbm device assign DEVICE VDISK --mode standard",
            _rig.Refusals.Last().Reason,
            StringComparison.Ordinal
        );
        await _rig.Fixture.Devices.AssignAsync(_rig.Device, _rig.State.Assignment! with { Mode = DiskMode.Standard });
        await _rig.OpenAsync(_rig.Nonce());
        Assert.Single(_rig.Disks.Aside);
    }

    [Fact]
    public async Task Disk_that_fails_outside_its_contract_refuses_and_a_later_login_works()
    {
        var nonce = _rig.Nonce();
        var session = await _rig.OpenAsync(nonce);
        _rig.Disks.Opened.Single().Disk.Closing = Task.FromException(new IOException("no flush"));
        await session.DisposeAsync();
        _rig.Disks.Before = _ => throw new IOException("no such device");
        Assert.Equal(LoginRefusal.Unavailable, await _rig.RefusalAsync(_rig.Nonce()));
        _rig.Disks.Before = _ => Task.CompletedTask;
        await _rig.OpenAsync(_rig.Nonce());
    }

    [Fact]
    public async Task Logins_at_once_get_one_session()
    {
        var nonce = _rig.Nonce();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => _rig.LoginAsync(nonce)));
        var sessions = outcomes.Select(o => Assert.IsType<LoginOutcome.Granted>(o).Session).ToArray();
        Assert.Single(sessions.Select(s => s.Disk).Distinct());
        Assert.Single(_rig.Disks.Opened);
        await Task.WhenAll(sessions.Select(s => s.DisposeAsync().AsTask()));
        await _rig.PhaseAsync(DevicePhase.Lost);
    }

    [Fact]
    public async Task Logins_that_wait_for_one_device_are_bounded()
    {
        var held = new TaskCompletionSource();
        _rig.Disks.Before = _ => held.Task;
        var nonce = _rig.Nonce();
        var logins = Enumerable.Range(0, 50).Select(_ => _rig.LoginAsync(nonce)).ToArray();
        await Eventually.TrueAsync(() => logins.Count(l => l.IsCompleted) == 17);
        held.SetResult();
        var outcomes = await Task.WhenAll(logins);
        Assert.Equal(33, outcomes.Count(o => o is LoginOutcome.Granted));
        Assert.All(outcomes.OfType<LoginOutcome.Refused>(), r => Assert.Equal(LoginRefusal.Unavailable, r.Refusal));
        Assert.IsType<LoginOutcome.Granted>(await _rig.LoginAsync(nonce));
    }

    [Fact]
    public async Task Login_that_its_connection_gave_up_leaves_no_share_behind()
    {
        var held = new TaskCompletionSource();
        var asked = new TaskCompletionSource();
        _rig.Disks.Before = _ =>
        {
            asked.TrySetResult();
            return held.Task;
        };
        using var gone = new CancellationTokenSource();
        var login = _rig.LoginAsync(_rig.Nonce(), gone.Token);
        await asked.Task;
        await gone.CancelAsync();
        Assert.IsType<LoginOutcome.Refused>(await login);
        held.SetResult();
        await _rig.PhaseAsync(DevicePhase.Lost);
        // The session is still there, and ends without anyone's help.
        Assert.Equal(new Epoch(2), (await _rig.OpenAsync(_rig.Nonce())).Epoch);
        Assert.False(_rig.Disks.WasEverTwice);
    }

    [Fact]
    public async Task Disk_that_is_being_opened_at_the_end_of_the_server_is_closed()
    {
        var held = new TaskCompletionSource();
        var asked = new TaskCompletionSource();
        _rig.Disks.Before = _ =>
        {
            asked.TrySetResult();
            return held.Task;
        };
        using var gone = new CancellationTokenSource();
        var login = _rig.LoginAsync(_rig.Nonce(), gone.Token);
        await asked.Task;
        await _rig.KillAsync();
        held.SetResult();
        await Eventually.TrueAsync(() => _rig.Disks.Opened.SingleOrDefault().Disk is { IsClosed: true });
        await gone.CancelAsync();
        await login;
    }

    /// <summary>The farm's devices, which cannot persist while they are away.</summary>
    private sealed class Keepers : ReceiveActor
    {
        public Keepers(Func<IActorRef> devices, Func<bool> isAway)
        {
            Receive<ReportPhase>(report =>
            {
                if (isAway())
                    Sender.Tell(new Reply.Refused(Refusal.Unavailable, "the farm database does not answer"));
                else
                    devices().Forward(report);
            });
            ReceiveAny(message => devices().Forward(message));
        }
    }
}
