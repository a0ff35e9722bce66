using System.Collections.Immutable;
using Hatchery.Disks;

namespace Hatchery.Mirroring;

/// <summary>Every change that a session row may see, as a pure function of the row that was read. The answer still has to win its compare-and-swap.</summary>
/// <remarks>
/// The keeper raises the epoch and adds members; a streamer removes members of its own session and says that it is open. Where the keeper does not
/// answer, the server that the device comes back to raises the epoch; where the device is off, one that seals or copies what it has
/// left. The row is the truth: what anybody else holds of the session, the keeper's journal included, only follows it.
/// </remarks>
public static class SessionRules
{
    /// <summary>The keeper: a clean write cache at one server. Members are added once it is open. Without one there is nothing to be made, and it is open at once.</summary>
    /// <param name="last">The highest epoch that is known of the device.</param>
    public static SessionRow Boot(
        DeviceId device,
        SessionRow? row,
        Epoch last,
        BootId boot,
        string server,
        ImmutableArray<LayerId> layers
    ) =>
        new(
            device,
            row?.Revision ?? 0,
            Later(row, last).Next(),
            layers[^1] == LayerId.None ? SessionPhase.Open : SessionPhase.Booting,
            boot,
            server,
            [server],
            layers
        );

    /// <summary>Whether the boot that a device names is the row's, and had its disk: only then may it go on without its keeper's word.</summary>
    public static bool GoesOn(SessionRow row, BootId boot) => row.Boot == boot && row.Phase != SessionPhase.Booting;

    /// <summary>
    /// The keeper, or the member itself: the boot goes on at a member in a new epoch. Who was a member stays one until the opening has counted the copies.
    /// Without a write cache it goes on anywhere, and is open at once.
    /// </summary>
    /// <returns>Null when the server holds no whole write cache.</returns>
    public static SessionRow? Reopen(SessionRow row, Epoch last, string server) =>
        !row.HasCache
            ? row with
            {
                Epoch = Later(row, last).Next(),
                Phase = SessionPhase.Open,
                Streamer = server,
                Members = [server],
            }
        : row.HasMember(server)
            ? row with
            {
                Epoch = Later(row, last).Next(),
                Phase = SessionPhase.Opening,
                Streamer = server,
            }
        : null;

    /// <summary>The keeper: a new boot on the write cache that the one before has left, at a member of its session.</summary>
    /// <returns>Null when the server holds no whole write cache.</returns>
    public static SessionRow? BootAgain(SessionRow row, Epoch last, BootId boot, string server) =>
        Reopen(row with { Boot = boot }, last, server);

    /// <summary>The streamer: it has the disk, and these members have the same bytes.</summary>
    public static SessionRow Opened(SessionRow row, IEnumerable<string> members) =>
        row with
        {
            Phase = SessionPhase.Open,
            Members = [.. members.Where(row.HasMember)],
        };

    /// <summary>The streamer: nothing waits for these any more. Written even when they are no members, so that an older wish to add them cannot win.</summary>
    public static SessionRow Without(SessionRow row, IReadOnlySet<string> gone) =>
        row with
        {
            Members = [.. row.Members.Where(m => !gone.Contains(m))],
        };

    /// <summary>The keeper: a server that the streamer calls whole becomes a member.</summary>
    /// <param name="revision">That of the row when the streamer asked: had it changed since, the copy might not be whole any more.</param>
    /// <returns>Null when the session is another one by now.</returns>
    public static SessionRow? WithMember(SessionRow row, Epoch epoch, long revision, string server) =>
        row.Epoch != epoch || row.Phase != SessionPhase.Open || row.Revision != revision ? null
        : row.HasMember(server) ? row
        : row with { Members = row.Members.Add(server) };

    private static Epoch Later(SessionRow? row, Epoch last) => row is { } r && r.Epoch > last ? r.Epoch : last;
}
