using Hatchery.Devices;
using Hatchery.Disks;
using Microsoft.Extensions.Logging;

namespace Hatchery.Replication;

/// <summary>Finds damage in this server's images and the write caches on them, and mends what other servers' copies allow. Thread-safe.</summary>
public sealed class ImageChecks(
    Store store,
    IFarmView view,
    Replicator replicator,
    TimeProvider time,
    ILogger<ImageChecks> log
)
{
    /// <param name="pace">Waited for before so many bytes of the image are read; null: as fast as it goes.</param>
    /// <param name="withCaches">The write caches that lie on it, too.</param>
    /// <returns>The image first.</returns>
    public async Task<IReadOnlyList<CheckFinding>> CheckAsync(
        LayerId image,
        IProgress<int>? progress = null,
        Func<int, CancellationToken, ValueTask>? pace = null,
        bool withCaches = true,
        CancellationToken cancellation = default
    )
    {
        List<CheckFinding> found = [await CheckImageAsync(image, progress, pace, cancellation)];
        if (withCaches)
            foreach (var cache in store.ListCaches())
                if (cache is { IsSetAside: false, Identity: { } identity } && identity.Parent == image)
                    found.Add(
                        await Task.Run(() => CheckCache(image, cache.Layer, identity, cancellation), cancellation)
                    );
        return found;
    }

    /// <summary>Fetches what is damaged of an image from other servers. A write cache's damaged copy is given up; that another server has it whole is for the caller to know.</summary>
    public async Task<CheckFinding> RepairAsync(
        LayerId id,
        IProgress<int>? progress = null,
        CancellationToken cancellation = default
    )
    {
        if (store.DamageOf(id) is { } damage)
            return await RepairImageAsync(id, damage, progress, cancellation);
        if (store.ListCaches().FirstOrDefault(c => c.Layer == id) is { Identity: { } identity })
        {
            if (await Task.Run(() => store.CheckCache(id, cancellation), cancellation) is not { } fault)
                return new(identity.Parent, CheckState.Sound, null, id, identity.Device);
            store.GiveUpCache(id, fault);
            Log.CacheGivenUp(log, id, identity.Device, fault.ToString());
            return new(
                identity.Parent,
                CheckState.Repaired,
                "this copy is given up, and made anew from the other one",
                id,
                identity.Device
            );
        }
        return new(id, store.Holds(id) ? CheckState.Sound : CheckState.Missing);
    }

    private async Task<CheckFinding> RepairImageAsync(
        LayerId image,
        ImageDamage damage,
        IProgress<int>? progress,
        CancellationToken cancellation
    )
    {
        var status = await replicator.BringAsync(image, progress ?? new Progress<int>(), cancellation);
        return status.State == ReplicaState.Held
            ? new(image, CheckState.Repaired, $"{damage}: fetched again")
            : new(image, CheckState.Damaged, $"{damage}: {status.Detail}");
    }

    private async Task<CheckFinding> CheckImageAsync(
        LayerId image,
        IProgress<int>? progress,
        Func<int, CancellationToken, ValueTask>? pace,
        CancellationToken cancellation
    )
    {
        var versions = view.Current.VDisks.SelectMany(v => v.Versions);
        if (versions.FirstOrDefault(v => v.Image == image) is not { } version)
            return new(image, CheckState.Unknown, "no vDisk has this image");
        var known = store.DamageOf(image);
        var outcome = await store.CheckImageAsync(image, version.Sha256, time, pace, progress, cancellation);
        if (outcome.Value is not { } damage)
            return new(image, CheckState.Missing, outcome.Fault!.Detail);
        if (damage.IsNone)
            return new(image, CheckState.Sound);
        if (known is null)
            Log.Damaged(log, image, damage.ToString());
        replicator.Wake();
        return new(image, CheckState.Damaged, damage.ToString());
    }

    private CheckFinding CheckCache(
        LayerId image,
        LayerId cache,
        CacheIdentity identity,
        CancellationToken cancellation
    ) =>
        store.CheckCache(cache, cancellation) switch
        {
            null => new(image, CheckState.Sound, null, cache, identity.Device),
            { Kind: StoreFaultKind.Missing } => new(image, CheckState.Missing, null, cache, identity.Device),
            var fault => new(image, CheckState.Damaged, fault.ToString(), cache, identity.Device),
        };
}
