using Hatchery.Disks;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Devices.Tests;

/// <summary>Versions that machines write, and versions that servers make.</summary>
public sealed class MakingRulesTests(ITestOutputHelper output)
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly VDiskId s_id = new(Guid.Parse("22222222222222222222222222222222"));
    private static readonly DeviceId s_writer = new(Guid.Parse("11111111111111111111111111111111"));
    private static readonly DeviceId s_other = new(Guid.Parse("11111111111111111111111111111112"));
    private static readonly LayerId s_layer = new(Guid.Parse("33333333333333333333333333333333"));
    private static readonly AddVersion s_made = new(s_id, s_layer, 1 << 20, "ab", false, null, Number: 2);

    [Fact]
    public void Open_version_is_written_by_one_device_with_each_boot_in_a_new_epoch_and_others_are_told_by_whom()
    {
        var disk = Apply(Of(), new OpenMaintenance(s_id, By: "ann", Note: "updates"));
        Assert.Equal(new(2, 1, s_now, "ann", "updates"), disk.Open);
        disk = Apply(disk, Boot(s_writer));
        disk = Apply(disk, Boot(s_writer) with { Writes = 2, Kept = 1 });
        Assert.Equal((s_writer, 2u), (disk.Open!.Lock!.Device, (uint)disk.Open.Lock.Epoch.Value));
        Assert.Equal(
            "debian version 2 is written by pc07, and by nobody else until it is promoted, closed or deleted",
            Refused(disk, Boot(s_other))
        );
        // Who is no maintenance device, or has a kept write cache of its own, boots what is in production.
        Assert.False(VDiskRules.TakesOpen(disk, Boot(s_other) with { Sees = VersionAccess.Test }));
        Assert.False(VDiskRules.TakesOpen(disk, Boot(s_other) with { IsPrivate = true }));
        Assert.Equal(1, Assert.IsType<VersionTaken>(Events(disk, Boot(s_other) with { Kept = 1 }).Single()).Number);
    }

    [Fact]
    public void There_is_one_version_open_in_the_making_or_in_maintenance_at_a_time()
    {
        var open = Apply(Of(), new OpenMaintenance(s_id));
        foreach (var another in new IVDiskCommand[] { new OpenMaintenance(s_id), Imported(), new MakeVersion(s_id) })
            Assert.StartsWith("debian version 2 is being written", Refused(open, another), StringComparison.Ordinal);
        var making = Closing();
        Assert.StartsWith("debian version 2 is being made", Refused(making, Imported()), StringComparison.Ordinal);
        var closed = Apply(making, Claim("one"), s_made);
        Assert.StartsWith(
            "debian version 2 is in maintenance",
            Refused(closed, new OpenMaintenance(s_id)),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void What_runs_is_not_closed_unless_forced_and_what_nobody_wrote_neither()
    {
        var open = Apply(Of(), new OpenMaintenance(s_id));
        Assert.Contains("nobody has written it yet", Refused(open, new PromoteVersion(s_id)), StringComparison.Ordinal);
        var written = Apply(open, Boot(s_writer));
        foreach (var close in new IVDiskCommand[] { new CloseMaintenance(s_id), new PromoteVersion(s_id) })
            Assert.StartsWith(
                "pc07 runs from debian version 2 and writes it: shut it down first",
                Decide(written, close, Farm(DevicePhase.Running)).Refused!.Reason,
                StringComparison.Ordinal
            );
        Assert.StartsWith(
            "pc07 runs from",
            Decide(written, new DeleteVersion(s_id, 2), Farm(DevicePhase.Lost)).Refused!.Reason,
            StringComparison.Ordinal
        );
        Assert.Single(Decide(written, new CloseMaintenance(s_id, IsForced: true), Farm(DevicePhase.Running)).Events);
    }

    [Fact]
    public void Closing_keeps_its_device_away_until_the_layer_is_there_and_then_it_has_to_boot()
    {
        var disk = Closing();
        foreach (
            var going in new IVDiskCommand[]
            {
                Boot(s_writer),
                Boot(s_writer) with
                {
                    Writes = 2,
                    Kept = 1,
                },
                new HoldLock(s_id, s_writer, 2),
            }
        )
            Assert.Equal("what pc07 wrote is being made version 2 of debian", Refused(disk, going));
        disk = Apply(disk, Claim("one"), s_made);
        Assert.Equal((null, null, VersionAccess.Maintenance), (disk.Open, disk.Making, disk.Version(2)!.Access));
        Assert.Equal<LayerId>([disk.Version(1)!.Image, s_layer], disk.LayersOf(disk.Version(2)!));
        Assert.Equal(Refusal.NotFound, Decide(disk, new HoldLock(s_id, s_writer, 2)).Refused!.Refusal);
        Assert.Equal(Refusal.NotFound, Decide(disk, Boot(s_writer) with { Writes = 2, Kept = 1 }).Refused!.Refusal);
        Assert.Empty(disk.Users);
        Assert.True(disk.IsOver(2));
    }

    [Fact]
    public void Promotion_of_an_open_version_waits_for_the_layer_and_for_every_server()
    {
        var disk = Apply(Written(), new PromoteVersion(s_id));
        Assert.Empty(Events(disk, new CloseMaintenance(s_id, To: VersionAccess.Test)));
        Assert.Contains("not made yet", Refused(disk, new EndMaking(s_id, 2)), StringComparison.Ordinal);
        disk = Apply(disk, Claim("one"), s_made);
        Assert.Equal(VersionAccess.Maintenance, disk.Version(2)!.Access);
        Assert.Contains("not whole at two", Refused(disk, new EndMaking(s_id, 2), "two"), StringComparison.Ordinal);
        disk = Apply(disk, new EndMaking(s_id, 2));
        Assert.Equal((VersionAccess.Test, null), (disk.Version(2)!.Access, disk.Making));
        // Whoever comes late changes nothing.
        Assert.Empty(Events(disk, new EndMaking(s_id, 2)));
        Assert.Empty(Events(disk, s_made with { Number = null }));
    }

    [Fact]
    public void Promotion_that_waits_is_taken_back_and_an_operator_may_be_faster()
    {
        var made = Apply(Written(), new PromoteVersion(s_id), Claim("one"), s_made);
        var reverted = Apply(made, new RevertVersion(s_id));
        Assert.Equal((VersionAccess.Maintenance, null), (reverted.Version(2)!.Access, reverted.Making));
        var faster = Apply(made, new PromoteVersion(s_id, 2, VersionAccess.Production));
        Assert.IsType<MakingEnded>(Assert.Single(Events(faster, new EndMaking(s_id, 2), "two")));
    }

    [Fact]
    public void One_server_makes_it_another_only_instead_of_one_that_is_gone_and_what_was_abandoned_is_remembered()
    {
        var disk = Apply(Closing(), Claim("one"));
        Assert.Empty(Events(disk, Claim("one")));
        var other = new LayerId(Guid.NewGuid());
        Assert.Equal("one makes version 2 of debian", Refused(disk, new ClaimMaking(s_id, 2, "two", other)));
        disk = Apply(disk, new ClaimMaking(s_id, 2, "two", other, Instead: "one"));
        Assert.Equal(Refusal.NotFound, Decide(disk, s_made).Refused!.Refusal);
        Assert.Equal<LayerId>([s_layer], disk.Abandoned);
        disk = Apply(disk, new ClaimMaking(s_id, 2, Server: null, Instead: "two"));
        Assert.Equal((null, default), (disk.Making!.Server, disk.Making.Layer));
        Assert.Equal<LayerId>([s_layer, other], disk.Abandoned);
    }

    [Fact]
    public void What_is_open_or_in_the_making_is_deleted_and_its_number_not_given_again()
    {
        foreach (var disk in new[] { Written(), Closing(), Apply(Closing(), Claim("one")) })
        {
            var left = Apply(disk, new DeleteVersion(s_id, 2));
            Assert.Equal((null, null, 3, 0), (left.Open, left.Making, left.NextNumber, left.Users.Count));
            Assert.True(left.IsOver(2));
            Assert.Equal(disk.Making?.Server is not null, !left.Abandoned.IsDefaultOrEmpty);
        }
    }

    [Fact]
    public void What_is_merged_or_written_upon_is_not_deleted_meanwhile()
    {
        var chain = Chain(3);
        var open = Apply(chain, new OpenMaintenance(s_id, Parent: 3));
        Assert.Contains(
            "lies on debian version 3",
            Refused(open, new DeleteVersion(s_id, 3)),
            StringComparison.Ordinal
        );
        var merging = Apply(chain, new MakeVersion(s_id, Top: 3));
        Assert.Contains("version 4", Refused(merging, new DeleteVersion(s_id, 3)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, null)]
    public void Merge_has_the_access_of_what_it_is_made_of_unless_another_is_wished(bool isBase, int? below)
    {
        var chain = Apply(Chain(3), new PromoteVersion(s_id, 3, VersionAccess.Production));
        var disk = Apply(chain, new MakeVersion(s_id, IsBase: isBase));
        Assert.Equal((4, 3, below, VersionAccess.Production), Of(disk.Making!));
        Assert.Empty(Events(disk, new MakeVersion(s_id, IsBase: isBase)));
        disk = Apply(disk, Claim("one", 4), s_made with { Number = 4 }, new EndMaking(s_id, 4));
        Assert.Equal((4, below), (disk.Production!.Number, disk.Production.Parent));
        // The old ones are nobody's any more.
        disk = Apply(disk, new DeleteVersion(s_id, 3), new DeleteVersion(s_id, 2));
        if (isBase)
            Assert.Equal([4], Apply(disk, new DeleteVersion(s_id, 1)).Versions.Select(v => v.Number));
        else
            Assert.Equal("version 4 of debian lies on debian version 1", Refused(disk, new DeleteVersion(s_id, 1)));
        Assert.Equal(
            VersionAccess.Test,
            Apply(chain, new MakeVersion(s_id, IsBase: isBase, Access: VersionAccess.Test)).Making!.Access
        );
        Assert.Equal(VersionAccess.Test, Apply(chain, new MakeVersion(s_id, 2, IsBase: true)).Making!.Access);

        static (int, int, int?, VersionAccess) Of(VersionMaking m) => (m.Number, m.Top, m.Below, m.Access);
    }

    [Fact]
    public void What_is_one_image_or_one_layer_is_not_merged()
    {
        Assert.Contains(
            "whole image already",
            Refused(Of(), new MakeVersion(s_id, IsBase: true)),
            StringComparison.Ordinal
        );
        Assert.Contains("no layers", Refused(Chain(2), new MakeVersion(s_id)), StringComparison.Ordinal);
    }

    [Fact]
    public void Private_image_becomes_a_version_on_top_of_its_own_while_its_device_is_off_and_keeps_what_it_has()
    {
        var disk = Apply(Of(), Boot(s_writer) with { IsPrivate = true });
        var make = new MakeVersion(s_id, 1, Writer: s_writer);
        Assert.StartsWith(
            "pc07 runs from debian",
            Decide(disk, make, Farm(DevicePhase.Running)).Refused!.Reason,
            StringComparison.Ordinal
        );
        disk = Apply(disk, make);
        Assert.Equal(
            (1, s_writer, VersionAccess.Maintenance),
            (disk.Making!.Below, disk.Making.Writer, disk.Making.Access)
        );
        Assert.Contains("is being made", Refused(disk, new HoldLock(s_id, s_writer)), StringComparison.Ordinal);
        disk = Apply(disk, Claim("one"), s_made);
        Assert.Equal((1, 1), (disk.Version(2)!.Parent, disk.Users[s_writer]));
        Assert.Empty(Events(disk, new HoldLock(s_id, s_writer)));
    }

    [Fact]
    public void Long_chain_in_production_is_merged_by_itself_unless_somebody_is_about_something_or_keeps_a_write_cache_on_it()
    {
        var (nobody, disk) = (
            Farm(DevicePhase.Off),
            Apply(Chain(4), new PromoteVersion(s_id, 4, VersionAccess.Production))
        );
        Assert.Equal((4, false, null), Of(nobody.MergeDue(disk, 2)!));
        Assert.Null(nobody.MergeDue(disk, 3));
        Assert.Null(nobody.MergeDue(disk, 0));
        Assert.Null(nobody.MergeDue(Apply(disk, new SetMergeLimit(s_id, 3)), 2));
        Assert.NotNull(nobody.MergeDue(Apply(disk, new SetMergeLimit(s_id, 1)), 0));
        Assert.Null(nobody.MergeDue(Apply(disk, new OpenMaintenance(s_id)), 2));
        Assert.Null(nobody.MergeDue(Apply(disk, Imported()), 2));
        var kept = nobody.Apply(
            PersistenceIds.Of(s_writer),
            3,
            new BootStarted(default, s_id, 4, s_layer, s_layer, new(1), "one", s_now, DiskMode.Differencing),
            3
        );
        Assert.Null(kept.MergeDue(disk, 2));
        // What it makes is what an operator would have asked for, and it is not due again.
        disk = Apply(disk, nobody.MergeDue(disk, 2)!);
        Assert.Equal((1, VersionAccess.Production), (disk.Making!.Below, disk.Making.Access));
        Assert.Null(nobody.MergeDue(disk, 2));
        disk = Apply(disk, Claim("one", 5), s_made with { Number = 5 }, new EndMaking(s_id, 5));
        Assert.Null(nobody.MergeDue(disk, 2));

        static (int?, bool, VersionAccess?) Of(MakeVersion m) => (m.Top, m.IsBase, m.Access);
    }

    [Fact]
    public void Limit_of_layers_is_the_vdisks_own_or_the_servers()
    {
        var disk = Apply(Of(), new SetMergeLimit(s_id, 0));
        Assert.Equal(0, disk.MergeAbove);
        Assert.Empty(Events(disk, new SetMergeLimit(s_id, 0)));
        Assert.Null(Apply(disk, new SetMergeLimit(s_id, null)).MergeAbove);
        Assert.Equal(Refusal.Invalid, Decide(disk, new SetMergeLimit(s_id, -1)).Refused!.Refusal);
    }

    /// <summary>Every command in any order, from any server: what is in production has its whole chain, and no layer is in two versions.</summary>
    [Fact]
    public void Whatever_is_commanded_no_version_lacks_what_it_lies_on_and_none_is_in_production_that_a_server_lacks()
    {
        var random = Seed.New(output);
        for (var round = 0; round < 300; round++)
        {
            var disk = Of();
            for (var step = 0; step < 80; step++)
            {
                var missing = random.Next(4) == 0 ? new[] { "two" } : [];
                var command = Any(random, disk);
                foreach (var happened in Decide(disk, command, Farm(DevicePhase.Off), missing).Events)
                {
                    if (missing.Length > 0)
                        Assert.False(happened is VersionPromoted or ProductionReverted);
                    if (happened is MaintenanceOpened opened)
                        Assert.DoesNotContain(disk.Versions, v => v.Number >= opened.Number);
                    disk = disk.Apply(happened);
                }
                Assert.NotNull(disk.Production);
                Assert.All(disk.Versions, v => Assert.True(v.Parent is not { } p || disk.Version(p) is not null));
                Assert.Equal(disk.Versions.Length, disk.Versions.Select(v => v.Image).Distinct().Count());
                Assert.True(disk.Open is null || disk.Version(disk.Open.Parent) is not null);
                Assert.True(disk.Open is null || disk.Making is null || disk.Making.Number == disk.Open.Number);
                Assert.True(
                    disk.Making is not { } m || disk.Version(m.Number) is not null || disk.Version(m.Top) is not null
                );
                Assert.True(disk.Making?.Below is not { } b || disk.Version(b) is not null);
                Assert.All(disk.Users.Values, number => Assert.NotNull(disk.Version(number)));
                Assert.True(disk.Abandoned.IsDefault || disk.Abandoned.Length <= 16);
                Assert.All(
                    disk.Abandoned.IsDefault ? [] : disk.Abandoned,
                    layer => Assert.DoesNotContain(disk.Versions, v => v.Image == layer)
                );
            }
        }
    }

    private static IVDiskCommand Any(Random random, VDiskState disk)
    {
        var number = random.Next(1, disk.NextNumber + 1);
        var device = random.Next(2) == 0 ? s_writer : s_other;
        var server = random.Next(2) == 0 ? "one" : "two";
        return random.Next(14) switch
        {
            0 => new OpenMaintenance(s_id, random.Next(3) == 0 ? number : null),
            1 => Boot(device),
            2 => Boot(device) with { Writes = disk.Open?.Number, Kept = disk.Open?.Parent },
            3 => new CloseMaintenance(s_id, To: (VersionAccess)random.Next(0, 3)),
            4 => new PromoteVersion(
                s_id,
                random.Next(2) == 0 ? number : null,
                random.Next(2) == 0 ? null : VersionAccess.Production
            ),
            5 => new MakeVersion(s_id, number, random.Next(2) == 0),
            6 => new MakeVersion(s_id, number, Writer: device),
            7 => new ClaimMaking(
                s_id,
                disk.Making?.Number ?? number,
                server,
                new(Guid.NewGuid()),
                random.Next(2) == 0 ? disk.Making?.Server : null
            ),
            8 => s_made with
            {
                Number = disk.Making?.Number ?? number,
                Image = disk.Making?.Layer is { } l && l != default ? l : s_layer,
            },
            9 => new EndMaking(s_id, disk.Making?.Number ?? number),
            10 => new RevertVersion(s_id),
            11 => new DeleteVersion(s_id, number),
            12 => new ReleaseVersion(s_id, device),
            _ => Imported() with { Image = new(Guid.NewGuid()) },
        };
    }

    private static TakeVersion Boot(DeviceId device) => new(s_id, device, VersionAccess.Maintenance);

    private static ClaimMaking Claim(string server, int number = 2) => new(s_id, number, server, s_layer);

    private static AddVersion Imported() =>
        new(s_id, new(Guid.Parse("44444444444444444444444444444444")), 1, "", false, null);

    private static VDiskState Of() =>
        Apply(VDiskState.Unknown(s_id), new AddVDisk(s_id, "debian", new(Guid.NewGuid()), 1 << 20, "ab", false, null));

    private static VDiskState Written() => Apply(Of(), new OpenMaintenance(s_id), Boot(s_writer));

    private static VDiskState Closing() => Apply(Written(), new CloseMaintenance(s_id));

    /// <summary>Versions that each lie on the one before, the last in test.</summary>
    private static VDiskState Chain(int versions)
    {
        var disk = Of();
        for (var number = 2; number <= versions; number++)
        {
            var layer = new LayerId(Guid.NewGuid());
            disk = Apply(
                disk,
                new OpenMaintenance(s_id),
                Boot(s_writer),
                new PromoteVersion(s_id),
                new ClaimMaking(s_id, number, "one", layer),
                s_made with
                {
                    Number = number,
                    Image = layer,
                },
                new EndMaking(s_id, number)
            );
        }
        return disk;
    }

    private static FarmSnapshot Farm(DevicePhase phase) =>
        FarmSnapshot
            .Empty.Apply(PersistenceIds.Of(s_writer), 1, new DeviceAdded("pc07", [], null, s_now), 1)
            .Apply(PersistenceIds.Of(s_writer), 2, new PhaseChanged(phase, s_now), 2);

    private static VDiskState Apply(VDiskState state, params IVDiskCommand[] commands)
    {
        foreach (var command in commands)
        {
            var decision = Decide(state, command, Farm(DevicePhase.Off));
            Assert.True(decision.Refused is null, decision.Refused?.Reason);
            state = decision.Events.Aggregate(state, (s, happened) => s.Apply(happened));
        }
        return state;
    }

    private static IReadOnlyList<IVDiskEvent> Events(VDiskState state, IVDiskCommand command, params string[] lacking)
    {
        var decision = Decide(state, command, Farm(DevicePhase.Off), lacking);
        Assert.True(decision.Refused is null, decision.Refused?.Reason);
        return decision.Events;
    }

    private static string Refused(VDiskState state, IVDiskCommand command, params string[] lacking) =>
        Assert.IsType<Reply.Refused>(Decide(state, command, Farm(DevicePhase.Off), lacking).Refused).Reason;

    private static Decision<IVDiskEvent> Decide(
        VDiskState state,
        IVDiskCommand command,
        FarmSnapshot? farm = null,
        params string[] lacking
    ) => VDiskRules.Decide(state, command, s_now, farm ?? Farm(DevicePhase.Off), _ => lacking);
}
