namespace Akka.Persistence.Snapshot;

/// <summary>Keeps snapshots in memory for as long as its actor system lives; for tests.</summary>
public class MemorySnapshotStore : SnapshotStore
{
    private readonly Lock _gate = new();
    private readonly List<SelectedSnapshot> _kept = [];

    protected override Task<SelectedSnapshot> LoadAsync(string persistenceId, SnapshotSelectionCriteria criteria)
    {
        lock (_gate)
            return Task.FromResult(Matching(persistenceId, criteria).MaxBy(s => s.Metadata.SequenceNr)!);
    }

    protected override Task SaveAsync(SnapshotMetadata metadata, object snapshot)
    {
        lock (_gate)
        {
            _kept.RemoveAll(s => Same(s.Metadata, metadata));
            _kept.Add(new(metadata, snapshot));
        }
        return Task.CompletedTask;
    }

    protected override Task DeleteAsync(SnapshotMetadata metadata)
    {
        lock (_gate)
            _kept.RemoveAll(s =>
                Same(s.Metadata, metadata)
                && (metadata.Timestamp == DateTime.MinValue || metadata.Timestamp == s.Metadata.Timestamp)
            );
        return Task.CompletedTask;
    }

    protected override Task DeleteAsync(string persistenceId, SnapshotSelectionCriteria criteria)
    {
        lock (_gate)
        {
            foreach (var snapshot in Matching(persistenceId, criteria).ToArray())
                _kept.Remove(snapshot);
        }
        return Task.CompletedTask;
    }

    private IEnumerable<SelectedSnapshot> Matching(string persistenceId, SnapshotSelectionCriteria criteria) =>
        _kept.Where(s =>
            string.Equals(s.Metadata.PersistenceId, persistenceId, StringComparison.Ordinal)
            && criteria.IsMatch(s.Metadata)
        );

    private static bool Same(SnapshotMetadata one, SnapshotMetadata other) =>
        one.SequenceNr == other.SequenceNr
        && string.Equals(one.PersistenceId, other.PersistenceId, StringComparison.Ordinal);
}
