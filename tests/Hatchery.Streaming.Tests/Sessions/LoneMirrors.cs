using System.Collections.Concurrent;
using Hatchery.Disks;
using Hatchery.Mirroring;
using Hatchery.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hatchery.Streaming.Tests;

/// <summary>The mirrors of a server that is alone, and its session rows, in memory.</summary>
internal sealed class LoneMirrors : ISessionDirectory, IAsyncDisposable
{
    public const string Server = "one";

    private readonly MemberCopies _copies;
    private readonly MirrorDialer _dialer;
    private readonly ConcurrentDictionary<DeviceId, SessionRow> _rows = new();

    public LoneMirrors(Store store)
    {
        _copies = new(store, new(), TimeProvider.System, NullLogger<MemberCopies>.Instance);
        _dialer = new(new(1, 1, new(Guid.NewGuid()), Server), _ => null, null, new(), TimeProvider.System);
        Sessions = new(Server, _copies, _dialer, new() { Copies = 1 }, TimeProvider.System, NullLoggerFactory.Instance);
    }

    public Mirrors Sessions { get; }

    public Task<RowAnswer> SwapAsync(SessionRow row) =>
        Task.FromResult<RowAnswer>(new RowAnswer.Is(_rows[row.Device] = row with { Revision = row.Revision + 1 }));

    public bool HasRoomAt(string server) => true;

    public Task<RowAnswer> ReadAsync(DeviceId device) =>
        Task.FromResult<RowAnswer>(new RowAnswer.Is(_rows.GetValueOrDefault(device)));

    public Task<string?> ChooseMemberAsync(DeviceId device, Epoch epoch, IReadOnlyCollection<string> except) =>
        Task.FromResult<string?>(null);

    public Task<RowAnswer> AddMemberAsync(DeviceId device, Epoch epoch, string server, long revision) =>
        ReadAsync(device);

    public async ValueTask DisposeAsync()
    {
        await Sessions.DisposeAsync();
        await _dialer.DisposeAsync();
        await _copies.DisposeAsync();
    }
}
