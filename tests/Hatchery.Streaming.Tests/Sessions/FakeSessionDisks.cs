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

    public ConcurrentQueue<LayerId> Aside { get; } = new();

    /// <summary>Whether any disk was opened while one before it was not yet closed.</summary>
    public bool WasEverTwice { get; private set; }

    public async Task<IDisk> OpenAsync(SessionGrant grant, CancellationToken cancellation)
    {
        await Before(grant);
        WasEverTwice |= Opened.Any(o => o.Grant.Device == grant.Device && !o.Disk.IsClosed);
        var disk = new MemoryDisk(4096);
        Opened.Enqueue((grant, disk));
        return disk;
    }

    public void SetAside(LayerId cache) => Aside.Enqueue(cache);
}
