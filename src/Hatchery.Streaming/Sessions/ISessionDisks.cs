using Hatchery.Devices;
using Hatchery.Disks;
using Hatchery.Mirroring;

namespace Hatchery.Streaming;

/// <summary>Makes the disk that a grant speaks of from this server's store. Throws <see cref="SessionDiskException"/> where it cannot.</summary>
public interface ISessionDisks
{
    /// <summary>A new boot gets a clean write cache; a boot that goes on gets its own back, when the epoch of the grant is opened with all its members.</summary>
    /// <param name="isUnattended">It is opened for the sake of its copies, and those are made no faster than they may be.</param>
    Task<ISessionDisk> OpenAsync(SessionGrant grant, CancellationToken cancellation, bool isUnattended = false);

    /// <summary>Keeps the write cache of a boot that is over for a while, then deletes it.</summary>
    void SetAside(LayerId cache);
}

/// <summary>The disk of one session, with the copies of its write cache. Disposing it closes both; nothing may be in flight then.</summary>
public interface ISessionDisk : IAsyncDisposable
{
    IDisk Disk { get; }

    /// <summary>A new boot is confirmed: the session row says that it is open.</summary>
    void Start();

    /// <summary>True when this still was the newest epoch after the call: only then may a further login have the disk.</summary>
    /// <exception cref="OperationCanceledException">It is not known yet.</exception>
    Task<bool> ConfirmAsync(CancellationToken cancellation);

    /// <summary>Does what can be done before the device goes on elsewhere, while it has its disk: what is flushed and indexed then need not be later.</summary>
    Task PrepareMoveAsync(CancellationToken cancellation);

    /// <summary>The copy here is over, and another server has one: the device goes on there, and is not told of an error.</summary>
    bool GoesOnElsewhere { get; }
}

/// <summary>The disk cannot be had; the message is one sentence for the log and says what to do.</summary>
/// <param name="elsewhere">With <see cref="OpeningFailure.Elsewhere"/>: the server that has a whole copy of the write cache.</param>
public sealed class SessionDiskException(string message, OpeningFailure failure, string? elsewhere = null)
    : Exception(message)
{
    public OpeningFailure Failure => failure;

    public string? Elsewhere => elsewhere;
}
