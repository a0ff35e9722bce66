using System.Collections.Immutable;

namespace Akka.Cluster;

internal sealed partial class Reachability : IEquatable<Reachability>
{
    public bool IsAllReachable => _unreachable.Value.IsEmpty && _terminated.Value.IsEmpty;

    /// <summary>Seen as unreachable by somebody, and not known to be gone.</summary>
    public ImmutableHashSet<UniqueAddress> AllUnreachable => _unreachable.Value;

    public ImmutableHashSet<UniqueAddress> AllUnreachableOrTerminated => _unreachable.Value.Union(_terminated.Value);

    public ReachabilityStatus Status(UniqueAddress observer, UniqueAddress subject)
    {
        foreach (var row in Records)
        {
            if (row.Subject.Equals(subject) && row.Observer.Equals(observer))
                return row.Status;
        }
        return ReachabilityStatus.Reachable;
    }

    public ReachabilityStatus Status(UniqueAddress node) =>
        _terminated.Value.Contains(node) ? ReachabilityStatus.Terminated
        : _unreachable.Value.Contains(node) ? ReachabilityStatus.Unreachable
        : ReachabilityStatus.Reachable;

    public bool IsReachable(UniqueAddress node) => Status(node) == ReachabilityStatus.Reachable;

    public bool IsReachable(UniqueAddress observer, UniqueAddress subject) =>
        Status(observer, subject) == ReachabilityStatus.Reachable;

    public ImmutableHashSet<UniqueAddress> AllUnreachableFrom(UniqueAddress observer) =>
        [.. RowsOf(observer).Where(row => row.Status == ReachabilityStatus.Unreachable).Select(row => row.Subject)];

    public bool Equals(Reachability? other) =>
        other is not null
        && (
            ReferenceEquals(this, other)
            || (
                Records.Length == other.Records.Length
                && Versions.SequenceEqual(other.Versions)
                && Records.ToHashSet().SetEquals(other.Records)
            )
        );

    public override bool Equals(object? obj) => Equals(obj as Reachability);

    public override int GetHashCode() => HashCode.Combine(Records.Length, Versions.Count);

    public override string ToString() =>
        string.Join(
            ", ",
            Records.Select(row => $"{row.Observer.Address} -> {row.Subject.Address}: {row.Status} ({row.Version})")
        );
}
