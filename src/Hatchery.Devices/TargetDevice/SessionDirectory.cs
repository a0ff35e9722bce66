using System.Data.Common;
using System.Net.Sockets;
using Akka.Actor;
using Hatchery.Disks;
using Hatchery.Mirroring;

namespace Hatchery.Devices;

/// <summary>The way of a server's mirrored sessions to their rows and keepers.</summary>
/// <param name="keepers">The region that takes <see cref="IDeviceCommand"/>, as it is now.</param>
/// <param name="servers">As this server knows them.</param>
public sealed class SessionDirectory(
    SessionTable sessions,
    Func<IActorRef> keepers,
    Func<IReadOnlyList<KnownServer>> servers,
    TimeProvider time
) : ISessionDirectory
{
    /// <summary>A database or a keeper that is slower than this is asked again.</summary>
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(3);

    public Task<RowAnswer> SwapAsync(SessionRow row) =>
        AskAsync(async cancellation =>
            await sessions.SwapAsync(row, cancellation) is { } swapped
                ? new RowAnswer.Is(swapped)
                : new RowAnswer.Changed()
        );

    public Task<RowAnswer> ReadAsync(DeviceId device) =>
        AskAsync(async cancellation => new RowAnswer.Is(await sessions.ReadAsync(device, cancellation)));

    public bool HasRoomAt(string server) =>
        servers().All(s => s.Status.Name != server || s.Status is { IsFull: false, IsStoreLost: false });

    public async Task<string?> ChooseMemberAsync(DeviceId device, Epoch epoch, IReadOnlyCollection<string> except)
    {
        // A server alone asks nobody.
        if (!servers().Any(s => s is { IsSelf: false, State: ServerState.Up, Status.MirrorPort: > 0 }))
            return null;
        return await AskKeeperAsync(new ChooseMember(device, epoch, [.. except])) is MemberChoice choice
            ? choice.Server
            : null;
    }

    public async Task<RowAnswer> AddMemberAsync(DeviceId device, Epoch epoch, string server, long revision)
    {
        // Whatever its answer is, the row says more.
        await AskKeeperAsync(new AddMember(device, epoch, revision, server));
        return await ReadAsync(device);
    }

    private async Task<Reply?> AskKeeperAsync(IDeviceCommand command)
    {
        try
        {
            return await keepers().Ask<Reply>(command, s_limit);
        }
        catch (Exception away) when (away is AskTimeoutException or OperationCanceledException)
        {
            return null;
        }
    }

    private async Task<RowAnswer> AskAsync(Func<CancellationToken, Task<RowAnswer>> ask)
    {
        using var limit = new CancellationTokenSource(s_limit, time);
        try
        {
            return await ask(limit.Token);
        }
        catch (Exception away)
            when (away
                    is DbException
                        or SocketException
                        or IOException
                        or TimeoutException
                        or OperationCanceledException
            )
        {
            return new RowAnswer.Unknown();
        }
    }
}
