using Hatchery.Disks;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Mirroring.Tests;

public sealed class MirroredSessionTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_device_may_go_on_at_another_copy_only_while_that_has_room()
    {
        await using var farm = new TestFarm("a", "b");
        var (_, session) = await farm.BootAsync(new(1), writes: 0);
        Assert.True(session.Mirror.IsElsewhere);
        farm.Full.Add("b");
        Assert.False(session.Mirror.IsElsewhere);
    }

    [Fact]
    public async Task Writes_go_on_without_a_member_that_died_once_its_removal_is_committed()
    {
        await using var farm = new TestFarm("a", "b", "c");
        var (model, session) = await farm.BootAsync(Seed.New(output));
        var hold = new TaskCompletionSource();
        farm["a"].BeforeSwap = () => hold.Task;

        await farm["b"].CutAsync();
        var writing = model.WriteAsync(session.Cache, 20);
        await farm.PassUntilAsync(() => session.Has<MirrorNotice.MemberFailed>("b"));
        Assert.False(writing.IsCompleted);
        Assert.Equal(["a", "b"], farm.Members);
        hold.SetResult();

        Assert.Equal(DiskStatus.Ok, await writing);
        Assert.DoesNotContain("b", farm.Members);
        await farm.PassUntilAsync(() => session.Has<MirrorNotice.MemberAdded>("c"));
        await model.WriteFlushedAsync(session.Cache, 50);
        Assert.Equal(["a", "c"], farm.Members);
        Assert.Equal(
            [typeof(MirrorNotice.MemberFailed), typeof(MirrorNotice.MemberRemoved)],
            session.Notices.Where(n => n.Server == "b").Skip(2).Select(n => n.GetType())
        );
        Assert.False(session.HasEnded);
    }

    [Fact]
    public async Task Writes_wait_while_the_database_is_away_and_then_go_on()
    {
        await using var farm = new TestFarm("a", "b");
        var (model, session) = await farm.BootAsync(Seed.New(output), writes: 0);
        // All members there: it takes no database.
        farm.IsAway = true;
        await model.WriteFlushedAsync(session.Cache, 50);

        await farm["b"].CutAsync();
        var writing = model.WriteAsync(session.Cache, 20);
        var flushing = model.FlushAsync(session.Cache);
        await farm.PassUntilAsync(() => session.Has<MirrorNotice.MemberFailed>("b"));
        for (var i = 0; i < 50; i++)
            farm.Time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.False(writing.IsCompleted || flushing.IsCompleted || session.Has<MirrorNotice.MemberRemoved>("b"));
        Assert.Single(session.Notices, n => n is MirrorNotice.RemovalWaits { Server: "b" });
        farm.IsAway = false;
        await farm.PassUntilAsync(() => session.Has<MirrorNotice.MemberRemoved>("b"));

        Assert.Equal(DiskStatus.Ok, await writing);
        Assert.Equal(DiskStatus.Ok, await flushing);
        await model.WriteFlushedAsync(session.Cache, 50);
        model.Check(session.Cache);
        Assert.Equal(["a"], farm.Members);
    }

    [Fact]
    public async Task A_member_that_drains_leaves_when_another_has_a_copy_and_no_write_waits_for_the_database()
    {
        await using var farm = new TestFarm("a", "b", "c");
        var (model, session) = await farm.BootAsync(Seed.New(output));
        var hold = new TaskCompletionSource();

        session.Mirror.Want(new HashSet<string> { "b" }, target: null);
        await farm.PassUntilAsync(() => session.Has<MirrorNotice.MemberAdded>("c"));
        Assert.Equal(["a", "b", "c"], farm.Members);
        farm["a"].BeforeSwap = () => hold.Task;
        farm.Time.Advance(TimeSpan.FromMilliseconds(100));
        await model.WriteFlushedAsync(session.Cache, 50);
        Assert.False(session.Has<MirrorNotice.MemberReleased>("b"));
        hold.SetResult();

        await farm.PassUntilAsync(() => session.Has<MirrorNotice.MemberReleased>("b"));
        Assert.Equal(["a", "c"], farm.Members);
        Assert.DoesNotContain(session.Notices, n => n is MirrorNotice.MemberFailed);
        await model.WriteFlushedAsync(session.Cache, 50);
        model.Check(session.Cache);
    }

    [Fact]
    public async Task A_member_that_drains_stays_where_nobody_else_can_have_a_copy()
    {
        await using var farm = new TestFarm("a", "b");
        var (model, session) = await farm.BootAsync(Seed.New(output), writes: 0);

        session.Mirror.Want(new HashSet<string> { "b" }, target: null);
        for (var i = 0; i < 20; i++)
        {
            farm.Time.Advance(farm.Settings.JoinInterval);
            await model.WriteFlushedAsync(session.Cache, 5);
        }

        Assert.Equal(["a", "b"], farm.Members);
        Assert.False(session.Has<MirrorNotice.MemberReleased>("b"));
    }

    [Fact]
    public async Task A_device_is_moved_to_a_server_that_gets_a_copy_for_it_and_what_is_too_many_leaves()
    {
        await using var farm = new TestFarm("a", "b", "c");
        var (model, session) = await farm.BootAsync(Seed.New(output));

        session.Mirror.Want(new HashSet<string>(), target: "c");
        await farm.PassUntilAsync(() => session.Has<MirrorNotice.MemberAdded>("c"));
        Assert.Equal(["a", "b", "c"], farm.Members);
        await model.WriteFlushedAsync(session.Cache, 50);
        await session.CloseAsync();
        var next = await farm["c"].ReopenAsync();

        model.Check(next.Cache);
        await farm.PassUntilAsync(() => next.Notices.Any(n => n is MirrorNotice.MemberReleased));
        await model.WriteFlushedAsync(next.Cache, 50);
        model.Check(next.Cache);
        Assert.Equal(2, farm.Members.Count());
        Assert.Contains("c", farm.Members);
        Assert.DoesNotContain(next.Notices, n => n is MirrorNotice.MemberFailed);
    }

    [Fact]
    public async Task A_server_catches_up_while_the_device_writes_and_its_cache_is_compacted()
    {
        await using var farm = new TestFarm("a", "b");
        farm.IsAway = true;
        var model = new DiskModel(Seed.New(output));
        var session = farm["a"].Boot();
        await using var compactor = new Compactor(
            farm["a"].Store,
            new() { Interval = TimeSpan.FromMilliseconds(20) },
            TimeProvider.System,
            failed => Assert.Fail(failed.ToString())
        );
        compactor.Start();
        // Several segments, of which little is still needed.
        for (var i = 0; i < 20; i++)
            await model.WriteFlushedAsync(session.Cache, 100);
        farm.IsAway = false;
        farm.Time.Advance(farm.Settings.JoinInterval);

        for (var end = DateTime.UtcNow + TestFarm.Patience; !session.Has<MirrorNotice.MemberAdded>("b"); )
        {
            Assert.True(DateTime.UtcNow < end, string.Join('\n', session.Notices));
            await model.WriteFlushedAsync(session.Cache, 20);
        }
        for (var i = 0; i < 20; i++)
            await model.WriteFlushedAsync(session.Cache, 100);
        await Eventually.TrueAsync(() => compactor.FreedBytes > 0, TestFarm.Patience);
        await model.WriteFlushedAsync(session.Cache, 100);
        await farm["a"].CutAsync();

        var next = await farm["b"].ReopenAsync();
        model.Check(next.Cache);
        await model.WriteFlushedAsync(next.Cache, 100);
        model.Check(next.Cache);
        // What the compactor has in hand there waits for a member that it cannot reach.
        await session.DisposeAsync();
    }

    [Fact]
    public async Task A_login_may_share_a_session_that_its_members_confirm_and_no_other()
    {
        await using var farm = new TestFarm("a", "b");
        var session = farm["a"].Boot();
        Assert.True(await session.Mirror.ConfirmAsync(CancellationToken.None));
        await session.HasAddedAsync("b");
        Assert.True(await session.Mirror.ConfirmAsync(CancellationToken.None));

        await farm["a"].CutAsync();
        var confirming = session.Mirror.ConfirmAsync(CancellationToken.None);
        await farm.PassUntilAsync(() => confirming.IsCompleted);
        Assert.False(await confirming);
    }

    [Fact]
    public async Task A_session_that_nobody_mirrors_leaves_nothing_behind_and_waits_for_nobody()
    {
        await using var farm = new TestFarm("a") { Settings = new() { Copies = 1 } };
        var model = new DiskModel(Seed.New(output));
        var session = farm["a"].Boot();
        await model.WriteFlushedAsync(session.Cache, 100);
        Assert.True(session.Mirror.Append(new(1, 0), [new byte[1]]));
        Assert.True(session.Mirror.Sync(new(1, 1)));
        await session.CloseAsync();
        Assert.False(session.HasEnded);
        Assert.False(await session.Mirror.ConfirmAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_session_whose_own_disk_fails_removes_nobody_and_ends()
    {
        await using var farm = new TestFarm("a", "b");
        var (model, session) = await farm.BootAsync(Seed.New(output));
        await session.Cache.FenceAsync(new(99));
        await farm["b"].CutAsync();

        await farm.PassUntilAsync(() => session.HasEnded);
        Assert.Equal("its own write cache is over: Fenced", await session.EndedAsync());
        Assert.Equal(["a", "b"], farm.Members);
        Assert.DoesNotContain(session.Notices, n => n is MirrorNotice.MemberFailed);
    }
}
