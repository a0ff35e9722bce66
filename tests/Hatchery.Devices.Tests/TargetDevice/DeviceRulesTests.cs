using System.Collections.Immutable;
using Hatchery.Disks;
using Hatchery.Mirroring;
using Hatchery.Wire;

namespace Hatchery.Devices.Tests;

public sealed class DeviceRulesTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DeviceId s_id = new(Guid.Parse("11111111111111111111111111111111"));
    private static readonly VDiskId s_vDisk = new(Guid.Parse("22222222222222222222222222222222"));
    private static readonly ImmutableArray<MacAddress> s_macs = [MacAddress.Parse("52:54:00:77:00:10")];
    private static readonly BootNonce s_nonces = new(new byte[32]);

    private static DeviceState After(params IDeviceEvent[] events) =>
        events.Aggregate(DeviceState.Unknown(s_id), (state, happened) => state.Apply(happened));

    private static DeviceState Added() => After(new DeviceAdded("pc07", s_macs, null, s_now));

    private static DeviceState Booted(DevicePhase phase = DevicePhase.Running) =>
        Added()
            .Apply(new VDiskAssigned(s_vDisk, BootTransport.San, s_now))
            .Apply(new BootStarted(Nonce(1), s_vDisk, 1, default, default, new(3), "one", s_now))
            .Apply(new PhaseChanged(phase, s_now));

    private static BootId Nonce(int minute) => s_nonces.Issue(s_id, null, s_now.AddMinutes(minute));

    private static Decision<IDeviceEvent> Decide(DeviceState state, IDeviceCommand command) =>
        DeviceRules.Decide(state, command, s_now);

    [Fact]
    public void New_device_is_added()
    {
        var happened = Assert.Single(Decide(DeviceState.Unknown(s_id), new AddDevice(s_id, "pc07", s_macs)).Events);
        var added = Assert.IsType<DeviceAdded>(happened);
        Assert.Equal("pc07", added.Name);
        Assert.Equal<MacAddress>(s_macs, added.Macs);
    }

    [Fact]
    public void Adding_the_same_device_again_changes_nothing()
    {
        var decision = Decide(Added(), new AddDevice(s_id, "pc07", s_macs));
        Assert.Empty(decision.Events);
        Assert.Null(decision.Refused);
    }

    [Fact]
    public void Adding_it_with_another_name_is_a_conflict() =>
        Assert.Equal(Refusal.Conflict, Decide(Added(), new AddDevice(s_id, "pc08", s_macs)).Refused!.Refusal);

    [Fact]
    public void Device_needs_an_address_of_its_own()
    {
        Assert.Equal(
            Refusal.Invalid,
            Decide(DeviceState.Unknown(s_id), new AddDevice(s_id, "pc07", [])).Refused!.Refusal
        );
        var multicast = MacAddress.Parse("01:00:5e:00:00:01");
        Assert.Equal(
            Refusal.Invalid,
            Decide(DeviceState.Unknown(s_id), new AddDevice(s_id, "pc07", [multicast])).Refused!.Refusal
        );
    }

    [Fact]
    public void Unknown_device_takes_no_vdisk() =>
        Assert.Equal(
            Refusal.NotFound,
            Decide(DeviceState.Unknown(s_id), new AssignVDisk(s_id, s_vDisk, BootTransport.San)).Refused!.Refusal
        );

    [Fact]
    public void Assigning_the_same_vdisk_again_changes_nothing()
    {
        var state = Added().Apply(new VDiskAssigned(s_vDisk, BootTransport.Nbd, s_now));
        Assert.Empty(Decide(state, new AssignVDisk(s_id, s_vDisk, BootTransport.Nbd)).Events);
        Assert.Single(Decide(state, new AssignVDisk(s_id, s_vDisk, BootTransport.San)).Events);
    }

    [Fact]
    public void Running_device_is_removed_only_by_force()
    {
        Assert.Equal(Refusal.Conflict, Decide(Booted(), new RemoveDevice(s_id, Force: false)).Refused!.Refusal);
        Assert.Single(Decide(Booted(), new RemoveDevice(s_id, Force: true)).Events);
        Assert.Single(Decide(Booted(DevicePhase.Off), new RemoveDevice(s_id, Force: false)).Events);
    }

    [Fact]
    public void Report_of_an_older_epoch_changes_nothing()
    {
        Assert.Empty(Decide(Booted(), new ReportPhase(s_id, new(2), DevicePhase.Lost)).Events);
        Assert.Single(Decide(Booted(), new ReportPhase(s_id, new(3), DevicePhase.Lost)).Events);
    }

    [Fact]
    public void Report_from_a_session_that_was_opened_without_the_machine_leaves_it_off_as_it_was()
    {
        var off = Booted(DevicePhase.Off);
        var boot = off.Boot!;
        var row = SessionRules.Boot(s_id, null, new(3), boot.Id, "two", boot.Layers) with { Phase = SessionPhase.Open };
        var decision = DeviceRules.Report(off, new(s_id, row.Epoch, DevicePhase.Off), row, s_now.AddHours(1));
        var after = decision.Events.Aggregate(off, (state, happened) => state.Apply(happened));
        Assert.Equal((DevicePhase.Off, row.Epoch, "two"), (after.Phase, after.Epoch, after.Boot!.Server));
        Assert.Equal((boot.RanAt, off.PhaseSince), (after.Boot.RanAt, after.PhaseSince));

        // The machine is back, and its keeper was told that it is off by the server that it left.
        var running = DeviceRules.Report(off, new(s_id, row.Epoch, DevicePhase.Running), row, s_now);
        Assert.Equal(
            DevicePhase.Running,
            running.Events.Aggregate(off, (state, happened) => state.Apply(happened)).Phase
        );
        var overtaken = DeviceRules.Report(
            off,
            new(s_id, row.Epoch, DevicePhase.Off),
            row with
            {
                Epoch = row.Epoch.Next(),
            },
            s_now
        );
        Assert.Equal(
            DevicePhase.Running,
            overtaken.Events.Aggregate(off, (state, happened) => state.Apply(happened)).Phase
        );
    }

    [Fact]
    public void First_login_with_a_newer_nonce_is_a_boot() =>
        Assert.IsType<Admission.Boot>(DeviceRules.Admit(Booted(), Nonce(2)));

    [Fact]
    public void Login_with_the_current_nonce_goes_on() =>
        Assert.IsType<Admission.Continue>(DeviceRules.Admit(Booted(), Nonce(1)));

    [Fact]
    public void Login_with_an_older_nonce_is_refused()
    {
        var no = Assert.IsType<Admission.No>(DeviceRules.Admit(Booted(), Nonce(0)));
        Assert.Equal(Refusal.Stale, no.Refusal);
    }

    [Theory]
    [InlineData(DevicePhase.Running)]
    [InlineData(DevicePhase.SessionOpen)]
    [InlineData(DevicePhase.Lost)]
    public void Login_without_a_nonce_goes_on_while_the_device_may_be_alive(DevicePhase phase) =>
        Assert.IsType<Admission.Continue>(DeviceRules.Admit(Booted(phase), null));

    [Fact]
    public void Login_without_a_nonce_is_a_boot_when_the_device_is_off() =>
        Assert.IsType<Admission.Boot>(DeviceRules.Admit(Booted(DevicePhase.Off), null));

    [Fact]
    public void Device_without_a_vdisk_does_not_boot() =>
        Assert.Equal(Refusal.NotFound, Assert.IsType<Admission.No>(DeviceRules.Admit(Added(), Nonce(1))).Refusal);

    [Fact]
    public void Running_device_goes_on_after_its_vdisk_was_taken_away() =>
        Assert.IsType<Admission.Continue>(DeviceRules.Admit(Booted().Apply(new VDiskUnassigned(s_now)), Nonce(1)));

    [Fact]
    public void Boot_is_counted_once_however_often_it_logs_in()
    {
        var state = Booted().Apply(new SessionReopened(new(4), "two", s_now));
        Assert.Equal(1, state.BootCount);
        Assert.Equal(new Epoch(4), state.Epoch);
        Assert.Equal("two", state.Boot!.Server);
    }

    [Fact]
    public void Removed_device_keeps_its_epoch_and_does_not_come_back()
    {
        var state = Booted(DevicePhase.Off).Apply(new DeviceRemoved(s_now));
        Assert.Equal(new Epoch(3), state.Epoch);
        Assert.Equal(Refusal.Conflict, Decide(state, new AddDevice(s_id, "pc07", s_macs)).Refused!.Refusal);
    }
}
