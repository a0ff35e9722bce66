using System.Net;
using Hatchery.Disks;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hatchery.Mirroring;

/// <summary>One of the two servers of a <see cref="MirrorRehearsal"/>.</summary>
internal sealed class RehearsalServer : IAsyncDisposable
{
    private static readonly FarmId s_farm = new(Guid.NewGuid());
    private static readonly LinkOptions s_links = new();

    private readonly string _name;
    private readonly BaseImage _image;
    private readonly RehearsalDirectory _directory;
    private readonly Store _store;
    private readonly MemberCopies _copies;
    private readonly MirrorListener _listener;
    private readonly MirrorDialer _dialer;
    private readonly Mirrors _mirrors;

    public RehearsalServer(string name, string folder, BaseImage image, RehearsalDirectory directory, TimeProvider time)
    {
        (_name, _image, _directory) = (name, image, directory);
        _store = Store.Open(Path.Combine(folder, name)).Value ?? throw new IOException(folder);
        var self = new MirrorHello(MirrorHello.CurrentVersion, MirrorHello.CurrentVersion, s_farm, name);
        _copies = new(_store, s_links, time, NullLogger<MemberCopies>.Instance);
        _listener = new(
            new(IPAddress.Loopback, 0),
            self,
            security: null,
            _copies,
            s_links,
            time,
            NullLogger<MirrorListener>.Instance
        );
        _listener.Start();
        _dialer = new(self, _ => new("127.0.0.1", Other!._listener.EndPoint.Port), security: null, s_links, time);
        _mirrors = new(name, _copies, _dialer, MirrorSettings.Default, time, NullLoggerFactory.Instance);
    }

    public RehearsalServer? Other { get; set; }

    public RehearsalSession Boot()
    {
        var granted = _directory.Swapped(
            SessionRules.Boot(default, null, default, new(Guid.NewGuid()), _name, [_image.Layer, new(Guid.NewGuid())])
        );
        var session = Begin(
            granted,
            default,
            options =>
                _store.CreateCache(_image, s_farm, granted.Device, granted.Boot, granted.Epoch, granted.Cache, options)
        );
        session.Mirror.Start(_directory.Swapped(SessionRules.Opened(granted, granted.Members)));
        return session;
    }

    public async Task<RehearsalSession> TakeAsync(CancellationToken cancellation)
    {
        var granted = _directory.Swapped(SessionRules.Reopen(_directory.Row!, default, _name)!);
        if (
            await _mirrors.OpenAsync(granted, _directory, isNewBoot: false, cancellation)
            is not OpeningOutcome.Opened opened
        )
            throw new IOException("the session of a rehearsal was not opened");
        var session = Begin(
            opened.Row,
            opened.Seal,
            options => _store.OpenCache(_image, granted.Cache, granted.Epoch, options)
        );
        session.Mirror.Start(opened.Row);
        return session;
    }

    public async ValueTask DisposeAsync()
    {
        await _mirrors.DisposeAsync();
        await _dialer.DisposeAsync();
        await _listener.DisposeAsync();
        await _copies.DisposeAsync();
        _store.Dispose();
    }

    private RehearsalSession Begin(
        SessionRow row,
        CachePosition seal,
        Func<WriteCacheOptions, StoreOutcome<WriteCache>> open
    )
    {
        var isMirrored = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var mirror = _mirrors.Begin(
            row,
            new(row.Device, row.Boot, _image.Layer, _image.LengthBytes),
            seal,
            _directory,
            notice =>
            {
                if (notice is MirrorNotice.MemberAdded)
                    isMirrored.TrySetResult();
            },
            _ => { }
        );
        var cache = open(new() { Mirror = mirror, SegmentSizeBytes = 1 << 20 });
        return new(cache.Value ?? throw new IOException($"{cache.Fault}"), mirror, isMirrored.Task);
    }
}

internal sealed record RehearsalSession(WriteCache Cache, MirroredSession Mirror, Task Mirrored) : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        await Mirror.DisposeAsync();
        await Cache.DisposeAsync();
    }
}

/// <summary>The farm database and the keeper of a <see cref="MirrorRehearsal"/>.</summary>
/// <param name="second">The server that is chosen for a copy.</param>
internal sealed class RehearsalDirectory(string second) : ISessionDirectory
{
    private readonly Lock _gate = new();

    public SessionRow? Row { get; private set; }

    public SessionRow Swapped(SessionRow row) =>
        (Swap(row) as RowAnswer.Is)?.Row ?? throw new IOException("the row of a rehearsal has changed");

    public Task<RowAnswer> SwapAsync(SessionRow row) => Task.FromResult(Swap(row));

    public Task<RowAnswer> ReadAsync(DeviceId device) => Task.FromResult<RowAnswer>(new RowAnswer.Is(Row));

    public bool HasRoomAt(string server) => true;

    public Task<string?> ChooseMemberAsync(DeviceId device, Epoch epoch, IReadOnlyCollection<string> except) =>
        Task.FromResult(except.Contains(second, StringComparer.Ordinal) ? null : second);

    public Task<RowAnswer> AddMemberAsync(DeviceId device, Epoch epoch, string server, long revision) =>
        Task.FromResult(
            SessionRules.WithMember(Row!, epoch, revision, server) is { } row ? Swap(row) : new RowAnswer.Changed()
        );

    private RowAnswer Swap(SessionRow row)
    {
        lock (_gate)
            return row.Revision == (Row?.Revision ?? 0)
                ? new RowAnswer.Is(Row = row with { Revision = row.Revision + 1 })
                : new RowAnswer.Changed();
    }
}
