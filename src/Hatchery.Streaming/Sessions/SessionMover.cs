using Hatchery.Devices;
using Hatchery.Disks;
using Hatchery.Mirroring;

namespace Hatchery.Streaming;

/// <summary>
/// Has what this server streams be where it is to be: says of each session which servers are to have copies, and sends the device away once the
/// server that it is to go on at has one (<see cref="SessionPlacement.Next"/>): that one takes the session. A device that comes back from there rests here
/// for a while.
/// </summary>
/// <param name="sessions">What is open here now.</param>
/// <param name="servers">As this server knows them, itself among them.</param>
/// <param name="move">Has another server take a session; must not block.</param>
/// <param name="movesMax">Devices that are on their way at once.</param>
public sealed class SessionMover(
    Func<IEnumerable<IMirroredCopies>> sessions,
    IFarmView view,
    Func<IReadOnlyList<KnownServer>> servers,
    Action<SessionMove> move,
    int movesMax,
    TimeProvider time
) : IAsyncDisposable
{
    /// <summary>How often all is looked at. What is seen twice is done: by then the keepers know of it, too.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <summary>After so long a device that has not come to the other server is not waited for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>So long a device stays that came back.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);

    /// <summary>So long a server that is being stopped tells devices where their disks are now.</summary>
    public static readonly TimeSpan Farewell = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan s_leavingInterval = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<DeviceId, (Epoch Epoch, long At)> _moved = [];
    private Dictionary<DeviceId, string> _wished = [];
    private Task _running = Task.CompletedTask;
    private bool _isLeaving;
    private bool _hasMoved;

    public void Start() => _running = RunAsync();

    /// <summary>Hands over what other servers have copies of, as this server is being stopped and has said so; what nobody can take stays. Ends the looking.</summary>
    /// <param name="limit">No longer than this.</param>
    public async Task LeaveAsync(TimeSpan limit)
    {
        await StopAsync();
        _isLeaving = true;
        for (var since = time.GetTimestamp(); time.GetElapsedTime(since) < limit; )
        {
            if (Look() == 0)
                break;
            await Task.Delay(s_leavingInterval, time);
        }
        if (_hasMoved)
            await Task.Delay(Farewell, time);
    }

    /// <summary>One round.</summary>
    /// <returns>Devices that are still to go, or on their way.</returns>
    public int Look()
    {
        var (farm, all) = (view.Current, servers());
        var open = sessions().Select(s => (Copies: s, s.Row)).ToArray();
        var unwanted = all.Where(s => s.IsDraining).Select(s => s.Status.Name).ToHashSet(StringComparer.Ordinal);
        var (underWay, resting) = Forget(farm, open.ToLookup(s => s.Row.Device, s => s.Row.Epoch));
        var before = _wished;
        _wished = [];
        foreach (var (copies, row) in open)
        {
            if (farm.Device(row.Device) is not { } device)
                continue;
            // Who is being stopped has no time for further copies.
            if (!_isLeaving)
                copies.Want(unwanted, TargetOf(device, row, all));
            if (
                SessionPlacement.Next(row, device.Placement, all) is not { } next
                || next == row.Streamer
                || resting.Contains(row.Device)
                // There is nobody to send.
                || device.Phase == DevicePhase.Off
                // Its firmware may not find the way.
                || (device.Phase == DevicePhase.SessionOpen && !_isLeaving)
            )
                continue;
            _wished[row.Device] = next;
            if (underWay >= movesMax || before.GetValueOrDefault(row.Device) != next)
                continue;
            _moved[row.Device] = (row.Epoch, time.GetTimestamp());
            underWay++;
            _hasMoved = true;
            move(new(row.Device, row.Epoch, next));
        }
        return Math.Max(underWay, _wished.Count);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stopping.Dispose();
    }

    /// <summary>The server that it was given, where that can have a copy for it.</summary>
    private static string? TargetOf(DeviceState device, SessionRow row, IReadOnlyList<KnownServer> all) =>
        device.Placement is { } given && given != row.Streamer && MemberPlacement.CanHold(all, given, row.Image)
            ? given
            : null;

    /// <summary>How many devices are on their way, and which stay for now.</summary>
    private (int UnderWay, HashSet<DeviceId> Resting) Forget(FarmSnapshot farm, ILookup<DeviceId, Epoch> open)
    {
        var underWay = 0;
        HashSet<DeviceId> resting = [];
        foreach (var (device, (epoch, at)) in _moved)
        {
            var since = time.GetElapsedTime(at);
            var isHere = open.Contains(device);
            var now = isHere ? open[device].Max() : default;
            if (isHere && now > epoch && since < (_isLeaving ? Interval : Rest))
                resting.Add(device);
            else if (since < Patience && (isHere ? now == epoch : farm.Device(device)?.Epoch == epoch))
            {
                resting.Add(device);
                underWay++;
            }
            else
                _moved.Remove(device);
        }
        return (underWay, resting);
    }

    private async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _running;
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
                Look();
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }
}
