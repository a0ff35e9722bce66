using Akka.Actor;
using Hatchery.Disks;
using Hatchery.Mirroring;

namespace Hatchery.Devices.Tests;

public sealed class TargetDeviceTests : IAsyncLifetime
{
    private FarmFixture _farm = null!;

    public async Task InitializeAsync() => _farm = await FarmFixture.StartAsync();

    public async Task DisposeAsync() => await _farm.DisposeAsync();

    [Fact]
    public async Task First_login_with_a_nonce_boots_in_epoch_1_and_the_next_goes_on_in_epoch_2()
    {
        var (device, _) = await _farm.AddDeviceWithVDiskAsync();
        var nonce = _farm.Nonce(device);

        var boot = Assert.IsType<SessionGrant>(await _farm.AskAsync(new OpenSession(device, nonce, "one")));
        Assert.True(boot.IsNewBoot);
        Assert.Equal(1u, boot.Epoch.Value);
        Assert.Null(boot.Retired);
        await ConfirmAsync(boot, "one");

        var again = Assert.IsType<SessionGrant>(await _farm.AskAsync(new OpenSession(device, nonce, "one")));
        Assert.False(again.IsNewBoot);
        Assert.Equal(2u, again.Epoch.Value);
        Assert.Equal(boot.Cache, again.Cache);
    }

    [Fact]
    public async Task Keeper_of_a_device_that_is_off_and_idle_leaves_the_memory_and_is_there_again_when_it_is_asked()
    {
        var (device, vDisk) = await _farm.AddDeviceWithVDiskAsync();
        var keeper = await _farm.KeeperAsync(device);
        // What the actor system sends it after two minutes.
        keeper.Tell(ReceiveTimeout.Instance, ActorRefs.NoSender);
        Assert.True(await keeper.WatchAsync());
        var boot = Assert.IsType<SessionGrant>(
            await _farm.AskAsync(new OpenSession(device, _farm.Nonce(device), "one"))
        );
        Assert.Equal(_farm.Farm.View.Current.VDisk(vDisk)!.Production!.Image, boot.Image);
    }

    [Fact]
    public async Task Boot_goes_on_only_where_its_write_cache_is_and_the_next_boot_anywhere()
    {
        var (device, _) = await _farm.AddDeviceWithVDiskAsync();
        var nonce = _farm.Nonce(device);
        var boot = Assert.IsType<SessionGrant>(await _farm.AskAsync(new OpenSession(device, nonce, "one")));
        await ConfirmAsync(boot, "one");
        _farm.Know("one", "two");

        var elsewhere = Assert.IsType<Reply.Elsewhere>(await _farm.AskAsync(new OpenSession(device, nonce, "two")));
        Assert.Equal("one", elsewhere.Server);
        // Nothing was taken from the server that has it.
        Assert.Equal(boot.Epoch, _farm.Farm.View.Current.Device(device)!.Epoch);
        Assert.IsType<SessionGrant>(await _farm.AskAsync(new OpenSession(device, nonce, "one")));

        _farm.Time.Advance(TimeSpan.FromMinutes(1));
        var next = await _farm.AskAsync(new OpenSession(device, _farm.Nonce(device), "two"));
        Assert.True(Assert.IsType<SessionGrant>(next).IsNewBoot);
    }

    [Fact]
    public async Task Device_whose_streamer_cannot_be_reached_waits_and_is_told_where_its_write_cache_is()
    {
        var (device, _) = await _farm.AddDeviceWithVDiskAsync();
        var nonce = _farm.Nonce(device);
        await ConfirmAsync((SessionGrant)await _farm.AskAsync(new OpenSession(device, nonce, "one")), "one");
        _farm.Know("two");
        for (var minute = 0; minute < 3; minute++)
        {
            var waits = Assert.IsType<Reply.Refused>(await _farm.AskAsync(new OpenSession(device, nonce, "two")));
            Assert.Equal(
                (Refusal.Unavailable, "pc07: its write cache is at one, none of which can be reached now"),
                (waits.Refusal, waits.Reason)
            );
            _farm.Time.Advance(TimeSpan.FromMinutes(1));
        }
        _farm.Know("one", "two");
        Assert.IsType<SessionGrant>(await _farm.AskAsync(new OpenSession(device, nonce, "one")));
    }

    [Fact]
    public async Task Device_of_a_collection_that_boots_rather_than_waits_is_refused_for_good_after_a_while()
    {
        var (device, _) = await _farm.AddDeviceWithVDiskAsync();
        var nonce = _farm.Nonce(device);
        await ConfirmAsync((SessionGrant)await _farm.AskAsync(new OpenSession(device, nonce, "one")), "one");
        await new PolicyAdministration(_farm.Farm).AskAsync(
            new ChangeCollection(default, new(WhenUnreachable: WhenUnreachable.Reboot))
        );
        _farm.Know("two");
        Assert.Equal(Refusal.Unavailable, await RefusalAsync("two"));
        _farm.Time.Advance(TargetDevice.PatienceBeforeReboot - TimeSpan.FromSeconds(1));
        Assert.Equal(Refusal.Unavailable, await RefusalAsync("two"));
        _farm.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(Refusal.NotFound, await RefusalAsync("two"));
        // A ROM with a fixed path boots now, too.
        Assert.Equal(DevicePhase.Off, _farm.Farm.View.Current.Device(device)!.Phase);

        async Task<Refusal> RefusalAsync(string server) =>
            Assert.IsType<Reply.Refused>(await _farm.AskAsync(new OpenSession(device, nonce, server))).Refusal;
    }

    [Fact]
    public async Task Opening_that_nobody_ends_is_waited_for_and_given_up_only_while_a_member_is_out_of_reach()
    {
        var (device, _) = await _farm.AddDeviceWithVDiskAsync();
        var nonce = _farm.Nonce(device);
        var boot = (SessionGrant)await _farm.AskAsync(new OpenSession(device, nonce, "one"));
        await ConfirmAsync(boot, "one");
        await _farm.AskAsync(new AddMember(device, boot.Epoch, boot.Revision + 1, "two"));
        await new PolicyAdministration(_farm.Farm).AskAsync(
            new ChangeCollection(default, new(WhenUnreachable: WhenUnreachable.Reboot))
        );
        _farm.Know("one", "two");
        for (var time = 0; time < 3; time++)
        {
            Assert.IsType<SessionGrant>(await _farm.AskAsync(new OpenSession(device, nonce, "two")));
            _farm.Time.Advance(TargetDevice.PatienceBeforeReboot);
        }
        _farm.Know("two");
        Assert.IsType<Reply.Refused>(await _farm.AskAsync(new OpenSession(device, nonce, "two")));
    }

    [Fact]
    public async Task Member_is_added_to_the_row_that_its_streamer_knows_and_the_boot_goes_on_there_too()
    {
        var (device, _) = await _farm.AddDeviceWithVDiskAsync();
        var nonce = _farm.Nonce(device);
        var boot = Assert.IsType<SessionGrant>(await _farm.AskAsync(new OpenSession(device, nonce, "one")));
        Assert.Equal("one", Assert.Single(boot.Members));
        await ConfirmAsync(boot, "one");
        var open = (await _farm.Farm.Services.Sessions.ReadAsync(device))!;

        Assert.IsType<Reply.Refused>(await _farm.AskAsync(new AddMember(device, open.Epoch, open.Revision - 1, "two")));
        Assert.IsType<Reply.Refused>(await _farm.AskAsync(new AddMember(device, new(9), open.Revision, "two")));
        Assert.IsType<Reply.Done>(await _farm.AskAsync(new AddMember(device, open.Epoch, open.Revision, "two")));
        Assert.IsType<Reply.Refused>(await _farm.AskAsync(new AddMember(device, open.Epoch, open.Revision, "three")));
        var row = (await _farm.Farm.Services.Sessions.ReadAsync(device))!;
        Assert.Equal(("one,two", "one"), (string.Join(',', row.Members), row.Streamer));
        // A confirmation that was asked for twice, and comes late, changes nothing.
        await ConfirmAsync(boot, "one");
        Assert.Equal(row.Revision, (await _farm.Farm.Services.Sessions.ReadAsync(device))!.Revision);

        _farm.Know("one", "two", "three");
        Assert.IsType<Reply.Elsewhere>(await _farm.AskAsync(new OpenSession(device, nonce, "three")));
        var moved = Assert.IsType<SessionGrant>(await _farm.AskAsync(new OpenSession(device, nonce, "two")));
        Assert.False(moved.IsNewBoot);
        Assert.Equal(("one,two", row.Revision + 1), (string.Join(',', moved.Members), moved.Revision));
    }

    [Fact]
    public async Task Device_that_was_given_another_server_goes_on_there_once_that_is_a_member_and_the_wish_ends_then()
    {
        var (device, _) = await _farm.AddDeviceWithVDiskAsync();
        var nonce = _farm.Nonce(device);
        var boot = (SessionGrant)await _farm.AskAsync(new OpenSession(device, nonce, "one"));
        await ConfirmAsync(boot, "one");
        _farm.Farm.Services.Servers = () =>
            [FarmFixture.Server("one", boot.Image), FarmFixture.Server("two", boot.Image)];
        await _farm.AskAsync(new PlaceDevice(device, "two"));
        var row = (await _farm.Farm.Services.Sessions.ReadAsync(device))!;
        Assert.IsType<Reply.Done>(await _farm.AskAsync(new AddMember(device, row.Epoch, row.Revision, "two")));

        var sent = Assert.IsType<Reply.Elsewhere>(await _farm.AskAsync(new OpenSession(device, nonce, "one")));
        Assert.Equal("two", sent.Server);
        Assert.Equal("two", _farm.Farm.View.Current.Device(device)!.Placement);
        Assert.IsType<SessionGrant>(await _farm.AskAsync(new OpenSession(device, nonce, "two")));
        Assert.Null(_farm.Farm.View.Current.Device(device)!.Placement);
    }

    [Fact]
    public async Task Member_that_is_to_follow_a_session_opens_the_next_epoch_of_that_one_and_of_no_other()
    {
        var (device, _) = await _farm.AddDeviceWithVDiskAsync();
        var nonce = _farm.Nonce(device);
        var boot = (SessionGrant)await _farm.AskAsync(new OpenSession(device, nonce, "one"));
        var follow = new OpenSession(device, nonce, "two", HearsStreamer: true, Follows: boot.Epoch);
        // It is not open yet.
        Assert.IsType<Reply.Refused>(await _farm.AskAsync(follow));
        await ConfirmAsync(boot, "one");
        _farm.Know("one", "two");
        Assert.IsType<Reply.Elsewhere>(await _farm.AskAsync(follow));
        var row = (await _farm.Farm.Services.Sessions.ReadAsync(device))!;
        await _farm.AskAsync(new AddMember(device, row.Epoch, row.Revision, "two"));

        foreach (var (epoch, of) in new[] { (row.Epoch.Next(), nonce), (row.Epoch, _farm.Nonce(device)) })
            Assert.IsType<Reply.Refused>(await _farm.AskAsync(follow with { Follows = epoch, Boot = of }));
        var taken = Assert.IsType<SessionGrant>(await _farm.AskAsync(follow));
        Assert.Equal((false, row.Epoch.Next()), (taken.IsNewBoot, taken.Epoch));
        Assert.IsType<Reply.Refused>(await _farm.AskAsync(follow));
    }

    [Fact]
    public async Task Keeper_names_a_member_for_the_epoch_that_is_and_for_no_older_one()
    {
        var (device, _) = await _farm.AddDeviceWithVDiskAsync();
        var boot = (SessionGrant)await _farm.AskAsync(new OpenSession(device, _farm.Nonce(device), "one"));
        KnownServer Server(string name) => FarmFixture.Server(name, boot.Image);
        _farm.Farm.Services.Servers = () => [Server("one"), Server("two"), Server("three")];

        Assert.Equal(new MemberChoice("two"), await _farm.AskAsync(new ChooseMember(device, boot.Epoch, ["three"])));
        Assert.Equal(
            new MemberChoice(null),
            await _farm.AskAsync(new ChooseMember(device, boot.Epoch, ["three", "two"]))
        );
        Assert.IsType<Reply.Refused>(await _farm.AskAsync(new ChooseMember(device, default, [])));
    }

    [Fact]
    public async Task Draining_server_takes_no_boots_and_goes_on_with_those_it_has()
    {
        var (device, _) = await _farm.AddDeviceWithVDiskAsync();
        var nonce = _farm.Nonce(device);
        var boot = Assert.IsType<SessionGrant>(await _farm.AskAsync(new OpenSession(device, nonce, "one")));
        await ConfirmAsync(boot, "one");
        await new PolicyAdministration(_farm.Farm).AskAsync(new DrainServer("one"));

        Assert.IsType<SessionGrant>(await _farm.AskAsync(new OpenSession(device, nonce, "one")));
        _farm.Time.Advance(TimeSpan.FromMinutes(1));
        var fresh = _farm.Nonce(device);
        var refused = Assert.IsType<Reply.Elsewhere>(await _farm.AskAsync(new OpenSession(device, fresh, "one")));
        Assert.Null(refused.Server);
        await new PolicyAdministration(_farm.Farm).AskAsync(new ResumeServer("one"));
        Assert.IsType<SessionGrant>(await _farm.AskAsync(new OpenSession(device, fresh, "one")));
    }

    [Fact]
    public async Task Next_boot_gets_a_new_cache_and_retires_the_old_one()
    {
        var (device, _) = await _farm.AddDeviceWithVDiskAsync();
        var first = (SessionGrant)await _farm.AskAsync(new OpenSession(device, _farm.Nonce(device), "one"));
        _farm.Time.Advance(TimeSpan.FromMinutes(1));
        var second = (SessionGrant)await _farm.AskAsync(new OpenSession(device, _farm.Nonce(device), "one"));
        Assert.True(second.IsNewBoot);
        Assert.NotEqual(first.Cache, second.Cache);
        Assert.Equal(first.Cache, second.Retired);
        var late = Assert.IsType<Reply.Refused>(await _farm.AskAsync(new OpenSession(device, first.Boot, "one")));
        Assert.Equal(Refusal.Stale, late.Refusal);
    }

    [Fact]
    public async Task Everything_is_there_after_the_server_started_again()
    {
        var (device, vDisk) = await _farm.AddDeviceWithVDiskAsync();
        var before = (SessionGrant)await _farm.AskAsync(new OpenSession(device, _farm.Nonce(device), "one"));
        await ConfirmAsync(before, "one");
        await _farm.AskAsync(new ReportPhase(device, before.Epoch, DevicePhase.Running));

        File.Delete(_farm.CheckpointPath);
        await _farm.StartAgainAsync();
        // Before anything is asked: whoever logs in first has to be known.
        Assert.Equal(1, _farm.Farm.View.Current.Device(device)!.BootCount);
        var after = Assert.IsType<SessionGrant>(await _farm.AskAsync(new OpenSession(device, before.Boot, "one")));
        Assert.False(after.IsNewBoot);
        Assert.Equal(before.Epoch.Next(), after.Epoch);
        Assert.Equal(before.Cache, after.Cache);

        var shown = _farm.Farm.View.Current.Device("pc07")!;
        Assert.Equal(1, shown.BootCount);
        Assert.Equal(DevicePhase.Running, shown.Phase);
        Assert.Equal(vDisk, shown.Assignment!.VDisk);
        Assert.Contains(device, _farm.Farm.View.Current.VDisk("debian")!.Users.Keys);
    }

    [Fact]
    public async Task Session_is_confirmed_only_in_its_own_epoch()
    {
        var (device, _) = await _farm.AddDeviceWithVDiskAsync();
        var nonce = _farm.Nonce(device);
        var first = (SessionGrant)await _farm.AskAsync(new OpenSession(device, nonce, "one"));
        var second = (SessionGrant)await _farm.AskAsync(new OpenSession(device, nonce, "two"));
        Assert.IsType<Reply.Refused>(await _farm.AskAsync(new ConfirmSession(device, first.Epoch, "one")));
        Assert.IsType<Reply.Done>(await _farm.AskAsync(new ConfirmSession(device, second.Epoch, "two")));
        var row = await _farm.Farm.Services.Sessions.ReadAsync(device);
        Assert.Equal(SessionPhase.Open, row!.Phase);
        Assert.Equal("two", row.Streamer);
    }

    [Fact]
    public async Task Epoch_never_falls_behind_the_session_row()
    {
        var (device, _) = await _farm.AddDeviceWithVDiskAsync();
        var first = (SessionGrant)await _farm.AskAsync(new OpenSession(device, _farm.Nonce(device), "one"));
        // A server that died between the row and the journal leaves the row ahead.
        var row = (await _farm.Farm.Services.Sessions.ReadAsync(device))!;
        await _farm.Farm.Services.Sessions.SwapAsync(row with { Epoch = new(7) });
        var next = (SessionGrant)await _farm.AskAsync(new OpenSession(device, first.Boot, "one"));
        Assert.Equal(8u, next.Epoch.Value);
    }

    [Fact]
    public async Task Two_logins_at_once_get_epochs_of_their_own()
    {
        var (device, _) = await _farm.AddDeviceWithVDiskAsync();
        var nonce = _farm.Nonce(device);
        var grants = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(i => _farm.AskAsync(new OpenSession(device, nonce, $"s{i}")))
        );
        var epochs = grants.Cast<SessionGrant>().Select(g => g.Epoch.Value).Order();
        Assert.Equal(Enumerable.Range(1, 8).Select(n => (ulong)n), epochs);
        var confirmed = await Task.WhenAll(
            grants.Select((g, i) => _farm.AskAsync(new ConfirmSession(device, ((SessionGrant)g).Epoch, $"s{i}")))
        );
        Assert.Single(confirmed, c => c is Reply.Done);
        Assert.Equal(1, _farm.Farm.View.Current.Device(device)!.BootCount);
    }

    [Fact]
    public async Task Boot_whose_grant_was_lost_begins_once_more_with_a_clean_cache()
    {
        var (device, _) = await _farm.AddDeviceWithVDiskAsync();
        var nonce = _farm.Nonce(device);
        var lost = (SessionGrant)await _farm.AskAsync(new OpenSession(device, nonce, "one"));
        await _farm.StartAgainAsync();

        var again = Assert.IsType<SessionGrant>(await _farm.AskAsync(new OpenSession(device, nonce, "one")));
        Assert.True(again.IsNewBoot);
        Assert.Equal((nonce, lost.Epoch.Next(), (LayerId?)lost.Cache), (again.Boot, again.Epoch, again.Retired));
        Assert.NotEqual(lost.Cache, again.Cache);
        Assert.IsType<Reply.Refused>(await _farm.AskAsync(new ConfirmSession(device, lost.Epoch, "one")));
        await ConfirmAsync(again, "one");

        // What was confirmed once may hold data: an opening that is lost from now on never empties it.
        for (var i = 0; i < 2; i++)
        {
            var onwards = (SessionGrant)await _farm.AskAsync(new OpenSession(device, nonce, "one"));
            Assert.Equal((false, again.Cache), (onwards.IsNewBoot, onwards.Cache));
        }
    }

    [Fact]
    public async Task Boot_that_reached_the_row_and_not_the_journal_leaves_the_boot_before_as_it_was()
    {
        var (device, _) = await _farm.AddDeviceWithVDiskAsync();
        var first = (SessionGrant)await _farm.AskAsync(new OpenSession(device, _farm.Nonce(device), "one"));
        await ConfirmAsync(first, "one");
        _farm.Time.Advance(TimeSpan.FromMinutes(1));
        var row = (await _farm.Farm.Services.Sessions.ReadAsync(device))!;
        await _farm.Farm.Services.Sessions.SwapAsync(
            row with
            {
                Epoch = row.Epoch.Next(),
                Phase = SessionPhase.Booting,
                Boot = _farm.Nonce(device),
                Layers = [first.Image, new(Guid.NewGuid())],
            }
        );
        var onwards = (SessionGrant)await _farm.AskAsync(new OpenSession(device, first.Boot, "one"));
        Assert.Equal((false, first.Cache, 3u), (onwards.IsNewBoot, onwards.Cache, onwards.Epoch.Value));
    }

    [Fact]
    public async Task Request_that_is_sent_again_gets_the_same_answer_and_another_one_its_own()
    {
        var (device, _) = await _farm.AddDeviceWithVDiskAsync();
        var open = new OpenSession(device, _farm.Nonce(device), "one", Request: Guid.NewGuid());
        var grant = (SessionGrant)await _farm.AskAsync(open);
        Assert.Equal(grant, await _farm.AskAsync(open));
        await ConfirmAsync(grant, "one");
        Assert.Equal(grant, await _farm.AskAsync(open));
        var next = (SessionGrant)await _farm.AskAsync(open with { Request = Guid.NewGuid() });
        Assert.Equal((grant.Epoch.Next(), false), (next.Epoch, next.IsNewBoot));
    }

    [Fact]
    public async Task Session_whose_row_was_lost_goes_on_where_the_journal_has_it()
    {
        var (device, _) = await _farm.AddDeviceWithVDiskAsync();
        var nonce = _farm.Nonce(device);
        var boot = (SessionGrant)await _farm.AskAsync(new OpenSession(device, nonce, "one"));
        await ConfirmAsync(boot, "one");
        await _farm.Farm.Services.Sessions.RemoveAsync(device);
        _farm.Know("one", "two");
        Assert.Equal("one", ((Reply.Elsewhere)await _farm.AskAsync(new OpenSession(device, nonce, "two"))).Server);
        var again = (SessionGrant)await _farm.AskAsync(new OpenSession(device, nonce, "one"));
        Assert.Equal((false, boot.Cache, boot.Epoch.Next()), (again.IsNewBoot, again.Cache, again.Epoch));
    }

    private async Task ConfirmAsync(SessionGrant grant, string server) =>
        Assert.IsType<Reply.Done>(await _farm.AskAsync(new ConfirmSession(grant.Device, grant.Epoch, server)));
}
