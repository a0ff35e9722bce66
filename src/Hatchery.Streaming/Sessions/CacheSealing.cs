using Akka.Actor;
using Hatchery.Devices;
using Hatchery.Disks;
using Hatchery.Mirroring;

namespace Hatchery.Streaming;

/// <summary>
/// Ends the write cache of a device that is off, so that it can be read as one with everything that was acknowledged: this server opens it in an epoch of its own, by
/// which whoever may still stream it is shut out and all copies end at the same byte, and closes it.
/// </summary>
/// <param name="server">This one's name.</param>
/// <param name="streamer">This server's sessions: one that the device still has here ends.</param>
/// <param name="keepers">The region that takes <see cref="IDeviceCommand"/>, as it is now.</param>
public sealed class CacheSealing(
    string server,
    ISessionDisks disks,
    ISessionDirectory directory,
    IActorRef streamer,
    Func<IActorRef> keepers
)
{
    /// <summary>Whether this server has the whole write cache of the device's boot; a database that does not answer says no.</summary>
    public async Task<bool> IsHereAsync(DeviceState device) =>
        await directory.ReadAsync(device.Id) is RowAnswer.Is { Row: { } row }
        && IsOf(row, device)
        && row.HasMember(server);

    /// <returns>Why it is not sealed yet, as a sentence; null: it is.</returns>
    public async Task<string?> SealAsync(DeviceState device, CancellationToken cancellation)
    {
        if (await directory.ReadAsync(device.Id) is not RowAnswer.Is { Row: var row })
            return "the farm database does not answer";
        if (row is null || !IsOf(row, device))
            return $"the write cache of {device.Name} is not what its session row names";
        if (row.Phase == SessionPhase.Booting)
            return $"{device.Name} never had its disk";
        if (SessionRules.Reopen(row, device.Epoch, server) is not { } wanted)
            return $"the write cache of {device.Name} is at {string.Join(", ", row.Members)}";
        if (await directory.SwapAsync(wanted) is not RowAnswer.Is { Row: { } swapped })
            return $"another server has just opened the write cache of {device.Name}";
        streamer.Tell(new SessionSuperseded(device.Id, swapped.Epoch), ActorRefs.NoSender);
        try
        {
            var grant = SessionGrant.Of(swapped, device.Boot!, BootTransport.San);
            await using (await disks.OpenAsync(grant, cancellation))
                // What the journal has of the device follows the row.
                keepers().Tell(new ReportPhase(device.Id, swapped.Epoch, DevicePhase.Off), ActorRefs.NoSender);
            return null;
        }
        catch (SessionDiskException not)
        {
            return not.Message;
        }
    }

    private static bool IsOf(SessionRow row, DeviceState device) => row.Cache == device.Boot?.Cache;
}
