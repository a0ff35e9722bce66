using System.Net.Sockets;
using Akka.Configuration;
using Akka.Event;
using Akka.Remote;

namespace Hatchery.Devices;

/// <summary>
/// Tells a server that died from one that is slow. Both are silent; but the host of a dead process refuses connections to where it
/// listened, and that of a process that gets no time takes them, for that is the kernel's work. So a server that misses heartbeats is
/// called by TCP, and is suspected at once when that is refused more than once; as to any other silence this is the detector that it
/// derives from. Named as <c>akka.cluster.failure-detector.implementation-class</c>. Thread-safe.
/// </summary>
public sealed class ServerFailureDetector : PhiAccrualFailureDetector
{
    private const int HeartbeatsMissed = 2;
    private const int RefusalsNeeded = 2;
    private static readonly TimeSpan s_callLimit = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly long _silenceMs;
    private long? _latest;
    private int _refusals;
    private bool _isCalling;

    /// <summary>Made by the name of its type. The keys are those of <see cref="PhiAccrualFailureDetector"/>.</summary>
    public ServerFailureDetector(Config config, EventStream events)
        : base(config, events) =>
        _silenceMs = HeartbeatsMissed * (long)config.GetTimeSpan("heartbeat-interval").TotalMilliseconds;

    public override bool IsAvailable => base.IsAvailable && !IsRefused();

    public override void HeartBeat()
    {
        base.HeartBeat();
        lock (_gate)
            (_latest, _refusals) = (DefaultClock(), 0);
    }

    private bool IsRefused()
    {
        lock (_gate)
        {
            if (_refusals >= RefusalsNeeded)
                return true;
            if (_isCalling || _latest is not { } latest || DefaultClock() - latest < _silenceMs)
                return false;
            _isCalling = true;
            _ = CallAsync(latest);
            return false;
        }
    }

    /// <param name="latest">The heartbeat that was the last when this began: of a silence that has ended nothing is said any more.</param>
    private async Task CallAsync(long latest)
    {
        var refused = await IsRefusedAsync().ConfigureAwait(false);
        lock (_gate)
        {
            _isCalling = false;
            if (_latest == latest)
                _refusals = refused ? _refusals + 1 : 0;
        }
    }

    private async Task<bool> IsRefusedAsync()
    {
        if (!Akka.Actor.Address.TryParse(Address, out var address) || address is not { Host: { } host, Port: { } port })
            return false;
        try
        {
            using var limit = new CancellationTokenSource(s_callLimit);
            using var caller = new TcpClient();
            await caller.ConnectAsync(host, port, limit.Token).ConfigureAwait(false);
            return false;
        }
        catch (SocketException failed)
        {
            return failed.SocketErrorCode == SocketError.ConnectionRefused;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
