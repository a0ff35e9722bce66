using System.Collections.Immutable;

namespace Akka.Cluster;

/// <summary>What one node sees of another.</summary>
internal enum ReachabilityStatus
{
    Reachable,
    Unreachable,

    /// <summary>It is known to be gone; there is no way back from it.</summary>
    Terminated,
}

/// <summary>One node's latest observation of another; <see cref="Version"/> counts the changes of that observer.</summary>
internal readonly record struct ReachabilityRecord(
    UniqueAddress Observer,
    UniqueAddress Subject,
    ReachabilityStatus Status,
    long Version
);

/// <summary>
/// Who sees whom. Each observer alone writes its rows and counts its changes, so two tables merge by taking, for each
/// observer, the rows of the one that knows its later version. Immutable.
/// </summary>
internal sealed partial class Reachability
{
    public static readonly Reachability Empty = new([], ImmutableSortedDictionary<UniqueAddress, long>.Empty);

    private readonly Lazy<ImmutableHashSet<UniqueAddress>> _unreachable;
    private readonly Lazy<ImmutableHashSet<UniqueAddress>> _terminated;

    public Reachability(
        ImmutableArray<ReachabilityRecord> records,
        ImmutableSortedDictionary<UniqueAddress, long> versions
    )
    {
        Records = records;
        Versions = versions;
        _terminated = new(() => Subjects(ReachabilityStatus.Terminated));
        _unreachable = new(() => Subjects(ReachabilityStatus.Unreachable).Except(_terminated.Value));
    }

    public ImmutableArray<ReachabilityRecord> Records { get; }

    /// <summary>The number of changes of each observer; kept also when all its rows are gone.</summary>
    public ImmutableSortedDictionary<UniqueAddress, long> Versions { get; }

    public Reachability Unreachable(UniqueAddress observer, UniqueAddress subject) =>
        Change(observer, subject, ReachabilityStatus.Unreachable);

    public Reachability Reachable(UniqueAddress observer, UniqueAddress subject) =>
        Change(observer, subject, ReachabilityStatus.Reachable);

    public Reachability Terminated(UniqueAddress observer, UniqueAddress subject) =>
        Change(observer, subject, ReachabilityStatus.Terminated);

    /// <summary>The table that knows what both know, of the nodes in <paramref name="allowed"/> only.</summary>
    public Reachability Merge(IReadOnlyCollection<UniqueAddress> allowed, Reachability other)
    {
        var known = allowed as IReadOnlySet<UniqueAddress> ?? allowed.ToHashSet();
        var records = ImmutableArray.CreateBuilder<ReachabilityRecord>();
        var versions = ImmutableSortedDictionary.CreateBuilder<UniqueAddress, long>();
        foreach (var observer in known.Order())
        {
            var (own, theirs) = (VersionOf(observer), other.VersionOf(observer));
            var later = theirs > own ? other : this;
            records.AddRange(later.RowsOf(observer).Where(row => known.Contains(row.Subject)));
            if (Math.Max(own, theirs) is > 0 and var version)
                versions.Add(observer, version);
        }
        return new Reachability(records.ToImmutable(), versions.ToImmutable());
    }

    /// <summary>The table without any trace of these nodes.</summary>
    public Reachability Remove(IReadOnlyCollection<UniqueAddress> nodes) =>
        nodes.Count == 0
            ? this
            : new Reachability(
                [.. Records.Where(row => !nodes.Contains(row.Observer) && !nodes.Contains(row.Subject))],
                Versions.RemoveRange(nodes)
            );

    /// <summary>The table without what these nodes saw.</summary>
    public Reachability RemoveObservers(IReadOnlyCollection<UniqueAddress> nodes) =>
        nodes.Count == 0
            ? this
            : new Reachability([.. Records.Where(row => !nodes.Contains(row.Observer))], Versions.RemoveRange(nodes));

    /// <summary>The table with only the rows that <paramref name="keep"/> takes.</summary>
    public Reachability Where(Func<ReachabilityRecord, bool> keep) => new([.. Records.Where(keep)], Versions);

    public long VersionOf(UniqueAddress observer) => Versions.GetValueOrDefault(observer);

    private IEnumerable<ReachabilityRecord> RowsOf(UniqueAddress observer) =>
        Records.Where(row => row.Observer.Equals(observer));

    private ImmutableHashSet<UniqueAddress> Subjects(ReachabilityStatus status) =>
        [.. Records.Where(row => row.Status == status).Select(row => row.Subject)];

    private Reachability Change(UniqueAddress observer, UniqueAddress subject, ReachabilityStatus status)
    {
        var before = Status(observer, subject);
        if (before == status || before == ReachabilityStatus.Terminated)
            return this;
        var version = VersionOf(observer) + 1;
        var rows = Records
            .Where(row => !row.Observer.Equals(observer) || !row.Subject.Equals(subject))
            .Append(new ReachabilityRecord(observer, subject, status, version));
        // Who sees everybody needs no rows: the version says that the earlier ones are over.
        if (
            Records.All(row =>
                !row.Observer.Equals(observer)
                || row.Subject.Equals(subject)
                || row.Status == ReachabilityStatus.Reachable
            )
            && status == ReachabilityStatus.Reachable
        )
            rows = Records.Where(row => !row.Observer.Equals(observer));
        return new Reachability([.. rows], Versions.SetItem(observer, version));
    }
}
