using System.Net;
using Hatchery.Devices;
using Hatchery.Disks;
using Hatchery.Testing;

namespace Hatchery.Replication.Tests;

/// <summary>One server of a farm, as far as images are concerned: a store, what gives its images out, and what fetches those of others.</summary>
internal sealed class Node : IAsyncDisposable
{
    public static readonly FarmId Farm = new(new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));

    private readonly TempFolder _folder = new();
    private readonly PeerList _peers = new();
    private readonly ReplicationOptions _options;
    private readonly TimeProvider _time;
    private readonly StoreLimits? _limits;
    private readonly ReplicationIdentity _identity;

    public Node(
        string name,
        FarmView view,
        ReplicationOptions? options = null,
        TimeProvider? time = null,
        StoreLimits? limits = null,
        PeerTls? tls = null
    )
    {
        (Name, View, _limits, _time) = (name, view, limits, time ?? TimeProvider.System);
        _options = options ?? new() { Interval = TimeSpan.FromMilliseconds(100) };
        _identity = new(Farm, name, tls);
        Store = Store.Open(_folder["store"], limits).Value!;
        (Server, Replicator, Checks) = Make();
        Server.Start();
    }

    public string Name { get; }

    public FarmView View { get; }

    public Store Store { get; private set; }

    public ImageServer Server { get; private set; }

    public Replicator Replicator { get; private set; }

    public ImageChecks Checks { get; private set; }

    public FarmChecks FarmChecks => new(Checks, _peers, _identity, _options, _time);

    public LogLines Log { get; } = new();

    public string this[string name] => _folder[name];

    public Peer AsPeer => new(Name, "127.0.0.1", Server.EndPoint.Port);

    public Node Knows(params Peer[] peers)
    {
        _peers.Current = peers;
        return this;
    }

    /// <summary>What a stop of the server and a start do; it does not fetch before it is told to.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        Store = Store.Open(_folder["store"], _limits, keepInterrupted: TimeSpan.Zero).Value!;
        (Server, Replicator, Checks) = Make();
        Server.Start();
    }

    public async Task HoldsAsync(LayerId image)
    {
        Replicator.Start();
        await Eventually.TrueAsync(() => Store.Holds(image));
    }

    /// <summary>Makes a disk of random bytes and holes, and imports it.</summary>
    public async Task<ImageManifest> ImportAsync(Random random, int chunks, int holes = 0, bool withKernel = false)
    {
        var bytes = new byte[ImageChunks.ChunkBytes];
        await using (var disk = File.Create(_folder["disk"]))
        {
            disk.SetLength(((chunks + holes) * (long)ImageChunks.ChunkBytes) - 512);
            for (var chunk = 0; chunk < chunks; chunk++)
            {
                random.NextBytes(bytes);
                disk.Position = chunk * (long)ImageChunks.ChunkBytes;
                await disk.WriteAsync(
                    bytes.AsMemory(0, holes == 0 && chunk == chunks - 1 ? bytes.Length - 512 : bytes.Length)
                );
            }
        }
        if (withKernel)
            await File.WriteAllBytesAsync(_folder["boot"], bytes);
        var kernel = withKernel ? _folder["boot"] : null;
        var imported = await Store.ImportImageAsync(
            new(
                new(new Guid(Enumerable.Range(0, 16).Select(_ => (byte)random.Next(256)).ToArray())),
                "disk",
                _folder["disk"],
                "raw",
                kernel,
                kernel
            ),
            TimeProvider.System
        );
        Assert.True(imported.Fault is null, imported.Fault?.ToString());
        return imported.Value!;
    }

    public string DiskOf(LayerId image) => Path.Combine(Store.ImagesPath, image.ToString(), "disk.raw");

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _folder.Dispose();
    }

    private async Task StopAsync()
    {
        await Replicator.DisposeAsync();
        await Server.DisposeAsync();
        Store.Dispose();
    }

    private (ImageServer, Replicator, ImageChecks) Make()
    {
        var replicator = new Replicator(Store, View, _peers, _identity, _options, _time, Log.As<Replicator>());
        var checks = new ImageChecks(Store, View, replicator, _time, Log.As<ImageChecks>());
        return (
            new(new(IPAddress.Loopback, 0), _identity, Store, _options, _time, Log.As<ImageServer>(), checks),
            replicator,
            checks
        );
    }

    private sealed class PeerList : IPeers
    {
        public IReadOnlyList<Peer> Current { get; set; } = [];
    }
}

internal static class FarmViews
{
    private static readonly VDiskId s_id = new(new Guid(7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7));

    /// <summary>The farm hears of a vDisk.</summary>
    public static void Add(this FarmView view, ImageManifest image)
    {
        view.Apply(PersistenceIds.Of(s_id), 1, new VDiskCreated("disk", default), 1);
        view.Apply(
            PersistenceIds.Of(s_id),
            2,
            new VersionAdded(
                1,
                image.Layer,
                image.LengthBytes,
                image.Sha256,
                image.Companions.Count > 0,
                null,
                default
            ),
            2
        );
    }

    /// <param name="offset">Its place in the journal; null when the vDisk itself is the first to say it.</param>
    public static void Remove(this FarmView view, long? offset = 3) =>
        view.Apply(PersistenceIds.Of(s_id), 3, new VDiskRemoved(default), offset);
}
