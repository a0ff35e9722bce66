using Hatchery.Devices;
using Hatchery.Disks;

namespace Hatchery.Streaming;

/// <summary>Makes the disk that a grant speaks of from this server's store. Throws <see cref="SessionDiskException"/> where it cannot.</summary>
public interface ISessionDisks
{
    /// <summary>A new boot gets a clean write cache; a boot that goes on gets its own back, with writes of lower epochs refused from now on.</summary>
    Task<IDisk> OpenAsync(SessionGrant grant, CancellationToken cancellation);

    /// <summary>Keeps the write cache of a boot that is over for a while, then deletes it.</summary>
    void SetAside(LayerId cache);
}

/// <summary>The disk cannot be had; the message is one sentence for the log and says what to do.</summary>
public sealed class SessionDiskException(string message, bool deviceMustBoot)
    : Exception(deviceMustBoot ? message + "; the device has to boot" : message)
{
    /// <summary>This boot's disk is gone for good: trying again is no use.</summary>
    public bool DeviceMustBoot => deviceMustBoot;
}
