using System.Collections.Concurrent;
using System.Net;
using Hatchery.Disks;

namespace Hatchery.Streaming.Tests;

/// <summary>A gate whose targets are disks in memory, one device each.</summary>
internal sealed class FakeGate : ISessionGate
{
    private readonly ConcurrentDictionary<string, Target> _targets = new(StringComparer.Ordinal);

    /// <summary>Decides before the targets are looked at.</summary>
    public Func<LoginRequest, LoginOutcome?> Decide { get; set; } = _ => null;

    /// <summary>What every login waits for.</summary>
    public Func<CancellationToken, Task>? Before { get; set; }

    public ConcurrentQueue<LoginRequest> Logins { get; } = new();

    /// <summary>Whether errors of the disks are those of a copy that is over here and not elsewhere.</summary>
    public bool GoesOnElsewhere { get; set; }

    public int OpenSessions => _openSessions;

    private int _openSessions;

    public T Add<T>(string name, T disk)
        where T : IDisk
    {
        _targets[name] = new(new(Guid.NewGuid()), disk, new());
        return disk;
    }

    public void End(string name) => _targets[name].Ended.Cancel();

    public async ValueTask<LoginOutcome> LoginAsync(LoginRequest request, CancellationToken cancellation)
    {
        Logins.Enqueue(request);
        if (Before is not null)
            await Before(cancellation);
        if (Decide(request) is { } decided)
            return decided;
        if (!_targets.TryGetValue(request.TargetName, out var target))
            return new LoginOutcome.Refused(LoginRefusal.NotFound, "no such device");
        Interlocked.Increment(ref _openSessions);
        return new LoginOutcome.Granted(new Session(this, target));
    }

    public IReadOnlyList<string> Targets(StreamProtocol protocol, IPAddress remote) =>
        [.. _targets.Keys.Order(StringComparer.Ordinal)];

    private sealed record Target(DeviceId Device, IDisk Disk, CancellationTokenSource Ended);

    private sealed class Session(FakeGate gate, Target target) : ISession
    {
        public DeviceId Device => target.Device;

        public Epoch Epoch => new(1);

        public IDisk Disk => target.Disk;

        public bool GoesOnElsewhere => gate.GoesOnElsewhere;

        public CancellationToken Ended => target.Ended.Token;

        public ValueTask DisposeAsync()
        {
            Interlocked.Decrement(ref gate._openSessions);
            return ValueTask.CompletedTask;
        }
    }
}
