using Akka.Actor;

namespace Akka.Persistence;

/// <summary>From which snapshot, and how far, an actor recovers.</summary>
public sealed class Recovery
{
    public Recovery()
        : this(SnapshotSelectionCriteria.Latest) { }

    public Recovery(SnapshotSelectionCriteria fromSnapshot)
        : this(fromSnapshot, long.MaxValue) { }

    public Recovery(SnapshotSelectionCriteria fromSnapshot, long toSequenceNr)
        : this(fromSnapshot, toSequenceNr, long.MaxValue) { }

    /// <param name="toSequenceNr">The last event to replay.</param>
    /// <param name="replayMax">The most events to replay.</param>
    public Recovery(
        SnapshotSelectionCriteria? fromSnapshot = null,
        long toSequenceNr = long.MaxValue,
        long replayMax = long.MaxValue
    )
    {
        FromSnapshot = fromSnapshot ?? SnapshotSelectionCriteria.Latest;
        ToSequenceNr = toSequenceNr;
        ReplayMax = replayMax;
    }

    public static Recovery Default { get; } = new(SnapshotSelectionCriteria.Latest);

    /// <summary>No snapshot and no event; only the highest sequence number is read.</summary>
    public static Recovery None { get; } = new(SnapshotSelectionCriteria.None, 0L);

    public SnapshotSelectionCriteria FromSnapshot { get; }

    public long ToSequenceNr { get; }

    public long ReplayMax { get; }
}

/// <summary>The last message of a recovery; commands follow.</summary>
public sealed class RecoveryCompleted
{
    public static readonly RecoveryCompleted Instance = new();

    private RecoveryCompleted() { }
}

/// <summary>A snapshot or an event did not come within <c>recovery-event-timeout</c>.</summary>
public class RecoveryTimedOutException : AkkaException
{
    public RecoveryTimedOutException() { }

    public RecoveryTimedOutException(string message, Exception? cause = null)
        : base(message, cause!) { }
}

/// <summary>Time is up for the snapshot or the next event; names its incarnation, as a tick may outlive it.</summary>
internal sealed class RecoveryTick(int instanceId, bool snapshot)
{
    public int InstanceId { get; } = instanceId;

    public bool Snapshot { get; } = snapshot;
}
