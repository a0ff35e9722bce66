using Hatchery.Disks;
using Hatchery.Mirroring;

namespace Hatchery.Devices;

/// <summary>
/// A boot goes on although its device's keeper does not answer: the server where the device logs in does with the session row what the keeper
/// would have done.
/// </summary>
/// <remarks>
/// The row is the truth of who streams a disk, and the compare-and-swap on its revision is what lets anybody change it: of two servers, or of a
/// server and a keeper that was only slow, one wins, and the other finds a newer epoch. The keeper goes by the row as well whenever it is asked, and hears
/// of the new epoch by the first report of it. Boots stay with the keeper alone: they take a version of a vDisk.
/// </remarks>
/// <param name="servers">As this server knows them.</param>
/// <param name="keeperAt">The server where a device's keeper was last; null: not known.</param>
/// <param name="patience">How long the keeper's answer is waited for.</param>
/// <param name="standstill">Whether this process may have been replaced while it stood still; null: nobody could.</param>
public sealed class KeeperlessReturn(
    ISessionDirectory rows,
    IFarmView view,
    Func<IReadOnlyList<KnownServer>> servers,
    Func<DeviceId, string?> keeperAt,
    TimeSpan patience,
    Standstill? standstill = null
)
{
    public TimeSpan Patience => patience;

    /// <summary>The device's row; null: there is none, or it cannot be read soon.</summary>
    public async Task<SessionRow?> LookAsync(DeviceId device)
    {
        try
        {
            return await rows.ReadAsync(device).WaitAsync(patience) is RowAnswer.Is { Row: var row } ? row : null;
        }
        catch (Exception unread) when (unread is TimeoutException or FormatException or ArgumentException)
        {
            // The database is away, or a newer server wrote what this one cannot read.
            return null;
        }
    }

    /// <summary>True when the keeper need not be asked first: it was where the streamer was, and the device comes from there.</summary>
    public bool IsGone(SessionRow row, OpenSession login) =>
        keeperAt(row.Device) is { } keeper
        && keeper != login.Server
        && (
            (keeper == row.Streamer && !login.HearsStreamer)
            || servers().Any(s => s.Status.Name == keeper && s.State == ServerState.Silent)
        );

    /// <summary>True when the keeper was at the server of the login when it was last heard of; it may have moved since.</summary>
    public bool WasHere(OpenSession login) => keeperAt(login.Device) == login.Server;

    /// <param name="returns">Where this server has sent the device.</param>
    /// <returns>A grant, or where the device is to go; null: only its keeper can say.</returns>
    public async Task<Reply?> TryAsync(OpenSession login, DeviceReturns returns)
    {
        // Who stood still is the one that others have gone on without.
        if (standstill?.IsInDoubt == true)
            return null;
        var farm = view.Current;
        if (
            // Who writes a vDisk says the vDisk, which the keeper asks.
            farm.Device(login.Device)
                is not { Boot: not { Mode: DiskMode.Private or DiskMode.Maintenance } } device
            || login.Boot is not { } boot
            // What was of use to one that is held to be off may have been given to others.
            || device.Phase == DevicePhase.Off
            || DeviceRules.Admit(device, boot) is not Admission.Continue
            || await LookAsync(device.Id) is not { } row
            || !SessionRules.GoesOn(row, boot)
        )
            return null;
        returns.Came(login.Server);
        switch (SessionPlacement.Of(row, login, device.Placement, servers(), returns))
        {
            case SessionPlacement.Elsewhere elsewhere:
                returns.Sent(elsewhere.Server);
                return new Reply.Elsewhere(
                    elsewhere.Server,
                    $"{device.Name}: its write cache is at {string.Join(", ", row.Members)}, and its keeper does not answer"
                );
            case SessionPlacement.Nowhere:
                return null;
        }
        return
            SessionRules.Reopen(row, device.Epoch, login.Server) is { } wanted
            && await rows.SwapAsync(wanted) is RowAnswer.Is { Row: { } swapped }
            ? SessionGrant.Of(swapped, device.Boot!, farm.AssignmentOf(device)?.Transport ?? BootTransport.San)
            : null;
    }
}
