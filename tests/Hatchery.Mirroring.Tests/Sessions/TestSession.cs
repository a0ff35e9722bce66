using System.Collections.Concurrent;
using Hatchery.Disks;
using Hatchery.Testing;

namespace Hatchery.Mirroring.Tests;

/// <summary>A session at one server: its write cache, its mirror, and what was heard of that.</summary>
internal sealed class TestSession : IAsyncDisposable
{
    private readonly TaskCompletionSource<string> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<MirrorNotice> _notices = new();

    public WriteCache Cache { get; set; } = null!;

    public MirroredSession Mirror { get; set; } = null!;

    public IReadOnlyList<MirrorNotice> Notices => [.. _notices];

    public bool HasEnded => _ended.Task.IsCompleted;

    /// <summary>Why it did.</summary>
    public Task<string> EndedAsync() => _ended.Task.WaitAsync(TestFarm.Patience);

    public bool Has<T>(string server)
        where T : MirrorNotice => _notices.OfType<T>().Any(n => n.Server == server);

    public Task HasAddedAsync(string server) =>
        Eventually.TrueAsync(() => Has<MirrorNotice.MemberAdded>(server), TestFarm.Patience);

    public void Notice(MirrorNotice notice) => _notices.Enqueue(notice);

    public void End(string reason) => Assert.True(_ended.TrySetResult(reason), "it ended twice");

    /// <summary>In good order: the write cache is closed, here and at its members.</summary>
    public async Task CloseAsync()
    {
        await Cache.DisposeAsync();
        await Mirror.DisposeAsync();
    }

    /// <summary>Whatever state it is in.</summary>
    public async ValueTask DisposeAsync()
    {
        await Mirror.DisposeAsync();
        await Cache.DisposeAsync();
    }
}
