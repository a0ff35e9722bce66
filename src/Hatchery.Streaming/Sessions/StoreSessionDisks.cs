using System.Collections.Concurrent;
using Hatchery.Devices;
using Hatchery.Disks;
using Hatchery.Mirroring;
using Microsoft.Extensions.Logging;

namespace Hatchery.Streaming;

/// <summary>
/// Session disks from a store on this server: the version's chain of layers, shared by all who boot from it, under a write cache of the device's own,
/// of which other servers have copies.
/// </summary>
/// <param name="server">This one's name.</param>
/// <param name="directory">The session rows and keepers.</param>
/// <param name="limitOf">The limit of a device's write cache in bytes; null: that of <paramref name="options"/>.</param>
public sealed class StoreSessionDisks(
    string server,
    Store store,
    FarmId farm,
    WriteCacheOptions options,
    Mirrors mirrors,
    ISessionDirectory directory,
    ILogger<StoreSessionDisks> log,
    Func<DeviceId, long?>? limitOf = null
) : ISessionDisks
{
    private readonly Lock _limits = new();
    private readonly SharedChains _chains = new(store, farm);
    private readonly ConcurrentDictionary<MirroredSession, bool> _open = new();
    private readonly ConcurrentDictionary<ReadOnlySession, bool> _readOnly = new();

    /// <summary>Something about an open disk that its session has to know; on any thread.</summary>
    public event Action<IDiskNotice>? Noticed;

    /// <summary>The session rows of the write caches that are open, as far as is known here.</summary>
    public IEnumerable<SessionRow> Rows => _open.Keys.Select(mirror => mirror.Row);

    /// <summary>What is open: where the write caches have their copies, and disks without one.</summary>
    public IEnumerable<IMirroredCopies> Copies => _open.Keys.Concat<IMirroredCopies>(_readOnly.Keys);

    public async Task<ISessionDisk> OpenAsync(
        SessionGrant grant,
        CancellationToken cancellation,
        bool isUnattended = false
    )
    {
        var below = await Task.Run(() => _chains.Take(grant.Chain), cancellation);
        var granted = grant.RowAt(server);
        if (!grant.HasCache)
            return ReadOnly(grant, granted, below);
        MirroredSession? mirror = null;
        WriteCache? cache = null;
        // What this process has written itself is compared with its checksums when it is read.
        var verified = mirrors.Hears(grant.Cache) ? options with { VerifyAtOpenMaxBytes = 0 } : options;
        try
        {
            var (row, seal) = grant.MakesCache
                ? (granted, default)
                : await GoOnAsync(granted, grant.IsNewBoot, cancellation);
            mirror = mirrors.Begin(
                row,
                new(grant.Device, grant.Boot, below.Layer, below.LengthBytes),
                seal,
                directory,
                happened => Noticed?.Invoke(new CopyNotice(grant.Device, grant.Epoch, happened)),
                reason =>
                {
                    // That it failed is told as its fault.
                    if (cache is not { State: DiskStatus.IoError })
                        Noticed?.Invoke(new SessionOver(grant.Device, grant.Epoch, reason));
                },
                isUnattended
            );
            // Opening a cache reads and checks it: work for a thread of its own, not for the session's actor.
            var opened = await Task.Run(() => Open(grant, below, mirror, verified), cancellation);
            cache = opened.Value;
            if (cache is null)
                throw new SessionDiskException(
                    $"write cache {grant.Cache}: {opened.Fault}",
                    IsGone(opened.Fault!.Kind) ? OpeningFailure.MustBoot : OpeningFailure.TryAgain
                );
            // It may have changed before the cache was among those that are open.
            SetLimit(cache);
            _open[mirror] = true;
            if (!grant.MakesCache)
                mirror.Start(row);
            return new SessionDisk(this, below, granted, cache, mirror);
        }
        catch
        {
            if (mirror is not null)
                await mirror.DisposeAsync();
            _chains.GiveBack(below.Layer);
            throw;
        }
    }

    public void SetAside(LayerId cache)
    {
        // A copy that is still open is set aside when it is swept.
        if (store.SetCacheAside(cache) is { Kind: not (StoreFaultKind.Missing or StoreFaultKind.InUse) } fault)
            Log.CacheNotSetAside(log, cache, fault.ToString());
    }

    /// <summary>Limits changed: open write caches have theirs from now on.</summary>
    /// <param name="device">Null: of any device.</param>
    public void LimitsChanged(DeviceId? device)
    {
        foreach (var cache in store.OpenCaches)
            if (device is null || cache.Identity.Device == device)
                SetLimit(cache);
    }

    /// <summary>Asked and set as one step, so that the newest answer is what stays.</summary>
    private void SetLimit(WriteCache cache)
    {
        lock (_limits)
            cache.LimitBytes = LimitOf(cache.Identity.Device);
    }

    private long LimitOf(DeviceId device) => limitOf?.Invoke(device) ?? options.LimitBytes;

    private ReadOnlySession ReadOnly(SessionGrant grant, SessionRow row, IBlockReader below)
    {
        var session = new ReadOnlySession(
            row,
            below,
            fault => Failed(grant, fault),
            ended =>
            {
                _readOnly.TryRemove(ended, out _);
                _chains.GiveBack(below.Layer);
            }
        );
        _readOnly[session] = true;
        return session;
    }

    /// <summary>The members of the session say which copy it goes on with, and end theirs at the same byte.</summary>
    private async Task<(SessionRow Row, CachePosition Seal)> GoOnAsync(
        SessionRow row,
        bool isNewBoot,
        CancellationToken cancellation
    ) =>
        await mirrors.OpenAsync(row, directory, isNewBoot, cancellation) switch
        {
            OpeningOutcome.Opened opened => (opened.Row, opened.Seal),
            OpeningOutcome.NotOpened not => throw new SessionDiskException(
                $"write cache {row.Cache}: {not.Reason}",
                not.Failure,
                not.Server
            ),
            var other => throw new InvalidOperationException($"{other.GetType().Name} is no outcome"),
        };

    private StoreOutcome<WriteCache> Open(
        SessionGrant grant,
        IBlockReader below,
        MirroredSession mirror,
        WriteCacheOptions bounds
    )
    {
        var watched = bounds with
        {
            Mirror = mirror,
            LimitBytes = LimitOf(grant.Device),
            OnFault = fault => Failed(grant, fault),
            OnLevel = level => Noticed?.Invoke(new DiskNotice(grant.Device, grant.Epoch, level, null)),
        };
        return grant.MakesCache
            ? store.CreateCache(below, farm, grant.Device, grant.Boot, grant.Epoch, grant.Cache, watched)
            : store.OpenCache(below, grant.Cache, grant.Epoch, watched);
    }

    /// <summary>An image that is damaged here serves nobody until it is repaired.</summary>
    private void Failed(SessionGrant grant, StoreFault fault)
    {
        store.Note(fault);
        Noticed?.Invoke(new DiskNotice(grant.Device, grant.Epoch, CacheLevel.Ok, fault));
    }

    /// <summary>A full or failing file system may recover; bytes that are not there do not come back.</summary>
    private static bool IsGone(StoreFaultKind kind) =>
        kind is StoreFaultKind.Missing or StoreFaultKind.Damaged or StoreFaultKind.Unsupported;

    private sealed class SessionDisk(
        StoreSessionDisks disks,
        IBlockReader below,
        SessionRow granted,
        WriteCache cache,
        MirroredSession mirror
    ) : ISessionDisk
    {
        private readonly OverlayDisk _disk = new(cache, below.SectorBytes);
        private int _isClosed;

        public IDisk Disk => _disk;

        public bool GoesOnElsewhere => cache.State == DiskStatus.IoError && mirror.Row.Members.Length > 1;

        /// <summary>The row was swapped once since it was granted.</summary>
        public void Start() =>
            mirror.Start(SessionRules.Opened(granted, granted.Members) with { Revision = granted.Revision + 1 });

        public async Task PrepareMoveAsync(CancellationToken cancellation)
        {
            await cache.BeginSegmentAsync();
            await cache.FlushAsync(cancellation);
        }

        public Task<bool> ConfirmAsync(CancellationToken cancellation) => mirror.ConfirmAsync(cancellation);

        public async ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref _isClosed, 1) != 0)
                return;
            try
            {
                // What is flushed and closed here is at the other members, too, before the mirror ends.
                await _disk.DisposeAsync();
            }
            finally
            {
                disks._open.TryRemove(mirror, out _);
                await mirror.DisposeAsync();
                disks._chains.GiveBack(below.Layer);
            }
        }
    }
}
