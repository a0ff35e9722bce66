using System.Net;
using Hatchery.Disks;
using Microsoft.Extensions.Logging;

namespace Hatchery.Mirroring.Tests;

/// <summary>A server of a <see cref="TestFarm"/>: takes mirrors, streams, and opens epochs.</summary>
internal sealed class TestServer : ISessionDirectory, IAsyncDisposable
{
    private readonly TestFarm _farm;
    private readonly MirrorSite _site;
    private readonly MirrorDialer _dialer;
    private readonly List<TestSession> _sessions = [];
    private readonly TaskCompletionSource _isUpAgain = new();

    public TestServer(TestFarm farm, string name)
    {
        (_farm, Name, _site) = (farm, name, new(name));
        _dialer = new(_site.Hello, farm.Find, null, MirrorSite.Patient, TimeProvider.System);
        _mirrors = new(() =>
            new(name, _site.Copies, _dialer, farm.Settings, farm.Time, new LoggerFactory([_site.Lines]))
        );
    }

    private readonly Lazy<Mirrors> _mirrors;

    public string Name { get; }

    public bool IsUp { get; private set; } = true;

    public DnsEndPoint? At => IsUp ? _site.At : null;

    public IPEndPoint EndPoint => new(IPAddress.Loopback, _site.At.Port);

    public MirrorHello Hello => _site.Hello;

    public Store Store => _site.Store;

    private Mirrors Mirrors => _mirrors.Value;

    /// <summary>Before the next compare-and-swap is answered.</summary>
    public Func<Task> BeforeSwap { get; set; } = () => Task.CompletedTask;

    /// <summary>A boot: a clean write cache at this server.</summary>
    public TestSession Boot()
    {
        var granted = SessionRules.Boot(
            _farm.Device,
            _farm.Row,
            new(7),
            new(Guid.NewGuid()),
            Name,
            [_farm.Image.Layer, new(Guid.NewGuid())]
        );
        granted = Swapped(granted);
        var session = Begin(granted, default);
        session.Cache = Store
            .CreateCache(
                _farm.Image,
                MirrorSite.Farm,
                granted.Device,
                granted.Boot,
                granted.Epoch,
                granted.Cache,
                _farm.Caches with
                {
                    Mirror = session.Mirror,
                }
            )
            .Value!;
        session.Mirror.Start(Swapped(SessionRules.Opened(granted, granted.Members)));
        return session;
    }

    /// <summary>The boot goes on here, in a new epoch.</summary>
    public async Task<TestSession> ReopenAsync()
    {
        var opened = Assert.IsType<OpeningOutcome.Opened>(await OpenAsync());
        var session = Begin(opened.Row, opened.Seal);
        session.Cache = Store
            .OpenCache(_farm.Image, opened.Row.Cache, opened.Row.Epoch, _farm.Caches with { Mirror = session.Mirror })
            .Value!;
        session.Mirror.Start(opened.Row);
        return session;
    }

    public Task<OpeningOutcome> OpenAsync() =>
        Mirrors.OpenAsync(
            Swapped(SessionRules.Reopen(_farm.Row!, default, Name)!),
            this,
            isNewBoot: false,
            CancellationToken.None
        );

    /// <summary>Nothing reaches it any more, and it reaches nobody; what runs there goes on.</summary>
    public async Task CutAsync()
    {
        IsUp = false;
        await _site.StopListeningAsync();
        await _dialer.DisposeAsync();
    }

    public async Task<RowAnswer> SwapAsync(SessionRow row)
    {
        await BeforeSwap();
        return IsReached ? _farm.Swap(row) : new RowAnswer.Unknown();
    }

    public bool HasRoomAt(string server) => !_farm.Full.Contains(server);

    public Task<RowAnswer> ReadAsync(DeviceId device) =>
        Task.FromResult<RowAnswer>(IsReached ? new RowAnswer.Is(_farm.Row) : new RowAnswer.Unknown());

    public Task<string?> ChooseMemberAsync(DeviceId device, Epoch epoch, IReadOnlyCollection<string> except) =>
        Task.FromResult(IsReached ? _farm.Choose([.. except, Name]) : null);

    public Task<RowAnswer> AddMemberAsync(DeviceId device, Epoch epoch, string server, long revision) =>
        Task.FromResult(IsReached ? _farm.AddMember(epoch, server, revision) : new RowAnswer.Unknown());

    public async ValueTask DisposeAsync()
    {
        foreach (var session in _sessions)
            await session.DisposeAsync();
        if (_mirrors.IsValueCreated)
            await Mirrors.DisposeAsync();
        await _dialer.DisposeAsync();
        await _site.DisposeAsync();
    }

    private bool IsReached => IsUp && !_farm.IsAway;

    private SessionRow Swapped(SessionRow row) => Assert.IsType<RowAnswer.Is>(_farm.Swap(row)).Row!;

    private TestSession Begin(SessionRow row, CachePosition seal)
    {
        var session = new TestSession();
        session.Mirror = Mirrors.Begin(
            row,
            new(row.Device, row.Boot, _farm.Image.Layer, DiskModel.DiskBytes),
            seal,
            this,
            session.Notice,
            session.End
        );
        _sessions.Add(session);
        return session;
    }
}
