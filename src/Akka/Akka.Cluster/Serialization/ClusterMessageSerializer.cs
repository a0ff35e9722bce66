using System.Runtime.Serialization;
using System.Text.Json;
using Akka.Actor;
using Akka.Cluster.Daemon;
using Akka.Cluster.Protocol;
using Akka.Serialization;

namespace Akka.Cluster.Serialization;

/// <summary>
/// The messages between the nodes of a cluster as JSON, so that a node of a later version may add what one of an earlier
/// version does not know. Not the format of the official package: the nodes of one cluster all have to be ours.
/// </summary>
public class ClusterMessageSerializer : SerializerWithStringManifest
{
    private const string InitJoinManifest = "IJ";
    private const string InitJoinAckManifest = "IJA";
    private const string InitJoinNackManifest = "IJN";
    private const string JoinManifest = "J";
    private const string WelcomeManifest = "W";
    private const string GossipManifest = "GE";
    private const string GossipStatusManifest = "GS";
    private const string ExitingConfirmedManifest = "EC";
    private const string RemovedNoticeManifest = "RN";
    private const string HeartbeatManifest = "HB";
    private const string HeartbeatResponseManifest = "HBR";

    /// <summary>Made by the system.</summary>
    public ClusterMessageSerializer(ExtendedActorSystem system)
        : base(system) { }

    /// <inheritdoc/>
    public override string Manifest(object o) =>
        o switch
        {
            Heartbeat => HeartbeatManifest,
            HeartbeatResponse => HeartbeatResponseManifest,
            GossipEnvelope => GossipManifest,
            GossipStatus => GossipStatusManifest,
            InitJoin => InitJoinManifest,
            InitJoinAck => InitJoinAckManifest,
            InitJoinNack => InitJoinNackManifest,
            Join => JoinManifest,
            Welcome => WelcomeManifest,
            ExitingConfirmed => ExitingConfirmedManifest,
            RemovedNotice => RemovedNoticeManifest,
            _ => throw new ArgumentException(
                $"Cannot serialize {o.GetType()}: it is no message of a cluster",
                nameof(o)
            ),
        };

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) =>
        obj switch
        {
            Heartbeat m => Write(WireHeartbeat.From(m), ClusterJson.Default.WireHeartbeat),
            HeartbeatResponse m => Write(WireHeartbeatResponse.From(m), ClusterJson.Default.WireHeartbeatResponse),
            GossipEnvelope m => Write(WireEnvelope.From(m, ClusterClock.Now), ClusterJson.Default.WireEnvelope),
            GossipStatus m => Write(WireStatus.From(m), ClusterJson.Default.WireStatus),
            InitJoin m => Write(WireInitJoin.From(m), ClusterJson.Default.WireInitJoin),
            InitJoinAck m => Write(WireInitJoinAck.From(m), ClusterJson.Default.WireInitJoinAck),
            InitJoinNack m => Write(WireInitJoinAck.From(m), ClusterJson.Default.WireInitJoinAck),
            Join m => Write(WireJoin.From(m), ClusterJson.Default.WireJoin),
            Welcome m => Write(WireEnvelope.From(m, ClusterClock.Now), ClusterJson.Default.WireEnvelope),
            ExitingConfirmed m => Write(WireNode.From(m.Node), ClusterJson.Default.WireNode),
            RemovedNotice m => Write(WireNotice.From(m), ClusterJson.Default.WireNotice),
            _ => throw new ArgumentException(
                $"Cannot serialize {obj.GetType()}: it is no message of a cluster",
                nameof(obj)
            ),
        };

    /// <inheritdoc/>
    /// <exception cref="SerializationException">The bytes are no message of a cluster.</exception>
    public override object FromBinary(byte[] bytes, string manifest)
    {
        try
        {
            return manifest switch
            {
                HeartbeatManifest => Read(bytes, ClusterJson.Default.WireHeartbeat).ToMessage(),
                HeartbeatResponseManifest => Read(bytes, ClusterJson.Default.WireHeartbeatResponse).ToMessage(),
                GossipManifest => Read(bytes, ClusterJson.Default.WireEnvelope).ToGossip(ClusterClock.Now),
                GossipStatusManifest => Read(bytes, ClusterJson.Default.WireStatus).ToMessage(),
                InitJoinManifest => Read(bytes, ClusterJson.Default.WireInitJoin).ToMessage(),
                InitJoinAckManifest => Read(bytes, ClusterJson.Default.WireInitJoinAck).ToAck(),
                InitJoinNackManifest => Read(bytes, ClusterJson.Default.WireInitJoinAck).ToNack(),
                JoinManifest => Read(bytes, ClusterJson.Default.WireJoin).ToMessage(),
                WelcomeManifest => Read(bytes, ClusterJson.Default.WireEnvelope).ToWelcome(ClusterClock.Now),
                ExitingConfirmedManifest => new ExitingConfirmed(Read(bytes, ClusterJson.Default.WireNode).ToNode()),
                RemovedNoticeManifest => Read(bytes, ClusterJson.Default.WireNotice).ToMessage(),
                _ => throw new SerializationException($"Unknown manifest [{manifest}] of a cluster message"),
            };
        }
        catch (Exception cause) when (cause is not SerializationException)
        {
            throw new SerializationException($"Not a cluster message of kind [{manifest}]: {cause.Message}", cause);
        }
    }

    private static byte[] Write<T>(T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        JsonSerializer.SerializeToUtf8Bytes(value, type);

    private static T Read<T>(byte[] bytes, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(bytes, type) ?? throw new JsonException("it is null");
}
