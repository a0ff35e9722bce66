using Hatchery.Disks;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Mirroring.Tests;

/// <summary>A member that does not do what it should costs a line and a wait, and nothing that was flushed.</summary>
public sealed class BadMemberTests(ITestOutputHelper output)
{
    public static TheoryData<string, string> Bad =>
        new()
        {
            { "never", "it does not answer" },
            { "slowly", "its disk is too slow to write" },
            { "no sync", "its disk is too slow to sync" },
            { "too much", "it answers Appended to what nobody asked" },
            { "nonsense", "it answers Copied to what nobody asked" },
            { "refuses", "it refuses: NotWritten" },
        };

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task It_is_removed_with_one_notice_and_nothing_is_lost(string how, string why)
    {
        // Of the two limits only the one that is to be passed.
        var never = TimeSpan.FromDays(1);
        await using var farm = new TestFarm("a", "b")
        {
            Settings =
                how == "never"
                    ? TestFarm.Quick with
                    {
                        WorkTimeout = never,
                    }
                    : TestFarm.Quick with
                    {
                        MemberTimeout = never,
                    },
        };
        await using var meddler = new Meddler("a", farm["b"]);
        farm.Detours["b"] = meddler.EndPoint;
        var (model, session) = await farm.BootAsync(Seed.New(output));

        farm.HasNoMoreServers = true;
        meddler.Answer = message => Answer(how, message);
        var writing = model.WriteAsync(session.Cache, 50);
        if (how == "no sync")
            await writing.WaitAsync(TestFarm.Patience);
        var flushing = model.FlushAsync(session.Cache);
        await farm.PassUntilAsync(() => session.Has<MirrorNotice.MemberRemoved>("b"));
        Assert.Equal(DiskStatus.Ok, await writing);
        Assert.Equal(DiskStatus.Ok, await flushing);
        await model.WriteFlushedAsync(session.Cache, 50);
        model.Check(session.Cache);
        Assert.Equal(["a"], farm.Members);
        Assert.Equal(why, Assert.Single(session.Notices.OfType<MirrorNotice.MemberFailed>()).Reason);
        Assert.False(session.HasEnded);
    }

    [Fact]
    public async Task A_server_that_takes_no_copy_is_passed_over_while_another_can_have_one()
    {
        await using var farm = new TestFarm("a", "b", "c");
        await using var meddler = new Meddler("a", farm["b"]);
        meddler.Answer = message => new MirrorMessage.Refused(MirrorRefusal.NotWritten) { Epoch = message.Epoch };
        farm.Detours["b"] = meddler.EndPoint;
        var session = farm["a"].Boot();
        await farm.PassUntilAsync(() => session.Has<MirrorNotice.MemberAdded>("c"));
        Assert.Single(session.Notices, n => n is MirrorNotice.JoinFailed { Server: "b" });
    }

    private static MirrorMessage? Answer(string how, MirrorMessage message) =>
        (how, message) switch
        {
            ("never", _) => null,
            ("slowly", MirrorMessage.Appended) => null,
            ("no sync", MirrorMessage.Synced) => null,
            ("too much", MirrorMessage.Appended m) => m with { End = m.End.Plus(1 << 20) },
            ("nonsense", MirrorMessage.Appended m) => new MirrorMessage.Copied(1, 5) { Epoch = m.Epoch },
            ("refuses", MirrorMessage.Appended m) => new MirrorMessage.Refused(MirrorRefusal.NotWritten)
            {
                Epoch = m.Epoch,
            },
            _ => message,
        };
}
