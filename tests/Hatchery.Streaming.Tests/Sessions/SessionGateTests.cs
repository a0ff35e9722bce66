using System.Net;
using Akka.Actor;
using Akka.TestKit.TestActors;
using Hatchery.Devices;
using Hatchery.Disks;
using Hatchery.Testing;

namespace Hatchery.Streaming.Tests;

public sealed class SessionGateTests
{
    [Fact]
    public async Task Names_of_no_device_are_not_found()
    {
        await using var rig = await SessionRig.StartAsync();
        foreach (
            var name in (string[])["", "pc99", "pc07.xyz", "../../etc/passwd", new DeviceId(Guid.NewGuid()).ToString()]
        )
        {
            var refused = Assert.IsType<LoginOutcome.Refused>(await rig.LoginAsync(name));
            Assert.Equal(LoginRefusal.NotFound, refused.Refusal);
        }
        Assert.Empty(rig.Disks.Opened);
    }

    [Fact]
    public async Task Device_without_a_vdisk_is_not_found()
    {
        await using var rig = await SessionRig.StartAsync();
        await rig.Fixture.Devices.UnassignAsync(rig.Device);
        Assert.Equal(LoginRefusal.NotFound, await rig.RefusalAsync(rig.Nonce()));
    }

    [Fact]
    public async Task Forged_nonce_is_not_authorized()
    {
        await using var rig = await SessionRig.StartAsync();
        Assert.Equal(LoginRefusal.NotAuthorized, await rig.RefusalAsync(new BootId(Guid.NewGuid())));
        var ofAnother = rig.Fixture.Nonce(new DeviceId(Guid.NewGuid()));
        Assert.Equal(LoginRefusal.NotAuthorized, await rig.RefusalAsync(ofAnother));
        Assert.Equal(
            (2, "pc07: this farm never issued that boot nonce (127.0.0.1)"),
            (rig.Refusals.Count, rig.Refusals.First().Reason)
        );
    }

    [Fact]
    public async Task A_login_for_an_image_that_is_on_its_way_is_refused_and_a_boot_that_has_its_image_goes_on()
    {
        await using var rig = await SessionRig.StartAsync();
        var running = rig.Nonce();
        await using var session = await rig.OpenAsync(running);
        var image = rig.State.Boot!.Image;
        rig.WhyNotHere = asked => asked == image ? "40 % of its image is here yet, from b" : null;
        Assert.Equal(LoginRefusal.Unavailable, await rig.RefusalAsync(rig.Nonce()));
        Assert.EndsWith(
            ": 40 % of its image is here yet, from b (127.0.0.1)",
            Assert.Single(rig.Refusals).Reason,
            StringComparison.Ordinal
        );
        // Nothing was begun: the boot before is the current one.
        Assert.Equal(running, rig.State.Boot!.Id);
        rig.WhyNotHere = _ => null;
        await using var again = await rig.OpenAsync(running);
    }

    [Fact]
    public async Task Only_devices_with_a_vdisk_are_discovered()
    {
        await using var rig = await SessionRig.StartAsync();
        Assert.Equal([TargetName.IqnPrefix + "pc07"], rig.Gate.Targets(StreamProtocol.Iscsi, IPAddress.Loopback));
        Assert.Equal(["pc07"], rig.Gate.Targets(StreamProtocol.Nbd, IPAddress.Loopback));
        await rig.Fixture.Devices.UnassignAsync(rig.Device);
        Assert.Empty(rig.Gate.Targets(StreamProtocol.Iscsi, IPAddress.Loopback));
    }

    [Fact]
    public async Task Keeper_that_does_not_answer_makes_logins_unavailable()
    {
        await using var rig = await SessionRig.StartAsync(
            keepers: system => system.ActorOf(BlackHoleActor.Props),
            gate: new(TimeSpan.FromMilliseconds(50), LoginsMax: 256)
        );
        Assert.Equal(LoginRefusal.Unavailable, await rig.RefusalAsync(rig.Nonce()));
    }

    [Fact]
    public async Task Session_that_another_server_overtook_is_not_granted_and_its_disk_is_closed()
    {
        await using var rig = await SessionRig.StartAsync(keepers: system =>
            system.ActorOf(Props.Create(() => new OvertakenKeeper()))
        );
        Assert.Equal(LoginRefusal.Unavailable, await rig.RefusalAsync(rig.Nonce()));
        Assert.True(rig.Disks.Opened.Single().Disk.IsClosed);
        await rig.StepsAsync("lost");
    }

    [Fact]
    public async Task Farm_that_is_away_takes_no_disk_from_a_running_machine()
    {
        await using var rig = await SessionRig.StartAsync();
        var running = await rig.OpenAsync(rig.Nonce());
        await rig.Fixture.StopAsync();
        Assert.Equal(DiskStatus.Ok, await running.Disk.ReadAsync(0, new byte[512]));
        var again = Assert.IsType<LoginOutcome.Granted>(await rig.LoginAsync("pc07"));
        Assert.Equal(running.Epoch, again.Session.Epoch);
        Assert.False(running.Ended.IsCancellationRequested);
    }

    [Fact]
    public async Task More_logins_than_may_wait_are_told_to_try_again()
    {
        await using var rig = await SessionRig.StartAsync(gate: new(TimeSpan.FromSeconds(30), LoginsMax: 2));
        var held = new TaskCompletionSource();
        rig.Disks.Before = _ => held.Task;
        var nonce = rig.Nonce();
        var waiting = new[] { rig.LoginAsync(nonce), rig.LoginAsync(nonce) };
        Assert.Equal(LoginRefusal.Unavailable, await rig.RefusalAsync(nonce));
        held.SetResult();
        Assert.All(await Task.WhenAll(waiting), o => Assert.IsType<LoginOutcome.Granted>(o));
        Assert.IsType<LoginOutcome.Granted>(await rig.LoginAsync(nonce));
    }

    [Fact]
    public async Task More_devices_than_may_be_served_are_told_to_try_again_until_one_has_left()
    {
        await using var rig = await SessionRig.StartAsync(
            gate: new(TimeSpan.FromSeconds(30), LoginsMax: 2, DevicesMax: 1)
        );
        await rig.Fixture.Devices.AddAsync("pc08", [Hatchery.Wire.MacAddress.Parse("52:54:00:77:00:08")]);
        var nonce = rig.Nonce();
        var first = await rig.OpenAsync(nonce);
        var second = await rig.OpenAsync(nonce);
        Assert.Equal(1, rig.Gate.Use[1].Open);
        var refused = Assert.IsType<LoginOutcome.Refused>(await rig.LoginAsync("pc08"));
        Assert.Equal(LoginRefusal.Unavailable, refused.Refusal);
        Assert.Contains("devices-max", refused.Reason, StringComparison.Ordinal);
        await first.DisposeAsync();
        await first.DisposeAsync();
        Assert.Equal((1, 1), (rig.Gate.Use[1].Open, rig.Gate.Use[1].Refused));
        await second.DisposeAsync();
        // It has no vDisk, and is asked for one now.
        Assert.NotEqual(
            LoginRefusal.Unavailable,
            Assert.IsType<LoginOutcome.Refused>(await rig.LoginAsync("pc08")).Refusal
        );
    }

    [Fact]
    public async Task Machine_that_comes_back_does_not_wait_behind_those_that_boot()
    {
        await using var rig = await SessionRig.StartAsync(
            gate: new(TimeSpan.FromSeconds(30), LoginsMax: 8, BootsAtOnce: 1)
        );
        var nonce = rig.Nonce();
        await (await rig.OpenAsync(nonce)).DisposeAsync();
        await rig.Fixture.Devices.AddAsync("pc08", [Hatchery.Wire.MacAddress.Parse("52:54:00:77:00:08")]);
        await rig.Fixture.Devices.AddAsync("pc09", [Hatchery.Wire.MacAddress.Parse("52:54:00:77:00:09")]);
        var vDisk = rig.Fixture.Farm.View.Current.VDisk("debian")!.Id;
        foreach (var name in new[] { "pc08", "pc09" })
            await rig.Fixture.Devices.AssignAsync(
                rig.Fixture.Farm.View.Current.Device(name)!.Id,
                new(vDisk, BootTransport.San)
            );
        var held = new TaskCompletionSource();
        rig.Disks.Before = grant => grant.Device == rig.Device ? Task.CompletedTask : held.Task;
        var boots = new[] { rig.LoginAsync("pc08"), rig.LoginAsync("pc09") };
        await Eventually.TrueAsync(() => rig.Gate.Use[2].Open == 2);

        Assert.IsType<LoginOutcome.Granted>(await rig.LoginAsync(nonce));
        Assert.All(boots, boot => Assert.False(boot.IsCompleted));
        held.SetResult();
        Assert.All(await Task.WhenAll(boots), o => Assert.IsType<LoginOutcome.Granted>(o));
    }

    [Fact]
    public async Task Login_at_the_wrong_server_is_redirected_where_the_other_serves_its_protocol_and_else_refused_with_a_reason()
    {
        await using var rig = await SessionRig.StartAsync();
        var nonce = rig.Nonce();
        var grant = Assert.IsType<SessionGrant>(
            await rig.Fixture.AskAsync(new OpenSession(rig.Device, nonce, SessionRig.Other))
        );
        await rig.Fixture.AskAsync(new ConfirmSession(rig.Device, grant.Epoch, SessionRig.Other));
        rig.Fixture.Know(SessionRig.Other);
        var redirected = Assert.IsType<LoginOutcome.Redirected>(
            await rig.LoginAsync(TargetName.Iqn(rig.Device, nonce), protocol: StreamProtocol.Iscsi)
        );
        Assert.Equal(SessionRig.OtherPortal, redirected.Portal);
        var refused = Assert.IsType<LoginOutcome.Refused>(await rig.LoginAsync(nonce));
        Assert.Equal(LoginRefusal.Unavailable, refused.Refusal);
        Assert.Contains("write cache is at two", refused.Reason, StringComparison.Ordinal);
        // Neither took anything from the other server.
        Assert.Equal(grant.Epoch, rig.State.Epoch);
    }

    [Fact]
    public async Task Session_that_another_server_has_opened_since_ends_here_and_reports_nothing_more()
    {
        await using var rig = await SessionRig.StartAsync();
        var session = await rig.OpenAsync(rig.Nonce());
        rig.Fixture.Time.Advance(TimeSpan.FromMinutes(1));
        var grant = Assert.IsType<SessionGrant>(
            await rig.Fixture.AskAsync(new OpenSession(rig.Device, rig.Nonce(), SessionRig.Other))
        );
        rig.Streamer.Tell(new SessionSuperseded(rig.Device, session.Epoch), ActorRefs.NoSender);
        rig.Streamer.Tell(new SessionSuperseded(rig.Device, grant.Epoch), ActorRefs.NoSender);
        await Eventually.TrueAsync(() => session.Ended.IsCancellationRequested);
        await session.DisposeAsync();
        await Eventually.TrueAsync(() => rig.Disks.Opened.Single().Disk.IsClosed);
        rig.Advance(SessionRig.OffAfter * 2);
        Assert.Equal((grant.Epoch, DevicePhase.SessionOpen), (rig.State.Epoch, rig.State.Phase));
    }

    private sealed class OvertakenKeeper : ReceiveActor
    {
        public OvertakenKeeper()
        {
            Receive<OpenSession>(open =>
                Sender.Tell(
                    new SessionGrant(
                        open.Device,
                        open.Boot!.Value,
                        new(1),
                        new(Guid.NewGuid()),
                        new(Guid.NewGuid()),
                        IsNewBoot: true,
                        BootTransport.San,
                        Retired: null
                    )
                )
            );
            Receive<ConfirmSession>(_ => Sender.Tell(new Reply.Refused(Refusal.Unavailable, "overtaken")));
        }
    }
}
