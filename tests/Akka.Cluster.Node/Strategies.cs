namespace Akka.Cluster.Node;

/// <param name="Name">What the cluster is called in what the process says.</param>
/// <param name="Port">Where its members listen, the same at each host.</param>
/// <param name="Settings">What goes into <c>akka.cluster.split-brain-resolver</c>.</param>
internal sealed record Strategy(string Name, int Port, string Settings);

internal static class Strategies
{
    /// <summary>Of five members; down-all-when-unstable has clusters of its own, with it and without.</summary>
    public static IReadOnlyList<Strategy> All { get; } =
    [
        new("static-quorum", 2551, "active-strategy = static-quorum, static-quorum.quorum-size = 3"),
        new("keep-majority", 2552, "active-strategy = keep-majority"),
        new("keep-oldest", 2553, "active-strategy = keep-oldest"),
        new(
            "lease-majority",
            2554,
            "active-strategy = lease-majority, lease-majority { lease-implementation = file-lease, release-after = 15s }"
        ),
        new("down-all", 2555, "active-strategy = down-all"),
        new("unstable", 2556, "active-strategy = keep-majority, down-all-when-unstable = 2s"),
    ];
}
