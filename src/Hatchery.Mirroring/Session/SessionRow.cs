using System.Collections.Immutable;
using Hatchery.Disks;

namespace Hatchery.Mirroring;

public enum SessionPhase
{
    /// <summary>Granted to a boot that never had its disk yet.</summary>
    Booting,

    /// <summary>Granted to a boot that goes on.</summary>
    Opening,

    /// <summary>The streamer has the disk.</summary>
    Open,
}

/// <summary>Who streams a device's disk, and who holds its whole write cache; changed only by compare-and-swap on the revision.</summary>
/// <param name="Revision">One higher at each change; 0: no row yet.</param>
/// <param name="Members">Names of servers, the streamer among them.</param>
/// <param name="Layers">The chain the session reads, the base image first and the write cache last, which is <see cref="LayerId.None"/> where the machine has it.</param>
public sealed record SessionRow(
    DeviceId Device,
    long Revision,
    Epoch Epoch,
    SessionPhase Phase,
    BootId Boot,
    string Streamer,
    ImmutableArray<string> Members,
    ImmutableArray<LayerId> Layers
)
{
    /// <summary>The write cache.</summary>
    public LayerId Cache => Layers[^1];

    /// <summary>What the device writes lies at servers; otherwise it reads a version that never changes, at any server and at several.</summary>
    public bool HasCache => Cache != LayerId.None;

    /// <summary>What the write cache lies on, by which a version of a vDisk is known.</summary>
    public LayerId Image => Layers[^2];

    public bool HasMember(string server) => Members.Contains(server, StringComparer.Ordinal);

    /// <summary>It has all that the session needs, but for the image.</summary>
    public bool CanGoOnAt(string server) => !HasCache || HasMember(server);

    /// <summary>The session is still this one, and the streamer the same: only members may differ.</summary>
    public bool IsSessionOf(SessionRow other) =>
        Epoch == other.Epoch && Boot == other.Boot && string.Equals(Streamer, other.Streamer, StringComparison.Ordinal);
}
