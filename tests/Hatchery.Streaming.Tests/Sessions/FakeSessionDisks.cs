using System.Collections.Concurrent;
using Hatchery.Devices;
using Hatchery.Disks;

namespace Hatchery.Streaming.Tests;

/// <summary>Session disks in memory; a test holds one up, or has it fail.</summary>
internal sealed class FakeSessionDisks : ISessionDisks
{
    /// <summary>What every opening waits for; may throw.</summary>
    public Func<SessionGrant, Task> Before { get; set; } = _ => Task.CompletedTask;

    public ConcurrentQueue<(SessionGrant Grant, MemoryDisk Disk)> Opened { get; } = new();

    /// <summary>Boots that were confirmed.</summary>
    public ConcurrentQueue<SessionGrant> Started { get; } = new();

    public ConcurrentQueue<LayerId> Aside { get; } = new();

    /// <summary>Whether any disk was opened while one before it was not yet closed.</summary>
    public bool WasEverTwice { get; private set; }

    /// <summary>Whether a session still is the device's newest; a test may hold the answer up.</summary>
    public Func<SessionGrant, Task<bool>> Confirm { get; set; } = _ => Task.FromResult(true);

    /// <summary>Another server has a copy of what is lost here.</summary>
    public bool GoesOnElsewhere { get; set; }

    public async Task<ISessionDisk> OpenAsync(
        SessionGrant grant,
        CancellationToken cancellation,
        bool isUnattended = false
    )
    {
        await Before(grant);
        WasEverTwice |= Opened.Any(o => o.Grant.Device == grant.Device && !o.Disk.IsClosed);
        var disk = new MemoryDisk(4096);
        Opened.Enqueue((grant, disk));
        return new SessionDisk(this, grant, disk);
    }

    public void SetAside(LayerId cache) => Aside.Enqueue(cache);

    private sealed class SessionDisk(FakeSessionDisks disks, SessionGrant grant, MemoryDisk disk) : ISessionDisk
    {
        public IDisk Disk => disk;

        public bool GoesOnElsewhere => disks.GoesOnElsewhere;

        public void Start() => disks.Started.Enqueue(grant);

        public async Task PrepareMoveAsync(CancellationToken cancellation) => await disk.FlushAsync(cancellation);

        public Task<bool> ConfirmAsync(CancellationToken cancellation) => disks.Confirm(grant).WaitAsync(cancellation);

        public ValueTask DisposeAsync() => disk.DisposeAsync();
    }
}
