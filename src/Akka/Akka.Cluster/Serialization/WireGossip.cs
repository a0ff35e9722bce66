using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Akka.Cluster.Protocol;
using Akka.Util;

namespace Akka.Cluster.Serialization;

/// <summary>A gossip or a welcome; nodes are named once and meant by their place in the list.</summary>
internal sealed record WireEnvelope(
    [property: JsonPropertyName("f")] WireNode Sender,
    [property: JsonPropertyName("t")] WireNode? Receiver,
    [property: JsonPropertyName("g")] WireGossip Gossip
)
{
    public static WireEnvelope From(GossipEnvelope message, TimeSpan now) =>
        new(WireNode.From(message.From), WireNode.From(message.To), WireGossip.From(message.Gossip, now));

    public static WireEnvelope From(Welcome message, TimeSpan now) =>
        new(WireNode.From(message.From), null, WireGossip.From(message.Gossip, now));

    public GossipEnvelope ToGossip(TimeSpan now) =>
        new(
            Sender.ToNode(),
            Receiver?.ToNode() ?? throw new FormatException("it is addressed to nobody"),
            Gossip.ToGossip(now)
        );

    public Welcome ToWelcome(TimeSpan now) => new(Sender.ToNode(), Gossip.ToGossip(now));
}

internal sealed record WireMember(
    [property: JsonPropertyName("n")] int Node,
    [property: JsonPropertyName("s")] int Status,
    [property: JsonPropertyName("u")] int UpNumber,
    [property: JsonPropertyName("r")] string[] Roles,
    [property: JsonPropertyName("v")] string AppVersion
);

internal sealed record WireRow(
    [property: JsonPropertyName("o")] int Observer,
    [property: JsonPropertyName("n")] int Subject,
    [property: JsonPropertyName("s")] int Status,
    [property: JsonPropertyName("v")] long Version
);

/// <summary>A number that belongs to a node: a version, or an age in milliseconds.</summary>
internal sealed record WireCount(
    [property: JsonPropertyName("n")] int Node,
    [property: JsonPropertyName("c")] long Count
);

internal sealed record WireGossip(
    [property: JsonPropertyName("n")] WireNode[] Nodes,
    [property: JsonPropertyName("m")] WireMember[] Members,
    [property: JsonPropertyName("s")] int[] Seen,
    [property: JsonPropertyName("r")] WireRow[] Reachability,
    [property: JsonPropertyName("o")] WireCount[] Observers,
    [property: JsonPropertyName("v")] Dictionary<string, long> Version,
    [property: JsonPropertyName("t")] WireCount[] Tombstones
)
{
    public static WireGossip From(Gossip gossip, TimeSpan now)
    {
        var nodes = gossip
            .Members.Select(member => member.UniqueAddress)
            .Concat(gossip.Tombstones.Keys)
            .Concat(gossip.Seen)
            .Concat(gossip.Reachability.Versions.Keys)
            .Concat(gossip.Reachability.Records.SelectMany(row => new[] { row.Observer, row.Subject }))
            .Distinct()
            .Order()
            .ToArray();
        var places = nodes.Select((node, place) => (node, place)).ToDictionary(pair => pair.node, pair => pair.place);
        return new WireGossip(
            [.. nodes.Select(WireNode.From)],
            [
                .. gossip.Members.Select(member => new WireMember(
                    places[member.UniqueAddress],
                    (int)member.Status,
                    member.UpNumber,
                    [.. member.Roles.Order(StringComparer.Ordinal)],
                    member.AppVersion.Version
                )),
            ],
            [.. gossip.Seen.Select(node => places[node]).Order()],
            [
                .. gossip.Reachability.Records.Select(row => new WireRow(
                    places[row.Observer],
                    places[row.Subject],
                    (int)row.Status,
                    row.Version
                )),
            ],
            [.. gossip.Reachability.Versions.Select(version => new WireCount(places[version.Key], version.Value))],
            Wire.WriteClock(gossip.Version),
            // Monotonic clocks differ between machines: the age is what can be told.
            [
                .. gossip.Tombstones.Select(grave => new WireCount(
                    places[grave.Key],
                    (long)(now - grave.Value).TotalMilliseconds
                )),
            ]
        );
    }

    public Gossip ToGossip(TimeSpan now)
    {
        var nodes = Nodes.Select(node => node.ToNode()).ToArray();
        return new Gossip(
            [
                .. Members.Select(member => new Member(
                    At(member.Node),
                    member.UpNumber,
                    // Who is removed is in no gossip.
                    Known<MemberStatus>(member.Status) is var status and not MemberStatus.Removed
                        ? status
                        : throw new FormatException("a member is Removed"),
                    [.. member.Roles],
                    AppVersion.Create(member.AppVersion)
                )),
            ],
            [.. Seen.Select(At)],
            new Reachability(
                [
                    .. Reachability.Select(row => new ReachabilityRecord(
                        At(row.Observer),
                        At(row.Subject),
                        Known<ReachabilityStatus>(row.Status),
                        row.Version
                    )),
                ],
                Counts(Observers).ToImmutableSortedDictionary()
            ),
            Wire.ReadClock(Version),
            Counts(Tombstones)
                .ToImmutableDictionary(grave => grave.Key, grave => now - TimeSpan.FromMilliseconds(grave.Value))
        );

        UniqueAddress At(int place) =>
            place >= 0 && place < nodes.Length
                ? nodes[place]
                : throw new FormatException($"it names node {place} of {nodes.Length}");

        // The last of two counts of one node wins: a sender of ours writes one.
        IEnumerable<KeyValuePair<UniqueAddress, long>> Counts(WireCount[] counts) =>
            counts
                .GroupBy(count => count.Node)
                .Select(same => KeyValuePair.Create(At(same.Key), same.Last().Count))
                .DistinctBy(pair => pair.Key);
    }

    private static T Known<T>(int value)
        where T : struct, Enum =>
        Enum.IsDefined((T)(object)value)
            ? (T)(object)value
            : throw new FormatException($"{value} is no {typeof(T).Name}");
}
