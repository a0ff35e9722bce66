using System.Data.Common;
using System.Net.Sockets;
using Hatchery.Devices;
using Hatchery.Disks;
using Hatchery.Mirroring;

namespace Hatchery.Streaming;

/// <summary>
/// Has what machines keep while they are off be where it is to be (<see cref="KeptCopies"/>): opens such a write cache here in an epoch of its own, without its machine, so
/// that its copies come and leave as those of a machine that runs, and closes it then. A few at once. A machine that boots meanwhile ends that with the next epoch.
/// </summary>
/// <remarks>
/// It changes the session row as its keeper would, and only the revision that it has read: who boots, returns or seals at the same time either wins the compare-and-swap,
/// or opens the next epoch, which ends this one. The keeper hears of it by the report that the machine is off.
/// </remarks>
/// <param name="server">This one's name.</param>
/// <param name="held">The session rows that name this server as a member.</param>
/// <param name="sessions">What is open here now.</param>
/// <param name="servers">As this server knows them, itself among them.</param>
/// <param name="tell">Tells this server's sessions; must not block.</param>
/// <param name="farmTime">By which it is decided what is kept.</param>
public sealed class KeptCacheMover(
    string server,
    Func<Task<IReadOnlyList<SessionRow>>> held,
    ISessionDirectory directory,
    Func<IEnumerable<IMirroredCopies>> sessions,
    IFarmView view,
    Func<IReadOnlyList<KnownServer>> servers,
    Action<IDeviceSessionMessage> tell,
    KeptCacheOptions options,
    TimeProvider time,
    TimeProvider farmTime
) : IAsyncDisposable
{
    /// <summary>How often what is open is looked at.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>How often the rows are read while no server drains.</summary>
    public static readonly TimeSpan ReadInterval = TimeSpan.FromSeconds(30);

    /// <summary>So long a session row has to stay as it is that somebody may be opening, or that the journal does not know yet.</summary>
    public static readonly TimeSpan Settled = TimeSpan.FromMinutes(1);

    /// <summary>What is open for so long without a copy being made is closed.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Then it is tried again.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromMinutes(5);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<DeviceId, Work> _works = [];
    private readonly Dictionary<DeviceId, long> _rests = [];
    private readonly Dictionary<string, long> _awaySince = new(StringComparer.Ordinal);
    private Dictionary<DeviceId, (long Revision, long Since)> _unsettled = [];
    private long? _readAt;
    private Task _running = Task.CompletedTask;

    public void Start() => _running = RunAsync();

    /// <summary>One round.</summary>
    public async Task LookAsync()
    {
        var all = servers();
        CloseWhatIsDone(all);
        if (
            _works.Count >= options.AtOnce
            || (!all.Any(s => s.IsDraining) && _readAt is { } at && Since(at) < ReadInterval)
        )
            return;
        _readAt = time.GetTimestamp();
        IReadOnlyList<SessionRow> rows;
        try
        {
            rows = await held();
        }
        catch (Exception away) when (away is DbException or SocketException or IOException or TimeoutException)
        {
            // It is asked again.
            return;
        }
        NoteWhoIsAway(rows, all);
        NoteWhatIsUnsettled(rows);
        foreach (var row in rows)
            if (_works.Count < options.AtOnce && !_stopping.IsCancellationRequested && IsToBeOpened(row, all))
                await OpenAsync(row);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    private void CloseWhatIsDone(IReadOnlyList<KnownServer> all)
    {
        var open = sessions().ToLookup(s => s.Row.Device);
        foreach (var (device, work) in _works.ToArray())
        {
            var copies = open[device].FirstOrDefault(s => s.Row.Epoch == work.Epoch);
            var isLate = Since(work.IdleSince) >= Patience;
            if (copies is null && !work.WasSeen && !isLate)
                continue;
            if (copies is not null && OpenerOf(copies.Row, all) == server && !isLate)
            {
                _works[device] = work with
                {
                    WasSeen = true,
                    IdleSince = copies.IsJoining ? time.GetTimestamp() : work.IdleSince,
                };
                continue;
            }
            _works.Remove(device);
            if (isLate)
                _rests[device] = time.GetTimestamp();
            tell(new UnattendedEnd(device, work.Epoch));
        }
    }

    private bool IsToBeOpened(SessionRow row, IReadOnlyList<KnownServer> all)
    {
        var farm = view.Current;
        if (_rests.TryGetValue(row.Device, out var restsSince))
        {
            if (Since(restsSince) < Rest)
                return false;
            _rests.Remove(row.Device);
        }
        return row.HasCache
            && row.Phase != SessionPhase.Booting
            && (!_unsettled.TryGetValue(row.Device, out var seen) || Since(seen.Since) >= Settled)
            && farm.Device(row.Device) is { Boot: { } boot } device
            && (boot.Id, boot.Cache) == (row.Boot, row.Cache)
            && farm.IsKept(device, farmTime.GetUtcNow())
            // Who makes a version of it reads it.
            && farm.VDisk(boot.VDisk)?.Making?.Writer != device.Id
            && !_works.ContainsKey(row.Device)
            && sessions().All(s => s.Row.Device != row.Device)
            && OpenerOf(row, all) == server;
    }

    private async Task OpenAsync(SessionRow row)
    {
        if (
            view.Current.Device(row.Device) is not { Boot: { } boot } device
            || SessionRules.Reopen(row, device.Epoch, server) is not { } wanted
            || await directory.SwapAsync(wanted) is not RowAnswer.Is { Row: { } swapped }
        )
            return;
        _works[row.Device] = new(swapped.Epoch, time.GetTimestamp(), WasSeen: false);
        tell(new UnattendedSession(SessionGrant.Of(swapped, boot, BootTransport.San)));
    }

    private string? OpenerOf(SessionRow row, IReadOnlyList<KnownServer> all) =>
        KeptCopies.OpenerOf(
            row,
            options.Copies,
            all,
            name => _awaySince.TryGetValue(name, out var since) && Since(since) >= options.GoneAfter
        );

    /// <summary>Also of servers that nobody knows any more.</summary>
    private void NoteWhoIsAway(IReadOnlyList<SessionRow> rows, IReadOnlyList<KnownServer> all)
    {
        var up = all.Where(KeptCopies.HasStore).Select(s => s.Status.Name).ToHashSet(StringComparer.Ordinal);
        var away = rows.SelectMany(r => r.Members).Where(m => !up.Contains(m)).ToHashSet(StringComparer.Ordinal);
        foreach (var name in _awaySince.Keys.Where(n => !away.Contains(n)).ToArray())
            _awaySince.Remove(name);
        foreach (var name in away)
            _awaySince.TryAdd(name, time.GetTimestamp());
    }

    /// <summary>Another server may be opening it, or have opened it for a machine of which the journal does not know yet.</summary>
    private void NoteWhatIsUnsettled(IReadOnlyList<SessionRow> rows)
    {
        var (before, farm) = (_unsettled, view.Current);
        _unsettled = [];
        foreach (var row in rows)
            if (row.Phase == SessionPhase.Opening || farm.Device(row.Device)?.Epoch != row.Epoch)
                _unsettled[row.Device] =
                    before.TryGetValue(row.Device, out var seen) && seen.Revision == row.Revision
                        ? seen
                        : (row.Revision, time.GetTimestamp());
    }

    private TimeSpan Since(long timestamp) => time.GetElapsedTime(timestamp);

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
                await LookAsync();
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    /// <param name="IdleSince">Since when no copy is being made, as far as was seen.</param>
    /// <param name="WasSeen">It was open.</param>
    private sealed record Work(Epoch Epoch, long IdleSince, bool WasSeen);
}

/// <param name="Copies">Servers that are to have a copy.</param>
/// <param name="AtOnce">Write caches that are open here for it.</param>
/// <param name="GoneAfter">A server that is away for so long is not waited for.</param>
public sealed record KeptCacheOptions(int Copies, int AtOnce, TimeSpan GoneAfter);
