namespace Hatchery.Devices;

/// <summary>The read side that every node keeps in memory. Thread-safe; answers while the database is away.</summary>
public interface IFarmView
{
    FarmSnapshot Current { get; }

    /// <summary>Completes when the view has an entity's event of this number: who changed something waits for it before he reads.</summary>
    Task ReachedAsync(string persistenceId, long sequenceNumber, CancellationToken cancellation = default);

    /// <summary>Completes when the journal's reader has come to a vDisk's event of this number: all that happened before is in the view.</summary>
    Task ReadAsync(string persistenceId, long sequenceNumber, CancellationToken cancellation = default);
}
