using System.Collections.Immutable;
using Hatchery.Disks;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Devices.Tests;

public sealed class VersionRulesTests(ITestOutputHelper output)
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly VDiskId s_id = new(Guid.Parse("22222222222222222222222222222222"));
    private static readonly DeviceId s_device = new(Guid.Parse("11111111111111111111111111111111"));
    private static readonly CollectionId s_lab = new(Guid.Parse("55555555555555555555555555555555"));

    [Fact]
    public void New_version_is_in_maintenance_and_nobody_else_boots_it()
    {
        var disk = Of(2);
        Assert.Equal(VersionAccess.Maintenance, disk.Version(2)!.Access);
        Assert.Equal((1, 1, 2), Boots(disk));
    }

    [Fact]
    public void There_is_one_version_in_maintenance_at_a_time()
    {
        var refused = Decide(Of(2), Version(3)).Refused!;
        Assert.Equal(Refusal.Conflict, refused.Refusal);
        Assert.StartsWith("debian version 2 is in maintenance", refused.Reason, StringComparison.Ordinal);
        Assert.Empty(Decide(Of(2), Version(2)).Events);
    }

    [Fact]
    public void Promotion_goes_from_maintenance_to_test_to_production()
    {
        var disk = Apply(Of(2), new PromoteVersion(s_id));
        Assert.Equal((1, 2, 2), Boots(disk));
        disk = Apply(disk, new PromoteVersion(s_id));
        Assert.Equal((2, 2, 2), Boots(disk));
        Assert.Equal(VersionAccess.Retired, disk.Version(1)!.Access);
        Assert.Equal(Refusal.NotFound, Decide(disk, new PromoteVersion(s_id)).Refused!.Refusal);
    }

    [Fact]
    public void Version_that_a_server_lacks_is_not_promoted_and_the_server_is_named()
    {
        var refused = Decide(Of(2), new PromoteVersion(s_id), lacking: ["two", "three"]).Refused!;
        Assert.Equal(
            (Refusal.Conflict, "debian version 2 is not whole at two, three yet: see pbm vdisk replicas debian"),
            (refused.Refusal, refused.Reason)
        );
    }

    [Fact]
    public void Every_layer_of_a_version_has_to_be_there()
    {
        var disk = Apply(Of(1), Version(2) with { Parent = 1 });
        ImmutableArray<LayerId> asked = [];
        VDiskRules.Decide(
            disk,
            new PromoteVersion(s_id),
            s_now,
            FarmSnapshot.Empty,
            layers => (asked = layers, (string[])[]).Item2
        );
        Assert.Equal<LayerId>([Image(1), Image(2)], asked);
        Assert.Equal(Refusal.Conflict, Decide(Promoted(disk), new DeleteVersion(s_id, 1)).Refused!.Refusal);
    }

    [Fact]
    public void Promotion_at_a_time_happens_then_and_not_before()
    {
        var at = s_now.AddHours(3);
        var disk = Apply(Of(2), new PromoteVersion(s_id, To: VersionAccess.Production, From: at, By: "ann"));
        Assert.Equal(new(2, at, "ann"), disk.Scheduled);
        Assert.Empty(Decide(disk, new PromoteDue(s_id)).Events);
        Assert.Equal(1, disk.Production!.Number);
        Assert.Equal(Refusal.Conflict, Decide(disk, new PromoteDue(s_id), at, ["two"]).Refused!.Refusal);

        var promoted = Assert.IsType<VersionPromoted>(Assert.Single(Decide(disk, new PromoteDue(s_id), at).Events));
        Assert.Equal((2, "ann"), (promoted.Number, promoted.By));
        disk = disk.Apply(promoted);
        Assert.Equal((2, null), (disk.Production!.Number, disk.Scheduled));
    }

    [Fact]
    public void Revert_takes_back_what_is_scheduled_and_then_what_is_in_production()
    {
        var disk = Apply(
            Promoted(Of(2)),
            Version(3),
            new PromoteVersion(s_id, From: s_now.AddDays(1), To: VersionAccess.Production)
        );
        disk = Apply(disk, new RevertVersion(s_id));
        Assert.Equal((2, null), (disk.Production!.Number, disk.Scheduled));
        disk = Apply(disk, new RevertVersion(s_id));
        Assert.Equal((1, VersionAccess.Test), (disk.Production!.Number, disk.Version(2)!.Access));
        Assert.Equal(Refusal.NotFound, Decide(disk, new RevertVersion(s_id)).Refused!.Refusal);
    }

    [Fact]
    public void Devices_of_a_pinned_collection_boot_its_version_unless_they_see_more()
    {
        var disk = Apply(Promoted(Of(2)), new PinCollection(s_id, s_lab, 1));
        Assert.Equal(1, disk.VersionFor(VersionAccess.Production, s_lab)!.Number);
        Assert.Equal(2, disk.VersionFor(VersionAccess.Production, default)!.Number);
        Assert.Equal(
            "debian version 1 is what collection 55555555555555555555555555555555 is pinned to",
            Decide(disk, new DeleteVersion(s_id, 1)).Refused!.Reason
        );
        disk = Promoted(Apply(disk, Version(3)), VersionAccess.Test);
        Assert.Equal(3, disk.VersionFor(VersionAccess.Test, s_lab)!.Number);
        disk = Apply(disk, new PinCollection(s_id, s_lab, null));
        Assert.Equal((2, null), (disk.VersionFor(VersionAccess.Production, s_lab)!.Number, disk.Pins));
    }

    [Fact]
    public void Version_in_use_is_not_deleted_and_its_user_is_named()
    {
        var disk = Apply(Of(2), new TakeVersion(s_id, s_device, VersionAccess.Maintenance));
        Assert.Equal(
            "debian version 2 is in use by 11111111111111111111111111111111",
            Decide(disk, new DeleteVersion(s_id, 2)).Refused!.Reason
        );
        disk = Apply(disk, new ReleaseVersion(s_id, s_device), new DeleteVersion(s_id, 2), Version(3));
        // No number is given twice.
        Assert.Equal([1, 3], disk.Versions.Select(v => v.Number));
        Assert.Equal("debian version 1 is in production", Decide(disk, new DeleteVersion(s_id, 1)).Refused!.Reason);
    }

    [Fact]
    public void Whatever_is_commanded_one_version_is_in_production_and_everybody_has_a_version_to_boot()
    {
        var random = Seed.New(output);
        for (var round = 0; round < 200; round++)
        {
            var (disk, now, numbers) = (Of(1), s_now, new HashSet<int> { 1 });
            for (var step = 0; step < 60; step++)
            {
                now = now.AddMinutes(random.Next(0, 90));
                var missing = random.Next(4) == 0 ? new[] { "two" } : [];
                var decision = Decide(disk, Any(random, step + 2, now), now, missing);
                foreach (var happened in decision.Events)
                {
                    if (missing.Length > 0)
                        Assert.False(
                            happened is VersionPromoted or ProductionReverted or CollectionPinned { Number: not null }
                        );
                    if (happened is VersionCreated created)
                        Assert.True(numbers.Add(created.Number));
                    disk = disk.Apply(happened);
                }
                Assert.Single(disk.Versions, v => v.Access == VersionAccess.Production);
                Assert.True(disk.Versions.Count(v => v.Access == VersionAccess.Maintenance) <= 1);
                Assert.All(
                    disk.Users.Values.Concat(disk.Pinned.Values),
                    number => Assert.NotNull(disk.Version(number))
                );
                Assert.True(disk.Scheduled is not { } s || disk.Version(s.Number) is not null);
                Assert.All(disk.Versions, v => Assert.Equal(v.Image, disk.LayersOf(v)[^1]));
            }
        }
    }

    /// <summary>Between a script and its login anything may happen: the login gets what the script is of, or nothing.</summary>
    [Fact]
    public void Script_is_followed_by_its_own_version_or_by_none_whatever_is_commanded_meanwhile()
    {
        var random = Seed.New(output);
        var (followed, refused) = (0, 0);
        for (var round = 0; round < 200; round++)
        {
            var (disk, now, step) = (Of(1), s_now, 2);
            void Go(int steps)
            {
                for (; steps > 0; steps--, now = now.AddMinutes(random.Next(0, 90)))
                    foreach (var happened in Decide(disk, Any(random, step++, now), now).Events)
                        disk = disk.Apply(happened);
            }
            Go(random.Next(30));
            var (sees, collection) = ((VersionAccess)random.Next(0, 3), random.Next(2) == 0 ? s_lab : default);
            var scripted = disk.VersionFor(sees, collection)!;
            var script = ScriptMark.Of(s_id, scripted.Image, null, hasOwnCache: false);
            Go(random.Next(30));
            var take = new TakeVersion(s_id, s_device, sees, collection, Script: script);
            var decision = Decide(disk, take, now);
            var there = disk.Version(scripted.Number);
            if (decision.Refused is { } no)
            {
                refused++;
                Assert.Equal(Refusal.Stale, no.Refusal);
                Assert.False(there is { Access: VersionAccess.Production or VersionAccess.Retired });
                Assert.NotEqual(scripted.Number, disk.VersionFor(sees, collection)!.Number);
                continue;
            }
            followed++;
            var booted = decision.Events.Aggregate(disk, (d, happened) => d.Apply(happened)).Users[s_device];
            Assert.Equal(scripted.Number, booted);
            // Or its collection is pinned to it.
            Assert.True(
                there!.Access is VersionAccess.Production or VersionAccess.Retired
                    || there.Access <= sees
                    || disk.VersionFor(sees, collection)!.Number == scripted.Number
            );
        }
        Assert.True(followed > 20 && refused > 5, $"{followed} followed, {refused} refused");
    }

    private static IVDiskCommand Any(Random random, int step, DateTimeOffset now)
    {
        var number = random.Next(1, 8);
        var device = new DeviceId(new Guid(random.Next(1, 4), 0, 0, new byte[8]));
        return random.Next(9) switch
        {
            0 => Version(step) with { Parent = random.Next(3) == 0 ? number : null },
            1 => new PromoteVersion(s_id),
            2 => new PromoteVersion(
                s_id,
                number,
                (VersionAccess)random.Next(0, 3),
                random.Next(2) == 0 ? now.AddHours(1) : null
            ),
            3 => new PromoteDue(s_id),
            4 => new RevertVersion(s_id),
            5 => new PinCollection(s_id, s_lab, random.Next(2) == 0 ? number : null),
            6 => new DeleteVersion(s_id, number),
            7 => new TakeVersion(s_id, device, (VersionAccess)random.Next(0, 3), random.Next(2) == 0 ? s_lab : default),
            _ => new ReleaseVersion(s_id, device),
        };
    }

    private static (int Production, int Test, int Maintenance) Boots(VDiskState disk) =>
        (
            disk.VersionFor(VersionAccess.Production, default)!.Number,
            disk.VersionFor(VersionAccess.Test, default)!.Number,
            disk.VersionFor(VersionAccess.Maintenance, default)!.Number
        );

    private static LayerId Image(int number) => new(new Guid(number, 0, 0, new byte[8]));

    private static AddVersion Version(int number) => new(s_id, Image(number), 1 << 20, "ab", false, null);

    /// <summary>A vDisk with so many versions, of which the first is in production.</summary>
    private static VDiskState Of(int versions)
    {
        var disk = Apply(VDiskState.Unknown(s_id), new AddVDisk(s_id, "debian", Image(1), 1 << 20, "ab", false, null));
        return versions == 1 ? disk : Apply(disk, Version(versions));
    }

    private static VDiskState Promoted(VDiskState disk, VersionAccess to = VersionAccess.Production) =>
        Apply(disk, new PromoteVersion(s_id, To: to));

    private static VDiskState Apply(VDiskState state, params IVDiskCommand[] commands) =>
        commands.Aggregate(state, (s, c) => Decide(s, c).Events.Aggregate(s, (t, happened) => t.Apply(happened)));

    private static Decision<IVDiskEvent> Decide(
        VDiskState state,
        IVDiskCommand command,
        DateTimeOffset? now = null,
        params string[] lacking
    ) => VDiskRules.Decide(state, command, now ?? s_now, FarmSnapshot.Empty, _ => lacking);
}
