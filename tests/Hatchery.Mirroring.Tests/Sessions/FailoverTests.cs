using Hatchery.Disks;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Mirroring.Tests;

/// <summary>The boot goes on in a new epoch, at another server or the same.</summary>
public sealed class FailoverTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Nothing_flushed_is_lost_with_a_streamer_that_died_while_it_wrote()
    {
        await using var farm = new TestFarm("a", "b", "c") { Settings = TestFarm.Quick with { Copies = 3 } };
        var (model, session) = await farm.BootAsync(Seed.New(output), writes: 0);
        farm.Time.Advance(farm.Settings.JoinInterval);
        await session.HasAddedAsync("c");
        for (var i = 0; i < 5; i++)
            await model.WriteFlushedAsync(session.Cache, 100);
        var writing = model.WriteAsync(session.Cache, 200);
        await farm["a"].CutAsync();

        var next = await farm["b"].ReopenAsync();
        // In vain, or known to be done by all: it is either.
        await session.Cache.FenceAsync(next.Cache.Epoch);
        await writing.WaitAsync(TestFarm.Patience);
        model.Check(next.Cache);
        Assert.Equal(["b", "c"], farm.Members);
        await model.WriteFlushedAsync(next.Cache, 100);
        model.Check(next.Cache);
        Same(farm, next.Cache.Layer, "b", "c");
    }

    [Fact]
    public async Task The_epoch_opens_where_less_is_and_fetches_the_rest()
    {
        await using var farm = new TestFarm("a", "b");
        await using var meddler = new Meddler("a", farm["b"]);
        farm.Detours["b"] = meddler.EndPoint;
        var (model, session) = await farm.BootAsync(Seed.New(output), writes: 100);
        meddler.Request = message => message is MirrorMessage.Append or MirrorMessage.Sync ? null : message;
        var writing = model.WriteAsync(session.Cache, 300);

        var next = await farm["b"].ReopenAsync();
        Assert.NotEqual(DiskStatus.Ok, await writing.WaitAsync(TestFarm.Patience));
        await session.DisposeAsync();
        model.Check(next.Cache);
        Assert.Equal(["a", "b"], farm.Members);
        await model.WriteFlushedAsync(next.Cache, 100);
        model.Check(next.Cache);
        Same(farm, next.Cache.Layer, "a", "b");
    }

    [Fact]
    public async Task A_streamer_that_did_not_hear_of_a_newer_epoch_is_fenced_by_what_it_writes()
    {
        await using var farm = new TestFarm("a", "b");
        var (model, session) = await farm.BootAsync(Seed.New(output));
        // It answers nothing: as one that stood still.
        farm.Detours["a"] = new(System.Net.IPAddress.Loopback, 1);

        var next = await farm["b"].ReopenAsync();
        Assert.Equal(["b"], farm.Members);
        Assert.Equal(DiskStatus.Fenced, await model.WriteAsync(session.Cache, 1).WaitAsync(TestFarm.Patience));
        Assert.Equal($"b has promised {next.Cache.Epoch}", await session.EndedAsync());
        await model.WriteFlushedAsync(next.Cache, 50);
        model.Check(next.Cache);
    }

    [Fact]
    public async Task A_member_that_was_silent_before_is_not_waited_for_and_is_fenced()
    {
        // Whoever says nothing at this very moment is silent.
        await using var farm = new TestFarm("a", "b")
        {
            Settings = TestFarm.Quick with { MemberTimeout = TimeSpan.Zero },
        };
        var (model, session) = await farm.BootAsync(Seed.New(output));
        // It takes connections and answers none, as the host of one that stands still does.
        using var mute = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        mute.Start();
        farm.Detours["a"] = (System.Net.IPEndPoint)mute.LocalEndpoint;

        // Time stands still: nothing is waited for.
        var next = await farm["b"].ReopenAsync().WaitAsync(TestFarm.Patience);
        Assert.Equal(["b"], farm.Members);
        Assert.Equal(DiskStatus.Fenced, await model.WriteAsync(session.Cache, 1).WaitAsync(TestFarm.Patience));
        model.Check(next.Cache);
    }

    [Fact]
    public async Task A_running_session_ends_when_its_own_copy_promises_a_newer_epoch()
    {
        await using var farm = new TestFarm("a", "b");
        var (model, session) = await farm.BootAsync(Seed.New(output));

        var opened = Assert.IsType<OpeningOutcome.Opened>(await farm["a"].OpenAsync());
        Assert.Equal(["a", "b"], opened.Row.Members.Order(StringComparer.Ordinal));
        Assert.Equal(DiskStatus.Fenced, await model.WriteAsync(session.Cache, 1).WaitAsync(TestFarm.Patience));
        await farm.PassUntilAsync(() => session.HasEnded);
        await session.CloseAsync();

        var next = await farm["a"].ReopenAsync();
        model.Check(next.Cache);
        await model.WriteFlushedAsync(next.Cache, 50);
        Same(farm, next.Cache.Layer, "a", "b");
    }

    [Fact]
    public async Task An_epoch_does_not_open_where_the_farm_database_or_every_whole_copy_is_away()
    {
        await using var farm = new TestFarm("a", "b");
        var session = farm["a"].Boot();
        await session.HasAddedAsync("b");
        await session.CloseAsync();
        var swapping = new TaskCompletionSource();
        farm["b"].BeforeSwap = () =>
        {
            farm.IsAway = true;
            swapping.TrySetResult();
            return Task.CompletedTask;
        };
        var opening = farm["b"].OpenAsync();
        await swapping.Task.WaitAsync(TestFarm.Patience);
        await farm.PassUntilAsync(() => opening.IsCompleted);
        Assert.Equal(OpeningFailure.TryAgain, Assert.IsType<OpeningOutcome.NotOpened>(await opening).Failure);

        (farm.IsAway, farm["b"].BeforeSwap) = (false, () => Task.CompletedTask);
        File.WriteAllBytes(Segments(farm, "b", session.Cache.Layer)[0], new byte[4096]);
        var elsewhere = Assert.IsType<OpeningOutcome.NotOpened>(await farm["b"].OpenAsync());
        Assert.Equal((OpeningFailure.Elsewhere, "a"), (elsewhere.Failure, elsewhere.Server));
        await farm["a"].CutAsync();
        var waits = Assert.IsType<OpeningOutcome.NotOpened>(await farm["b"].OpenAsync());
        Assert.Equal(OpeningFailure.TryAgain, waits.Failure);
        Assert.Contains("one may be at a", waits.Reason, StringComparison.Ordinal);
    }

    /// <summary>Byte for byte; the newest segment as far as both have it.</summary>
    private static void Same(TestFarm farm, LayerId cache, string one, string other)
    {
        var (left, right) = (Segments(farm, one, cache), Segments(farm, other, cache));
        Assert.Equal(left.Select(Path.GetFileName), right.Select(Path.GetFileName));
        foreach (var (a, b) in left.Zip(right))
            Assert.True(File.ReadAllBytes(a).AsSpan().SequenceEqual(File.ReadAllBytes(b)), $"{a} is not {b}");
    }

    private static string[] Segments(TestFarm farm, string server, LayerId cache) =>
        [
            .. Directory
                .EnumerateFiles(Path.Combine(farm[server].Store.RootPath, "caches", cache.ToString()), "*.seg")
                .Order(StringComparer.Ordinal),
        ];
}
