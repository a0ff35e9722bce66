using System.Collections.Immutable;
using Hatchery.Disks;

namespace Hatchery.Mirroring.Tests;

public sealed class SuccessionTests
{
    private static readonly CachePosition Short = new(3, 100);
    private static readonly CachePosition Long = new(3, 200);

    [Fact]
    public void The_shortest_whole_copy_has_all_that_was_acknowledged_and_goes_on()
    {
        Assert.Equal(
            new Succession.Continue(Short, "a"),
            Of("a", ("a", CopyCondition.Whole, Short), ("b", CopyCondition.Whole, Long))
        );
        Assert.Equal(
            new Succession.Continue(Short, "b"),
            Of("b", ("a", CopyCondition.Whole, Short), ("b", CopyCondition.Whole, Long))
        );
        Assert.Equal(
            new Succession.Continue(Long, "b"),
            Of("b", ("a", CopyCondition.Whole, Long), ("b", CopyCondition.Whole, Long))
        );
    }

    [Fact]
    public void A_segment_that_only_some_copies_have_is_kept() =>
        Assert.Equal(
            new Succession.Continue(new(4, 8), "b"),
            Of(
                "a",
                ("a", CopyCondition.Whole, Long),
                ("b", CopyCondition.Whole, new(4, 8)),
                ("c", CopyCondition.Whole, new(4, 9))
            )
        );

    [Fact]
    public void A_copy_that_lost_power_is_good_for_as_far_as_a_whole_one_reaches()
    {
        Assert.Equal(
            new Succession.Continue(Short, "a"),
            Of("a", ("a", CopyCondition.PowerLost, Long), ("b", CopyCondition.Whole, Short))
        );
        Assert.Equal(
            new Succession.Continue(Long, "b"),
            Of("a", ("a", CopyCondition.PowerLost, Short), ("b", CopyCondition.Whole, Long))
        );
    }

    [Fact]
    public void Without_a_whole_copy_the_device_waits_for_one_that_may_be_and_boots_when_there_is_none()
    {
        Assert.IsType<Succession.Wait>(Of("a", ("a", CopyCondition.PowerLost, Long), ("b", null, default)));
        Assert.IsType<Succession.Wait>(Of("a", ("a", CopyCondition.Missing, default), ("b", null, default)));
        var over = Assert.IsType<Succession.MustBoot>(
            Of("a", ("a", CopyCondition.PowerLost, Long), ("b", CopyCondition.Lost, Long))
        );
        Assert.Equal(
            "no copy of its write cache is whole: a lost power since it was flushed, the disk of b failed",
            over.Reason
        );
    }

    [Fact]
    public void A_machine_that_begins_anew_takes_what_was_flushed_when_no_copy_is_whole_and_all_are_known()
    {
        var (cut, longer) = (
            new CopyState(CopyCondition.PowerLost, Short),
            new CopyState(CopyCondition.PowerLost, Long)
        );
        Assert.Equal(new Succession.Continue(Long, "b"), OfNewBoot(cut, longer));
        Assert.Equal(new Succession.Continue(Short, "a"), OfNewBoot(cut, new(CopyCondition.Lost, Long)));
        Assert.Equal(new Succession.Continue(Short, "a"), OfNewBoot(new(CopyCondition.Whole, Short), longer));
        Assert.IsType<Succession.Wait>(OfNewBoot(cut, null));
        Assert.IsType<Succession.MustBoot>(OfNewBoot(default, new(CopyCondition.Lost, Long)));
    }

    private static Succession OfNewBoot(CopyState a, CopyState? b)
    {
        var answers = new Dictionary<string, CopyState>(StringComparer.Ordinal) { ["a"] = a };
        if (b is { } known)
            answers["b"] = known;
        return Succession.Of(["a", "b"], answers, "a", isNewBoot: true);
    }

    [Fact]
    public void A_server_that_is_no_member_counts_for_nothing() =>
        Assert.IsType<Succession.MustBoot>(
            Succession.Of(
                ["a"],
                new Dictionary<string, CopyState>(StringComparer.Ordinal)
                {
                    ["a"] = new(CopyCondition.Missing, default),
                    ["c"] = new(CopyCondition.Whole, Long),
                },
                "a"
            )
        );

    [Fact]
    public void A_member_is_added_to_the_row_that_the_streamer_saw_and_to_no_other()
    {
        var row = Row("a") with { Phase = SessionPhase.Open };
        Assert.Equal("a,b", string.Join(',', SessionRules.WithMember(row, row.Epoch, row.Revision, "b")!.Members));
        Assert.Null(SessionRules.WithMember(row with { Revision = 6 }, row.Epoch, 5, "b"));
        Assert.Null(SessionRules.WithMember(row, new(3), row.Revision, "b"));
        Assert.Null(SessionRules.WithMember(row with { Phase = SessionPhase.Opening }, row.Epoch, row.Revision, "b"));
    }

    [Fact]
    public void A_boot_goes_on_only_at_a_member_and_in_a_higher_epoch_than_any_that_is_known()
    {
        var row = Row("a", "b");
        Assert.Null(SessionRules.Reopen(row, default, "c"));
        var reopened = SessionRules.Reopen(row, new(9), "b")!;
        Assert.Equal((new Epoch(10), SessionPhase.Opening, "b"), (reopened.Epoch, reopened.Phase, reopened.Streamer));
        Assert.Equal("a,b", string.Join(',', reopened.Members));
        Assert.Equal(new Epoch(5), SessionRules.Reopen(row, new(2), "a")!.Epoch);
        Assert.Equal("b", Assert.Single(SessionRules.Opened(reopened, ["b", "x"]).Members));
    }

    private static SessionRow Row(params ImmutableArray<string> members) =>
        new(default, 5, new(4), SessionPhase.Open, default, members[0], members, [default, new(Guid.NewGuid())]);

    private static Succession Of(
        string streamer,
        params (string Server, CopyCondition? Condition, CachePosition End)[] members
    ) =>
        Succession.Of(
            [.. members.Select(m => m.Server)],
            members
                .Where(m => m.Condition is not null)
                .ToDictionary(m => m.Server, m => new CopyState(m.Condition!.Value, m.End), StringComparer.Ordinal),
            streamer
        );
}
