using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Akka.Actor;
using Akka.Cluster.Protocol;
using Akka.Util;

namespace Akka.Cluster.Serialization;

internal sealed record WireNode(
    [property: JsonPropertyName("a")] string Address,
    [property: JsonPropertyName("u")] int Uid
)
{
    public static WireNode From(UniqueAddress node) => new(node.Address.ToString(), node.Uid);

    public UniqueAddress ToNode() => new(Wire.ReadAddress(Address), Uid);
}

internal sealed record WireHeartbeat(
    [property: JsonPropertyName("f")] WireNode Node,
    [property: JsonPropertyName("n")] long Sequence
)
{
    public static WireHeartbeat From(Heartbeat message) => new(WireNode.From(message.From), message.Sequence);

    public Heartbeat ToMessage() => new(Node.ToNode(), Sequence);
}

internal sealed record WireHeartbeatResponse(
    [property: JsonPropertyName("f")] WireNode Node,
    [property: JsonPropertyName("n")] long Sequence
)
{
    public static WireHeartbeatResponse From(HeartbeatResponse message) =>
        new(WireNode.From(message.From), message.Sequence);

    public HeartbeatResponse ToMessage() => new(Node.ToNode(), Sequence);
}

internal sealed record WireStatus(
    [property: JsonPropertyName("f")] WireNode Node,
    [property: JsonPropertyName("v")] Dictionary<string, long> Version
)
{
    public static WireStatus From(GossipStatus message) =>
        new(WireNode.From(message.From), Wire.WriteClock(message.Version));

    public GossipStatus ToMessage() => new(Node.ToNode(), Wire.ReadClock(Version));
}

internal sealed record WireInitJoin(
    [property: JsonPropertyName("f")] string Sender,
    [property: JsonPropertyName("c")] Dictionary<string, string>? Agreed
)
{
    public static WireInitJoin From(InitJoin message) =>
        new(message.From.ToString(), new Dictionary<string, string>(message.Agreed, StringComparer.Ordinal));

    public InitJoin ToMessage() =>
        new(Wire.ReadAddress(Sender), (Agreed ?? []).ToImmutableSortedDictionary(StringComparer.Ordinal));
}

internal sealed record WireInitJoinAck(
    [property: JsonPropertyName("f")] string Sender,
    [property: JsonPropertyName("d")] string? Disagreement
)
{
    public static WireInitJoinAck From(InitJoinAck message) => new(message.From.ToString(), message.Disagreement);

    public static WireInitJoinAck From(InitJoinNack message) => new(message.From.ToString(), null);

    public InitJoinAck ToAck() => new(Wire.ReadAddress(Sender), Disagreement);

    public InitJoinNack ToNack() => new(Wire.ReadAddress(Sender));
}

internal sealed record WireJoin(
    [property: JsonPropertyName("n")] WireNode Node,
    [property: JsonPropertyName("r")] string[] Roles,
    [property: JsonPropertyName("v")] string AppVersion
)
{
    public static WireJoin From(Join message) =>
        new(WireNode.From(message.Node), [.. message.Roles.Order(StringComparer.Ordinal)], message.AppVersion.Version);

    public Join ToMessage() => new(Node.ToNode(), [.. Roles], Util.AppVersion.Create(AppVersion));
}

internal sealed record WireNotice(
    [property: JsonPropertyName("f")] WireNode Sender,
    [property: JsonPropertyName("n")] WireNode Node
)
{
    public static WireNotice From(RemovedNotice message) =>
        new(WireNode.From(message.From), WireNode.From(message.Node));

    public RemovedNotice ToMessage() => new(Sender.ToNode(), Node.ToNode());
}

/// <summary>What a message shares with others.</summary>
internal static class Wire
{
    public static Address ReadAddress(string text) =>
        Address.TryParse(text, out var address) ? address : throw new FormatException($"[{text}] is no address");

    public static Dictionary<string, long> WriteClock(VectorClock clock) =>
        clock.Versions.ToDictionary(
            version => version.Key.ToString(),
            version => version.Value,
            StringComparer.Ordinal
        );

    public static VectorClock ReadClock(Dictionary<string, long> versions) =>
        VectorClock.Create(
            versions.ToImmutableSortedDictionary(
                version => VectorClock.Node.FromHash(version.Key),
                version => version.Value
            )
        );
}

[JsonSourceGenerationOptions(RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(WireHeartbeat))]
[JsonSerializable(typeof(WireHeartbeatResponse))]
[JsonSerializable(typeof(WireStatus))]
[JsonSerializable(typeof(WireInitJoin))]
[JsonSerializable(typeof(WireInitJoinAck))]
[JsonSerializable(typeof(WireJoin))]
[JsonSerializable(typeof(WireNotice))]
[JsonSerializable(typeof(WireEnvelope))]
internal sealed partial class ClusterJson : JsonSerializerContext;
