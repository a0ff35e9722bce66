using Hatchery.Disks;
using Hatchery.Mirroring;
using Hatchery.Replication;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hatchery.Benchmarks;

/// <summary>A write cache in one store and, if it is wanted, its mirror in the store of another process, over the loopback with TLS; gone when disposed.</summary>
internal sealed class MirroredDisk : ISessionDirectory, IAsyncDisposable
{
    private static readonly PeerTls s_security = new(MirrorMember.Certificate(), takesAny: true);

    private readonly string _folder;
    private readonly Store _store;
    private readonly BaseImage _image;
    private readonly MemberCopies _copies;
    private readonly MirrorMember _member;
    private readonly MirrorDialer _dialer;
    private readonly Mirrors _mirrors;
    private readonly MirroredSession _session;
    private readonly TaskCompletionSource _mirrored = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SessionRow _row;

    private MirroredDisk(string image, string folder, MirrorMember member, bool isMirrored)
    {
        (_folder, _member) = (folder, member);
        Directory.CreateDirectory(folder);
        _image = BaseImage.Open(image, default).Value!;
        _store = Store.Open(folder).Value!;
        _copies = new(_store, new(), TimeProvider.System, NullLogger<MemberCopies>.Instance);
        _dialer = new(
            MirrorMember.Named("a"),
            _ => new("127.0.0.1", member.Port),
            s_security,
            new() { HandshakeTimeout = TimeSpan.FromMinutes(1) },
            TimeProvider.System
        );
        // It shall not be taken for dead while this machine has other work.
        var settings = new MirrorSettings
        {
            Copies = isMirrored ? 2 : 1,
            MemberTimeout = TimeSpan.FromMinutes(1),
            WorkTimeout = TimeSpan.FromMinutes(1),
        };
        _mirrors = new("a", _copies, _dialer, settings, TimeProvider.System, NullLoggerFactory.Instance);
        _row = SessionRules.Boot(
            new(Guid.NewGuid()),
            null,
            default,
            new(Guid.NewGuid()),
            "a",
            [_image.Layer, new(Guid.NewGuid())]
        );
        _session = _mirrors.Begin(
            _row,
            new(_row.Device, _row.Boot, _image.Layer, _image.LengthBytes),
            default,
            this,
            notice =>
            {
                if (notice is MirrorNotice.MemberAdded)
                    _mirrored.TrySetResult();
                else if (notice is not MirrorNotice.JoinBegun)
                    _mirrored.TrySetException(new InvalidOperationException(notice.ToString()));
            },
            _ => { }
        );
        Disk = new(
            _store
                .CreateCache(
                    _image,
                    default,
                    _row.Device,
                    _row.Boot,
                    _row.Epoch,
                    _row.Cache,
                    new() { Mirror = isMirrored ? _session : null }
                )
                .Value!
        );
        _row = SessionRules.Opened(_row, _row.Members);
        _session.Start(_row);
    }

    public OverlayDisk Disk { get; }

    /// <summary>Ready when the mirror has everything.</summary>
    public static async Task<MirroredDisk> OpenAsync(string image, string folder, MirrorMember member, bool isMirrored)
    {
        var disk = new MirroredDisk(image, folder, member, isMirrored);
        if (isMirrored)
            await disk._mirrored.Task;
        return disk;
    }

    public Task<RowAnswer> SwapAsync(SessionRow row) => Task.FromResult<RowAnswer>(new RowAnswer.Unknown());

    public bool HasRoomAt(string server) => true;

    public Task<RowAnswer> ReadAsync(DeviceId device) => Task.FromResult<RowAnswer>(new RowAnswer.Is(_row));

    public Task<string?> ChooseMemberAsync(DeviceId device, Epoch epoch, IReadOnlyCollection<string> except) =>
        Task.FromResult<string?>("b");

    public Task<RowAnswer> AddMemberAsync(DeviceId device, Epoch epoch, string server, long revision)
    {
        _row = SessionRules.WithMember(_row, epoch, revision, server)! with { Revision = revision + 1 };
        return Task.FromResult<RowAnswer>(new RowAnswer.Is(_row));
    }

    public async ValueTask DisposeAsync()
    {
        await Disk.DisposeAsync();
        await _session.DisposeAsync();
        await _mirrors.DisposeAsync();
        await _dialer.DisposeAsync();
        await _copies.DisposeAsync();
        _store.Dispose();
        _image.Dispose();
        _member.Forget(_row.Cache);
        Directory.Delete(_folder, recursive: true);
    }
}
