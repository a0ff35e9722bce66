using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Akka.Cluster;

/// <summary>
/// Says of two states which came first, or that neither knew of the other: a counter for each node that made changes
/// (Fidge 1988, Mattern 1989). Immutable.
/// </summary>
public sealed class VectorClock
{
    private VectorClock(ImmutableSortedDictionary<Node, long> versions) => Versions = versions;

    /// <summary>The counters.</summary>
    public ImmutableSortedDictionary<Node, long> Versions { get; }

    /// <summary>A clock that nobody advanced.</summary>
    public static VectorClock Create() => new(ImmutableSortedDictionary<Node, long>.Empty);

    /// <summary>A clock with these counters.</summary>
    public static VectorClock Create(ImmutableSortedDictionary<Node, long> seedValues) => new(seedValues);

    /// <summary>The clock after one more change by <paramref name="node"/>.</summary>
    public VectorClock Increment(Node node) =>
        new(Versions.SetItem(node, Versions.TryGetValue(node, out var count) ? count + 1 : 1));

    /// <summary>The clock that knows what both know.</summary>
    public VectorClock Merge(VectorClock that)
    {
        var merged = Versions.ToBuilder();
        foreach (var (node, count) in that.Versions)
        {
            if (!merged.TryGetValue(node, out var own) || own < count)
                merged[node] = count;
        }
        return new VectorClock(merged.ToImmutable());
    }

    /// <summary>The clock without a node that is gone.</summary>
    public VectorClock Prune(Node removedNode) =>
        Versions.ContainsKey(removedNode) ? new VectorClock(Versions.Remove(removedNode)) : this;

    /// <summary>How this clock stands to another.</summary>
    public Ordering CompareTo(VectorClock that)
    {
        bool more = false,
            less = false;
        foreach (var (node, count) in Versions)
        {
            var other = that.Versions.TryGetValue(node, out var known) ? known : 0;
            more |= count > other;
            less |= count < other;
        }
        foreach (var (node, count) in that.Versions)
            less |= count > 0 && !Versions.ContainsKey(node);
        return (more, less) switch
        {
            (false, false) => Ordering.Same,
            (true, false) => Ordering.After,
            (false, true) => Ordering.Before,
            _ => Ordering.Concurrent,
        };
    }

    /// <summary>True when neither knew of the other.</summary>
    public bool IsConcurrentWith(VectorClock that) => CompareTo(that) == Ordering.Concurrent;

    /// <summary>True when this came first.</summary>
    public bool IsBefore(VectorClock that) => CompareTo(that) == Ordering.Before;

    /// <summary>True when the other came first.</summary>
    public bool IsAfter(VectorClock that) => CompareTo(that) == Ordering.After;

    /// <summary>True when both are the same.</summary>
    public bool IsSameAs(VectorClock that) => CompareTo(that) == Ordering.Same;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is VectorClock that && IsSameAs(that);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var (node, count) in Versions)
            hash.Add((node, count));
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"VectorClock({string.Join(", ", Versions.Select(version => $"{version.Key}->{version.Value}"))})";

    /// <summary>True when the left one came after.</summary>
    public static bool operator >(VectorClock left, VectorClock right) => left.IsAfter(right);

    /// <summary>True when the left one came before.</summary>
    public static bool operator <(VectorClock left, VectorClock right) => left.IsBefore(right);

    /// <summary>True when both are the same.</summary>
    public static bool operator ==(VectorClock? left, VectorClock? right) => Equals(left, right);

    /// <summary>True when they differ.</summary>
    public static bool operator !=(VectorClock? left, VectorClock? right) => !Equals(left, right);

    /// <summary>How two clocks stand to each other.</summary>
    public enum Ordering
    {
        /// <summary>The left one knows all that the right one knows, and more.</summary>
        After = 0,

        /// <summary>The right one knows all that the left one knows, and more.</summary>
        Before = 1,

        /// <summary>They are equal.</summary>
        Same = 2,

        /// <summary>Each knows what the other does not.</summary>
        Concurrent = 3,

        /// <summary>Never the result of a comparison: it asks for one without shortcuts.</summary>
        FullOrder = 4,
    }

    /// <summary>One that makes changes, by the hash of its name: names are long, and there may be many.</summary>
    public class Node : IComparable<Node>
    {
        private readonly string _value;

        /// <summary>The node with this hash.</summary>
        public Node(string value) => _value = value;

        /// <summary>The node with this name.</summary>
        public static Node Create(string name) =>
            new(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 16)));

        /// <summary>The node with this hash.</summary>
        public static Node FromHash(string hash) => new(hash);

        /// <inheritdoc/>
        public int CompareTo(Node? other) => string.CompareOrdinal(_value, other?._value);

        /// <inheritdoc/>
        public override bool Equals(object? obj) =>
            obj is Node other && string.Equals(_value, other._value, StringComparison.Ordinal);

        /// <inheritdoc/>
        public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(_value);

        /// <summary>The hash.</summary>
        public override string ToString() => _value;
    }
}
