using Akka.Actor;
using Hatchery.Devices;
using Hatchery.Devices.Tests;
using Hatchery.Disks;
using Hatchery.Mirroring;
using Hatchery.Testing;

namespace Hatchery.Streaming.Tests;

/// <summary>What a device's session here makes of the copies of its write cache elsewhere.</summary>
public sealed class MirroredSessionTests : IAsyncLifetime
{
    private SessionRig _rig = null!;

    public async Task InitializeAsync()
    {
        _rig = await SessionRig.StartAsync();
        _rig.Fixture.Know(SessionRig.Server, SessionRig.Other);
    }

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    [Fact]
    public async Task Mirroring_of_a_boot_begins_when_its_keeper_has_confirmed_it_and_that_of_one_that_goes_on_before()
    {
        var nonce = _rig.Nonce();
        await _rig.OpenAsync(nonce);
        Assert.Equal(nonce, Assert.Single(_rig.Disks.Started).Boot);
        await _rig.KillAsync();
        var again = await _rig.OpenAsync(nonce);
        Assert.Equal(new Epoch(2), again.Epoch);
        Assert.Single(_rig.Disks.Started);
        // Its members confirm it, which are none here: the keeper does not.
        Assert.Equal(SessionPhase.Opening, (await _rig.Fixture.Farm.Services.Sessions.ReadAsync(_rig.Device))!.Phase);
    }

    [Fact]
    public async Task Session_is_shared_when_it_is_confirmed_to_be_the_newest_and_not_before()
    {
        var nonce = _rig.Nonce();
        var first = await _rig.OpenAsync(nonce);
        var asked = new TaskCompletionSource<bool>();
        _rig.Disks.Confirm = _ => asked.Task;
        var second = _rig.LoginAsync(nonce);
        // What comes behind it does not wait for it.
        _rig.Streamer.Tell(new CopyNotice(_rig.Device, first.Epoch, new MirrorNotice.MemberAdded("two", 2)));
        await _rig.StepsAsync("session-open", "copy-added");
        Assert.False(second.IsCompleted);
        asked.SetResult(true);
        Assert.Equal(first.Disk, Assert.IsType<LoginOutcome.Granted>(await second).Session.Disk);
        Assert.Single(_rig.Disks.Opened);
    }

    [Fact]
    public async Task Session_that_is_not_confirmed_is_not_shared_and_the_keeper_decides()
    {
        var nonce = _rig.Nonce();
        var first = await _rig.OpenAsync(nonce);
        await using var ended = first.Ended.Register(() => _ = first.DisposeAsync().AsTask());
        _rig.Disks.Confirm = _ => Task.FromResult(false);
        Assert.Equal(new Epoch(2), (await _rig.OpenAsync(nonce)).Epoch);
        Assert.False(_rig.Disks.WasEverTwice);
    }

    [Fact]
    public async Task Session_that_is_over_ends_its_connections_and_says_nothing_of_the_device()
    {
        var nonce = _rig.Nonce();
        var session = await _rig.OpenAsync(nonce);
        _rig.Streamer.Tell(new SessionOver(_rig.Device, new(7), "another one"));
        _rig.Streamer.Tell(new SessionOver(_rig.Device, session.Epoch, "a newer session has begun"));
        await Eventually.TrueAsync(() => session.Ended.IsCancellationRequested);
        await session.DisposeAsync();
        await Eventually.TrueAsync(() => _rig.Disks.Opened.Single().Disk.IsClosed);
        _rig.Advance(SessionRig.OffAfter * 2);
        await _rig.StepsAsync("session-open");
        Assert.Equal(DevicePhase.SessionOpen, _rig.State.Phase);
    }

    [Fact]
    public async Task Device_whose_disk_fails_here_goes_on_where_the_other_copy_is_and_is_not_stopped()
    {
        var nonce = _rig.Nonce();
        var session = await _rig.OpenAsync(nonce);
        var row = (await _rig.Fixture.Farm.Services.Sessions.ReadAsync(_rig.Device))!;
        Assert.IsType<Reply.Done>(
            await _rig.Fixture.AskAsync(new AddMember(_rig.Device, row.Epoch, row.Revision, SessionRig.Other))
        );
        _rig.Disks.GoesOnElsewhere = true;
        Assert.True(session.GoesOnElsewhere);
        var fault = new StoreFault(StoreFaultKind.Damaged, "/store", "a sync failed");
        _rig.Streamer.Tell(new DiskNotice(_rig.Device, session.Epoch, CacheLevel.Ok, fault));
        await Eventually.TrueAsync(() => session.Ended.IsCancellationRequested);
        await session.DisposeAsync();
        await _rig.PhaseAsync(DevicePhase.Lost);
        await _rig.StepsAsync("session-open", "lost");

        var redirected = Assert.IsType<LoginOutcome.Redirected>(
            await _rig.LoginAsync(TargetName.Iqn(_rig.Device, nonce), protocol: StreamProtocol.Iscsi)
        );
        Assert.Equal(SessionRig.OtherPortal, redirected.Portal);
        Assert.Equal(session.Epoch, _rig.State.Epoch);
        // A boot begins with a clean write cache, here too.
        _rig.Fixture.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.True((await _rig.OpenAsync(_rig.Nonce())).Epoch > session.Epoch);
    }

    [Fact]
    public async Task Login_at_a_member_that_hears_the_streamer_is_sent_there_and_opens_here_when_it_comes_back()
    {
        var nonce = _rig.Nonce();
        await OpenElsewhereAsync(nonce);
        _rig.HearsStreamer = true;
        var name = TargetName.Iqn(_rig.Device, nonce);
        Assert.IsType<LoginOutcome.Redirected>(await _rig.LoginAsync(name, protocol: StreamProtocol.Iscsi));
        Assert.IsType<LoginOutcome.Granted>(await _rig.LoginAsync(name, protocol: StreamProtocol.Iscsi));
    }

    [Fact]
    public async Task Session_that_is_to_move_is_flushed_and_goes_on_until_another_has_it_and_its_device_is_sent_there()
    {
        var nonce = _rig.Nonce();
        var session = await _rig.OpenAsync(nonce);
        var row = (await _rig.Fixture.Farm.Services.Sessions.ReadAsync(_rig.Device))!;
        await _rig.Fixture.AskAsync(new AddMember(_rig.Device, row.Epoch, row.Revision, SessionRig.Other));
        _rig.Streamer.Tell(new SessionMove(_rig.Device, new(7), SessionRig.Other));
        _rig.Streamer.Tell(new SessionMove(_rig.Device, session.Epoch, SessionRig.Other));
        await Eventually.TrueAsync(() => !_rig.Offers.IsEmpty);
        Assert.Equal((SessionRig.Other, new TakeSession(_rig.Device, nonce, session.Epoch)), _rig.Offers.Single());
        Assert.Equal(1, _rig.Disks.Opened.Single().Disk.Flushes);
        await using (var shared = await _rig.OpenAsync(nonce))
            Assert.Equal(session.Epoch, shared.Epoch);
        Assert.False(session.Ended.IsCancellationRequested);

        _rig.Streamer.Tell(new SessionOver(_rig.Device, session.Epoch, "a newer one has begun"));
        await Eventually.TrueAsync(() => session.Ended.IsCancellationRequested);
        await session.DisposeAsync();
        await Eventually.TrueAsync(() => _rig.Disks.Opened.Single().Disk.IsClosed);
        await _rig.StepsAsync("session-open", "running", "moved");

        // The keeper is not asked: it knows nothing of the other server.
        var name = TargetName.Iqn(_rig.Device, nonce);
        Assert.Equal(
            SessionRig.OtherPortal,
            Assert.IsType<LoginOutcome.Redirected>(await _rig.LoginAsync(name, protocol: StreamProtocol.Iscsi)).Portal
        );
        // That one did not take it.
        Assert.IsType<LoginOutcome.Granted>(await _rig.LoginAsync(name, protocol: StreamProtocol.Iscsi));
    }

    [Fact]
    public async Task Session_that_this_server_takes_is_open_before_its_device_comes_and_shared_then()
    {
        var nonce = _rig.Nonce();
        var row = await OpenElsewhereAsync(nonce);
        _rig.Streamer.Tell(new SessionTake(_rig.Device, nonce, row.Epoch));
        await Eventually.TrueAsync(() => _rig.Disks.Opened.Count == 1);
        var asked = 0;
        _rig.Disks.Confirm = _ => Task.FromResult(++asked > 0);
        await using (var session = await _rig.OpenAsync(nonce))
            Assert.Equal(row.Epoch.Next(), session.Epoch);
        Assert.Equal(1, asked);
        Assert.Single(_rig.Disks.Opened);
        await _rig.StepsAsync("running", "lost");
    }

    [Fact]
    public async Task Device_whose_session_was_taken_and_that_never_comes_is_off_in_the_end()
    {
        var nonce = _rig.Nonce();
        var row = await OpenElsewhereAsync(nonce);
        _rig.Streamer.Tell(new SessionTake(_rig.Device, nonce, row.Epoch));
        await _rig.OffAsync();
        await Eventually.TrueAsync(() => _rig.Disks.Opened.Single().Disk.IsClosed);
    }

    [Fact]
    public async Task Session_that_is_over_is_not_taken_any_more()
    {
        var nonce = _rig.Nonce();
        var row = await OpenElsewhereAsync(nonce);
        _rig.Streamer.Tell(new SessionTake(_rig.Device, nonce, new(row.Epoch.Value + 1)));
        _rig.Streamer.Tell(new SessionTake(_rig.Device, _rig.Nonce(), row.Epoch));
        // A login waits for both.
        await using var session = await _rig.OpenAsync(nonce);
        Assert.Equal(row.Epoch.Next(), session.Epoch);
        _rig.Streamer.Tell(new SessionTake(_rig.Device, nonce, row.Epoch));
        await using var shared = await _rig.OpenAsync(nonce);
        Assert.Equal(session.Epoch, shared.Epoch);
        Assert.Single(_rig.Disks.Opened);
    }

    /// <summary>Another server streams the device, and this one has a copy.</summary>
    private async Task<SessionRow> OpenElsewhereAsync(BootId nonce)
    {
        var grant = (SessionGrant)await _rig.Fixture.AskAsync(new OpenSession(_rig.Device, nonce, SessionRig.Other));
        await _rig.Fixture.AskAsync(new ConfirmSession(_rig.Device, grant.Epoch, SessionRig.Other));
        await _rig.Fixture.AskAsync(new AddMember(_rig.Device, grant.Epoch, grant.Revision + 1, SessionRig.Server));
        return (await _rig.Fixture.Farm.Services.Sessions.ReadAsync(_rig.Device))!;
    }

    [Theory]
    [InlineData(OpeningFailure.TryAgain, LoginRefusal.Unavailable, DevicePhase.Lost, 1)]
    [InlineData(OpeningFailure.MustBoot, LoginRefusal.NotFound, DevicePhase.Off, 1)]
    [InlineData(OpeningFailure.Elsewhere, LoginRefusal.Unavailable, DevicePhase.Running, 1)]
    [InlineData(OpeningFailure.Overtaken, LoginRefusal.Unavailable, DevicePhase.Running, 3)]
    public async Task Opening_that_fails_is_answered_by_what_it_is(
        OpeningFailure failure,
        LoginRefusal refusal,
        DevicePhase phase,
        int attempts
    )
    {
        var nonce = _rig.Nonce();
        await (await _rig.OpenAsync(nonce)).DisposeAsync();
        await _rig.PhaseAsync(DevicePhase.Lost);
        await _rig.KillAsync();
        var asked = 0;
        _rig.Disks.Before = _ =>
        {
            asked++;
            throw new SessionDiskException("not now", failure);
        };
        Assert.Equal(refusal, await _rig.RefusalAsync(nonce));
        Assert.Equal(attempts, asked);
        await _rig.PhaseAsync(phase);
    }

    [Fact]
    public async Task Opening_that_finds_the_write_cache_elsewhere_sends_the_device_there()
    {
        var nonce = _rig.Nonce();
        await (await _rig.OpenAsync(nonce)).DisposeAsync();
        await _rig.KillAsync();
        _rig.Disks.Before = _ => throw new SessionDiskException("lost", OpeningFailure.Elsewhere, SessionRig.Other);
        var redirected = Assert.IsType<LoginOutcome.Redirected>(
            await _rig.LoginAsync(TargetName.Iqn(_rig.Device, nonce), protocol: StreamProtocol.Iscsi)
        );
        Assert.Equal(SessionRig.OtherPortal, redirected.Portal);
    }

    [Fact]
    public async Task What_happens_to_copies_is_a_step_of_the_timeline()
    {
        await using var session = await _rig.OpenAsync(_rig.Nonce());
        foreach (
            var happened in (MirrorNotice[])
                [
                    new MirrorNotice.JoinBegun("two"),
                    new MirrorNotice.MemberAdded("two", 2),
                    new MirrorNotice.MemberFailed("two", "it is silent"),
                    new MirrorNotice.RemovalWaits("two"),
                    new MirrorNotice.MemberRemoved("two", 1),
                    new MirrorNotice.JoinFailed("three", "it is full"),
                    new MirrorNotice.MemberReleased("four", 2),
                ]
        )
        {
            _rig.Streamer.Tell(new CopyNotice(_rig.Device, session.Epoch, happened));
            _rig.Streamer.Tell(new CopyNotice(_rig.Device, session.Epoch.Next(), happened));
        }
        await _rig.StepsAsync(
            "session-open",
            "copy-added",
            "copy-lost",
            "waits",
            "copy-alone",
            "copy-not-added",
            "copy-left"
        );
        Assert.Equal("the copy of its write cache at two: it is silent", _rig.Steps.ElementAt(2).Detail);
    }
}
