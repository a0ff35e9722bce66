using Hatchery.Disks;

namespace Hatchery.Devices.Tests;

public sealed class VDiskRulesTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly VDiskId s_id = new(Guid.Parse("22222222222222222222222222222222"));
    private static readonly DeviceId s_device = new(Guid.Parse("11111111111111111111111111111111"));
    private static readonly LayerId s_image = new(Guid.Parse("33333333333333333333333333333333"));
    private static readonly AddVDisk s_add = new(s_id, "debian", s_image, 1 << 20, "ab", true, null);

    private static Decision<IVDiskEvent> Decide(VDiskState state, IVDiskCommand command) =>
        VDiskRules.Decide(state, command, s_now, FarmSnapshot.Empty, _ => []);

    private static VDiskState Apply(VDiskState state, IVDiskCommand command) =>
        Decide(state, command).Events.Aggregate(state, (s, happened) => s.Apply(happened));

    private static VDiskState Added() => Apply(VDiskState.Unknown(s_id), s_add);

    [Fact]
    public void Imported_image_is_the_first_version_and_in_production()
    {
        var version = Added().Production!;
        Assert.Equal(1, version.Number);
        Assert.Equal(s_image, version.Image);
    }

    [Fact]
    public void Adding_the_same_image_again_changes_nothing() => Assert.Empty(Decide(Added(), s_add).Events);

    [Fact]
    public void Adding_another_image_under_its_name_is_a_conflict() =>
        Assert.Equal(Refusal.Conflict, Decide(Added(), s_add with { Image = default }).Refused!.Refusal);

    [Fact]
    public void Boot_takes_the_version_and_holds_it()
    {
        var state = Apply(Added(), new TakeVersion(s_id, s_device));
        Assert.Equal(1, state.Users[s_device]);
        Assert.Empty(Decide(state, new TakeVersion(s_id, s_device)).Events);
    }

    [Fact]
    public void VDisk_in_use_is_not_removed()
    {
        var used = Apply(Added(), new TakeVersion(s_id, s_device));
        Assert.Equal(Refusal.Conflict, Decide(used, new RemoveVDisk(s_id)).Refused!.Refusal);
        var released = Apply(used, new ReleaseVersion(s_id, s_device));
        Assert.False(Apply(released, new RemoveVDisk(s_id)).IsKnown);
    }

    [Fact]
    public void Unknown_vdisk_gives_no_version() =>
        Assert.Equal(
            Refusal.NotFound,
            Decide(VDiskState.Unknown(s_id), new TakeVersion(s_id, s_device)).Refused!.Refusal
        );
}
