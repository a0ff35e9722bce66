using System.Net;
using Hatchery.Disks;
using Hatchery.Testing;

namespace Hatchery.Mirroring.Tests;

/// <summary>Servers that mirror to one another over real connections, and the farm database between them. One device; time stands still unless a test moves it.</summary>
internal sealed class TestFarm : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Dictionary<string, TestServer> _servers = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    public TestFarm(params IEnumerable<string> names)
    {
        foreach (var name in names)
            _servers.Add(name, new(this, name));
    }

    public ManualTime Time { get; } = new();

    public MirrorSettings Settings { get; init; } = Quick;

    /// <summary>A member that is falsely taken for gone, as this machine is busy, is soon one again.</summary>
    public static MirrorSettings Quick { get; } =
        new() { MemberTimeout = TimeSpan.FromSeconds(20), JoinInterval = TimeSpan.FromMilliseconds(100) };

    public WriteCacheOptions Caches { get; init; } = new() { SegmentSizeBytes = 1 << 20 };

    public DeviceId Device { get; } = new(Guid.NewGuid());

    public TestImage Image { get; } = new(new(Guid.NewGuid()));

    public SessionRow? Row { get; private set; }

    /// <summary>By name.</summary>
    public IEnumerable<string> Members => Row!.Members.Order(StringComparer.Ordinal);

    /// <summary>The farm database and the keepers answer nobody.</summary>
    public bool IsAway { get; set; }

    /// <summary>Servers that say that they have no room.</summary>
    public HashSet<string> Full { get; } = new(StringComparer.Ordinal);

    /// <summary>Nobody is chosen for a further copy.</summary>
    public bool HasNoMoreServers { get; set; }

    public TestServer this[string name] => _servers[name];

    /// <summary>In place of the server itself: where others find it.</summary>
    public Dictionary<string, IPEndPoint> Detours { get; } = new(StringComparer.Ordinal);

    public DnsEndPoint? Find(string name) =>
        Detours.TryGetValue(name, out var detour) ? new("127.0.0.1", detour.Port) : _servers[name].At;

    /// <summary>A device that runs at a, with a copy at b, and has written.</summary>
    public async Task<(DiskModel Model, TestSession Session)> BootAsync(Random random, int writes = 50)
    {
        var model = new DiskModel(random);
        var session = this["a"].Boot();
        await session.HasAddedAsync("b");
        if (writes > 0)
            await model.WriteFlushedAsync(session.Cache, writes);
        return (model, session);
    }

    public RowAnswer Swap(SessionRow row)
    {
        lock (_gate)
            return row.Revision == (Row?.Revision ?? 0)
                ? new RowAnswer.Is(Row = row with { Revision = row.Revision + 1 })
                : new RowAnswer.Changed();
    }

    public RowAnswer AddMember(Epoch epoch, string server, long revision)
    {
        lock (_gate)
            return SessionRules.WithMember(Row!, epoch, revision, server) is { } row
                ? Swap(row)
                : new RowAnswer.Changed();
    }

    public string? Choose(IReadOnlyCollection<string> except) =>
        HasNoMoreServers
            ? null
            : _servers.Values.FirstOrDefault(s => s.IsUp && !except.Contains(s.Name, StringComparer.Ordinal))?.Name;

    /// <summary>Time goes by, a tick at a time, until it is so.</summary>
    public async Task PassUntilAsync(Func<bool> condition)
    {
        var end = DateTime.UtcNow + Patience;
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < end, "it did not become true");
            Time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(10);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers.Values)
            await server.DisposeAsync();
    }
}

internal sealed record TestImage(LayerId Layer) : IBlockReader
{
    public long LengthBytes => DiskModel.DiskBytes;

    public DiskStatus Read(long offset, Span<byte> destination, out StoreFault? fault)
    {
        fault = null;
        destination.Clear();
        return DiskStatus.Ok;
    }

    public void Dispose() { }
}
