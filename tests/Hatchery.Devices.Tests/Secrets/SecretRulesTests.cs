using Hatchery.Disks;

namespace Hatchery.Devices.Tests.Secrets;

public sealed class SecretRulesTests
{
    private static readonly DeviceId s_device = new(Guid.NewGuid());
    private static readonly BootId s_boot = new(Guid.NewGuid());

    [Fact]
    public void Secrets_are_read_once_in_a_boot_and_again_in_the_next()
    {
        var state = Booted(With("JOIN"), s_boot);
        state = Happened(state, Release(s_boot));
        Assert.Equal(Refusal.Conflict, Refused(state, Release(s_boot)));
        var next = new BootId(Guid.NewGuid());
        state = Booted(state, next);
        Assert.Equal(Refusal.Stale, Refused(state, Release(s_boot)));
        state = Happened(state, Release(next));
        Assert.Equal(next, state.OwnSecrets.Released!.Boot);
    }

    [Fact]
    public void Boot_that_does_not_have_the_disk_gets_none()
    {
        Assert.Equal(Refusal.Stale, Refused(With("JOIN"), Release(s_boot)));
        var off = Booted(With("JOIN"), s_boot).Apply(new PhaseChanged(DevicePhase.Off, default));
        Assert.Equal(Refusal.Stale, Refused(off, Release(s_boot)));
        Assert.Equal(Refusal.NotFound, Refused(Booted(With(), s_boot), Release(s_boot)));
    }

    [Fact]
    public void Secret_is_replaced_and_removed_and_goes_with_its_device()
    {
        var state = Happened(With("B", "A"), new SetSecret(s_device, Sealed("A", 9)));
        Assert.Equal([("A", 9), ("B", 1)], state.OwnSecrets.Sealed.Select(s => (s.Name, (int)s.Sealed[^1])));
        state = Happened(state, new RemoveSecrets(s_device, ["A"]));
        Assert.Equal("B", Assert.Single(state.OwnSecrets.Sealed).Name);
        Assert.Empty(Decide(state, new RemoveSecrets(s_device, ["A"])).Events);
        Assert.Empty(state.Apply(new DeviceRemoved(default)).OwnSecrets.Sealed);
    }

    [Fact]
    public void Secrets_have_their_bounds()
    {
        var state = With([.. Enumerable.Range(0, SealedSecret.CountMax).Select(i => $"N{i}")]);
        Assert.Equal(Refusal.Conflict, Refused(state, new SetSecret(s_device, Sealed("MORE"))));
        Assert.Null(Decide(state, new SetSecret(s_device, Sealed("N0"))).Refused);
        foreach (
            var wrong in (SealedSecret[])
                [
                    Sealed("9"),
                    Sealed("A") with
                    {
                        Sealed = new byte[FarmKey.OverheadBytes],
                    },
                    Sealed("A") with
                    {
                        Sealed = new byte[FarmKey.OverheadBytes + SealedSecret.BytesMax + 1],
                    },
                    Sealed("A") with
                    {
                        Key = "",
                    },
                ]
        )
            Assert.Equal(Refusal.Invalid, Refused(With(), new SetSecret(s_device, wrong)));
    }

    private static ReleaseSecrets Release(BootId boot) => new(s_device, boot, "10.77.0.101", "one");

    private static SealedSecret Sealed(string name, byte last = 1)
    {
        var box = new byte[FarmKey.OverheadBytes + 1];
        box[^1] = last;
        return new(name, new string('0', FarmKey.IdLength), box, default);
    }

    private static DeviceState With(params string[] names) =>
        names.Aggregate(
            DeviceState.Unknown(s_device).Apply(new DeviceAdded("pc07", [], null, default)),
            (state, name) => Happened(state, new SetSecret(s_device, Sealed(name)))
        );

    private static DeviceState Booted(DeviceState state, BootId boot) =>
        state.Apply(new BootStarted(boot, default, 1, default, default, new(1), "one", default));

    private static Decision<IDeviceEvent> Decide(DeviceState state, IDeviceCommand command) =>
        DeviceRules.Decide(state, command, default);

    private static Refusal? Refused(DeviceState state, IDeviceCommand command) =>
        Decide(state, command).Refused?.Refusal;

    private static DeviceState Happened(DeviceState state, IDeviceCommand command)
    {
        var decided = Decide(state, command);
        Assert.Null(decided.Refused);
        return decided.Events.Aggregate(state, (s, e) => s.Apply(e));
    }
}
