using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Hatchery.Devices;
using Hatchery.Disks;
using Microsoft.Extensions.Logging;

namespace Hatchery.Replication;

/// <summary>
/// Brings every image of the farm's vDisks into this server's store, from whichever server has it, and deletes replicas that no
/// vDisk has any more. Thread-safe.
/// </summary>
public sealed class Replicator(
    Store store,
    IFarmView view,
    IPeers peers,
    ReplicationIdentity self,
    ReplicationOptions options,
    TimeProvider time,
    ILogger<Replicator> log
) : IAsyncDisposable
{
    private static readonly TimeSpan s_lookAgain = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _woken = new(0, 1);
    private readonly ConcurrentDictionary<LayerId, Fetch> _fetches = new();
    private readonly ConcurrentDictionary<LayerId, string> _troubles = new();
    private readonly ConcurrentDictionary<string, long> _avoided = new(StringComparer.Ordinal);
    private readonly HashSet<LayerId> _known = [];
    private readonly ByteRate _rate = new(options.BytesPerSecond, time);
    private Task _running = Task.CompletedTask;
    private long _rounds;

    /// <summary>How often it has looked for images that are lacking.</summary>
    internal long Rounds => Interlocked.Read(ref _rounds);

    public void Start() => _running = RunAsync();

    /// <summary>Looks for images that are lacking now, and not when the interval is over.</summary>
    public void Wake()
    {
        try
        {
            _woken.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake.
        }
    }

    /// <summary>Why an image cannot be used here; null when it lies here whole.</summary>
    public string? WhyNotHere(LayerId image) =>
        store.Loss is { } loss ? loss.Detail
        : store.HoldsChain(image) ? null
        : store.DamageOf(image) is { } damage
            ? $"its image is damaged here ({damage}), {StatusHere(image).Detail ?? "and fetched again"}"
        : store.Holds(image) ? "what its image lies on is not here yet"
        : StatusHere(image) is { State: ReplicaState.Arriving } arriving
            ? $"{arriving.Percent} % of its image is here yet, {arriving.Detail}"
        : $"its image is not here yet: {StatusHere(image).Detail ?? "no server was asked for it yet"}";

    public ReplicaStatus StatusHere(LayerId image)
    {
        if (store.Loss is { } loss)
            return new(self.Server, ReplicaState.Missing, 0, loss.Detail);
        if (store.Holds(image))
            return new(self.Server, ReplicaState.Held, ImageListing.Whole, null);
        if (_fetches.TryGetValue(image, out var fetch) && fetch.From is { } from)
            return new(self.Server, ReplicaState.Arriving, fetch.Percent, $"from {from.Name}");
        var part = store.ListReplicas().FirstOrDefault(r => r.Layer == image);
        return new(self.Server, ReplicaState.Waiting, part?.Percent ?? 0, _troubles.GetValueOrDefault(image));
    }

    /// <summary>Fetches an image now. Ends when it is here, or when every server was asked in vain; this server goes on trying then.</summary>
    /// <param name="progress">Told how much is here, 0 to 100.</param>
    public async Task<ReplicaStatus> BringAsync(
        LayerId image,
        IProgress<int> progress,
        CancellationToken cancellation = default
    )
    {
        _troubles.TryRemove(image, out _);
        while (true)
        {
            Wake();
            var status = StatusHere(image);
            if (status.State == ReplicaState.Held || (status.Detail is not null && !_fetches.ContainsKey(image)))
                return status;
            if (status.State == ReplicaState.Arriving)
                progress.Report(status.Percent ?? 0);
            await Task.Delay(s_lookAgain, time, cancellation);
        }
    }

    /// <summary>How much of an image this server and the others have.</summary>
    public async Task<IReadOnlyList<ReplicaStatus>> StatusAsync(LayerId image, CancellationToken cancellation = default)
    {
        var others = await Task.WhenAll(peers.Current.Select(p => AskAsync(p, image, cancellation)));
        return [StatusHere(image), .. others.OrderBy(o => o.Server, StringComparer.Ordinal)];
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        await Task.WhenAll(_fetches.Values.Select(f => f.Task));
        _stopping.Dispose();
        _woken.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                try
                {
                    Look();
                    Interlocked.Increment(ref _rounds);
                }
                catch (Exception failed) when (failed is not OperationCanceledException)
                {
                    Log.RoundFailed(log, failed);
                }
                using var pause = new CancellationTokenSource(options.Interval, time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(pause.Token, _stopping.Token);
                try
                {
                    await _woken.WaitAsync(either.Token);
                }
                catch (OperationCanceledException) when (!_stopping.IsCancellationRequested)
                {
                    // The interval is over.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    /// <summary>One round: fetches begin as far as there are places, and what nobody wants goes.</summary>
    private void Look()
    {
        if (store.Loss is not null)
            return;
        var wanted = new Dictionary<LayerId, (VDiskState VDisk, VDiskVersion Version)>();
        var abandoned = new HashSet<LayerId>();
        var farm = view.Current;
        foreach (var vDisk in farm.VDisks)
        {
            foreach (var version in vDisk.Versions)
                wanted[version.Image] = (vDisk, version);
            abandoned.UnionWith(vDisk.Abandoned.IsDefault ? [] : vDisk.Abandoned);
        }
        // A clone made elsewhere just before its original was removed here may not be in the view yet.
        if (farm.IsInOrder)
            Forget(wanted.Keys, abandoned);
        foreach (var (image, (vDisk, version)) in wanted)
        {
            var isHere = store.Holds(image);
            if (isHere && _known.Add(image))
                store.MarkWanted(image);
            if (isHere || _fetches.ContainsKey(image) || _fetches.Count >= options.FetchesMax)
                continue;
            var fetch = new Fetch(CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token));
            _fetches[image] = fetch;
            fetch.Task = Task.Run(() => FetchAsync(fetch, vDisk.Name, version), CancellationToken.None);
        }
    }

    /// <summary>
    /// What was a vDisk's and is no more: the view never forgets one that is there. An image that was imported here and that the view
    /// has not shown yet is nobody's to delete.
    /// </summary>
    /// <param name="abandoned">What was made here of a version that was made elsewhere, or given up.</param>
    private void Forget(IReadOnlyCollection<LayerId> wanted, HashSet<LayerId> abandoned)
    {
        foreach (var (image, fetch) in _fetches)
            if (!wanted.Contains(image))
                fetch.Cancel();
        store.ForgetReplicas(wanted);
        foreach (var manifest in store.ListImages())
        {
            var image = manifest.Layer;
            var isOver = _known.Contains(image) || abandoned.Contains(image);
            if (wanted.Contains(image) || !(isOver || store.IsReplica(image) || store.WasWanted(image)))
                continue;
            if (store.DeleteImage(image) is { } fault)
                Log.NotKept(log, image, manifest.Name, fault.ToString());
            else
                Log.Deleted(log, image);
        }
        _known.IntersectWith(wanted);
    }

    private async Task FetchAsync(Fetch fetch, string vDisk, VDiskVersion version)
    {
        var isHere = false;
        try
        {
            isHere = await FetchFromAnyAsync(fetch, vDisk, version);
        }
        catch (OperationCanceledException)
        {
            // Stopping, or the vDisk is removed.
        }
        catch (Exception failed)
        {
            _troubles[version.Image] = failed.Message;
            Log.RoundFailed(log, failed);
        }
        finally
        {
            _fetches.TryRemove(version.Image, out _);
            fetch.Dispose();
            // Another may have waited for the place.
            if (isHere && !_stopping.IsCancellationRequested)
                Wake();
        }
    }

    /// <summary>Asks one server after the other; each goes on where the one before left off.</summary>
    private async Task<bool> FetchFromAnyAsync(Fetch fetch, string vDisk, VDiskVersion version)
    {
        var image = version.Image;
        var reasons = new List<string>();
        foreach (var peer in InTurn(image))
        {
            if (IsAvoided(peer))
            {
                reasons.Add($"{peer.Name} sent wrong bytes and is not asked for a while");
                continue;
            }
            try
            {
                var outcome = await FetchFromAsync(peer, fetch, vDisk, version);
                if (outcome is { Value: null, Fault: null })
                {
                    reasons.Add($"{peer.Name} does not have it");
                    continue;
                }
                if (outcome.Fault is { } fault)
                {
                    _troubles[image] = fault.ToString();
                    Log.NotKept(log, image, vDisk, fault.ToString());
                    return false;
                }
                _troubles.TryRemove(image, out _);
                Log.Fetched(log, image, vDisk, peer);
                return true;
            }
            catch (PeerException failed)
            {
                reasons.Add($"{peer.Name}: {failed.Message}");
                if (fetch.From is not null)
                    Log.PeerFailed(log, image, peer, failed.Message);
            }
            catch (ReplicaException wrong)
            {
                reasons.Add($"{peer.Name} has a wrong copy: {wrong.Message}");
                _avoided[peer.Name] = time.GetTimestamp();
                Log.PeerWrong(log, peer, image, wrong.Message, options.AvoidFor.TotalMinutes);
            }
            fetch.From = null;
        }
        _troubles[image] =
            reasons.Count > 0 ? string.Join("; ", reasons) : "this server knows no other (hatchery.replication.peers)";
        return false;
    }

    /// <returns>Neither value nor fault: that server does not have the image.</returns>
    private async Task<StoreOutcome<ImageManifest>> FetchFromAsync(
        Peer peer,
        Fetch fetch,
        string vDisk,
        VDiskVersion version
    )
    {
        var cancellation = fetch.Cancellation;
        await using var connection = await PeerConnection.ConnectAsync(peer, self, options, _rate, time, cancellation);
        if (await connection.ManifestAsync(version.Image, cancellation) is not { } manifest)
            return default;
        // What the farm's journal says is what an image has to be, whoever sends it.
        if (manifest.Sha256 != version.Sha256 || manifest.DiskBytes != version.SizeBytes)
            throw new ReplicaException("its hash is not the one that the farm has of the image");
        if (version.HasKernel && manifest is { Parent: null, Companions.Count: < 2 })
            throw new ReplicaException("its kernel or initrd is not there");
        var chunks = await connection.ChunksAsync(manifest, cancellation);
        connection.Image = version.Image;
        fetch.From = peer;
        Log.Fetching(log, version.Image, vDisk, peer);
        return store.DamageOf(version.Image) is null
            ? await store.ReplicateImageAsync(manifest, chunks, connection, time, fetch, cancellation)
            : await store.RepairImageAsync(manifest, chunks, connection, fetch, cancellation);
    }

    /// <summary>Every server once; of many who want one image, each begins with another.</summary>
    private IEnumerable<Peer> InTurn(LayerId image) =>
        peers.Current.OrderBy(
            p => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{p.Name} {self.Server} {image}"))),
            StringComparer.Ordinal
        );

    private bool IsAvoided(Peer peer) =>
        _avoided.TryGetValue(peer.Name, out var since) && time.GetElapsedTime(since) < options.AvoidFor;

    private async Task<ReplicaStatus> AskAsync(Peer peer, LayerId image, CancellationToken cancellation)
    {
        try
        {
            await using var connection = await PeerConnection.ConnectAsync(
                peer,
                self,
                options,
                _rate,
                time,
                cancellation
            );
            var listed = (await connection.ListAsync(cancellation)).FirstOrDefault(l => l.Image == image);
            var detail = IsAvoided(peer) ? $"sent wrong bytes to {self.Server}" : null;
            return listed switch
            {
                null => new(peer.Name, ReplicaState.Missing, 0, detail),
                { Percent: ImageListing.Whole } => new(peer.Name, ReplicaState.Held, ImageListing.Whole, detail),
                _ => new(peer.Name, ReplicaState.Arriving, listed.Percent, detail),
            };
        }
        catch (PeerException failed)
        {
            return new(peer.Name, ReplicaState.Unreachable, null, failed.Message);
        }
    }

    private sealed class Fetch(CancellationTokenSource ending) : IProgress<int>, IDisposable
    {
        private readonly Lock _gate = new();
        private bool _isOver;

        public CancellationToken Cancellation { get; } = ending.Token;

        public Task Task { get; set; } = Task.CompletedTask;

        /// <summary>Null until its bytes come.</summary>
        public volatile Peer? From;

        public int Percent { get; private set; }

        public void Report(int value) => Percent = value;

        public void Cancel()
        {
            lock (_gate)
                if (!_isOver)
                    ending.Cancel();
        }

        public void Dispose()
        {
            lock (_gate)
                _isOver = true;
            ending.Dispose();
        }
    }
}
