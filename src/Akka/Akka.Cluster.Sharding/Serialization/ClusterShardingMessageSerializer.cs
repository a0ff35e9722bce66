using System.Collections.Frozen;
using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;

namespace Akka.Cluster.Sharding.Serialization;

/// <summary>
/// Messages between regions and coordinator, and the coordinator's events. Manifests and fields are those of the official package, so
/// that a journal opens on either.
/// </summary>
public partial class ClusterShardingMessageSerializer : SerializerWithStringManifest
{
    private readonly FrozenDictionary<string, Func<byte[], object>> _read;

    public ClusterShardingMessageSerializer(ExtendedActorSystem system)
        : base(system)
    {
        _read = new Dictionary<string, Func<byte[], object>>(StringComparer.Ordinal)
        {
            ["AA"] = ReadState,
            ["AB"] = bytes => new ShardRegionRegistered(ReadRef(bytes)),
            ["AC"] = bytes => new ShardRegionProxyRegistered(ReadRef(bytes)),
            ["AD"] = bytes => new ShardRegionTerminated(ReadRef(bytes)),
            ["AE"] = bytes => new ShardRegionProxyTerminated(ReadRef(bytes)),
            ["AF"] = bytes => ReadHome(bytes, (shard, region) => new ShardHomeAllocated(shard, region)),
            ["AG"] = bytes => new ShardHomeDeallocated(ReadText(bytes)),
            ["BA"] = bytes => new Register(ReadRef(bytes)),
            ["BB"] = bytes => new RegisterProxy(ReadRef(bytes)),
            ["BC"] = bytes => new RegisterAck(ReadRef(bytes)),
            ["BD"] = bytes => new GetShardHome(ReadText(bytes)),
            ["BE"] = bytes => ReadHome(bytes, (shard, region) => new ShardHome(shard, region)),
            ["BF"] = bytes => new HostShard(ReadText(bytes)),
            ["BG"] = bytes => new ShardStarted(ReadText(bytes)),
            ["BH"] = bytes => new BeginHandOff(ReadText(bytes)),
            ["BI"] = bytes => new BeginHandOffAck(ReadText(bytes)),
            ["BJ"] = bytes => new HandOff(ReadText(bytes)),
            ["BK"] = bytes => new ShardStopped(ReadText(bytes)),
            ["BL"] = bytes => new GracefulShutdownReq(ReadRef(bytes)),
            ["BM"] = bytes => new RegionStopped(ReadRef(bytes)),
            ["DC"] = _ => GetShardRegionStats.Instance,
            ["DD"] = bytes => ReadRegionStats(ProtoReader.Read(bytes)),
            ["DG"] = _ => GetCurrentRegions.Instance,
            ["DH"] = ReadRegions,
            ["GS"] = ReadGetClusterStats,
            ["CS"] = ReadClusterStats,
            ["FC"] = _ => GetShardRegionState.Instance,
            ["FD"] = bytes => ReadShardState(ProtoReader.Read(bytes)),
            ["FE"] = ReadRegionState,
            ["SE"] = ReadEnvelope,
        }.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public override string Manifest(object o) =>
        o switch
        {
            CoordinatorState => "AA",
            ShardRegionRegistered => "AB",
            ShardRegionProxyRegistered => "AC",
            ShardRegionTerminated => "AD",
            ShardRegionProxyTerminated => "AE",
            ShardHomeAllocated => "AF",
            ShardHomeDeallocated => "AG",
            Register => "BA",
            RegisterProxy => "BB",
            RegisterAck => "BC",
            GetShardHome => "BD",
            ShardHome => "BE",
            HostShard => "BF",
            ShardStarted => "BG",
            BeginHandOff => "BH",
            BeginHandOffAck => "BI",
            HandOff => "BJ",
            ShardStopped => "BK",
            GracefulShutdownReq => "BL",
            RegionStopped => "BM",
            GetShardRegionStats => "DC",
            ShardRegionStats => "DD",
            GetCurrentRegions => "DG",
            CurrentRegions => "DH",
            GetClusterShardingStats => "GS",
            ClusterShardingStats => "CS",
            GetShardRegionState => "FC",
            ShardState => "FD",
            CurrentShardRegionState => "FE",
            ShardingEnvelope => "SE",
            _ => throw new ArgumentException($"{o.GetType()} is no message of cluster sharding"),
        };

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) =>
        obj switch
        {
            CoordinatorState state => Write(state),
            ShardRegionRegistered(var region) => WriteRef(region),
            ShardRegionProxyRegistered(var proxy) => WriteRef(proxy),
            ShardRegionTerminated(var region) => WriteRef(region),
            ShardRegionProxyTerminated(var proxy) => WriteRef(proxy),
            ShardHomeAllocated(var shard, var region) => WriteHome(shard, region),
            ShardHomeDeallocated(var shard) => WriteText(shard),
            Register(var region) => WriteRef(region),
            RegisterProxy(var proxy) => WriteRef(proxy),
            RegisterAck(var coordinator) => WriteRef(coordinator),
            GetShardHome(var shard) => WriteText(shard),
            ShardHome(var shard, var region) => WriteHome(shard, region),
            HostShard(var shard) => WriteText(shard),
            ShardStarted(var shard) => WriteText(shard),
            BeginHandOff(var shard) => WriteText(shard),
            BeginHandOffAck(var shard) => WriteText(shard),
            HandOff(var shard) => WriteText(shard),
            ShardStopped(var shard) => WriteText(shard),
            GracefulShutdownReq(var region) => WriteRef(region),
            RegionStopped(var region) => WriteRef(region),
            GetShardRegionStats or GetCurrentRegions or GetShardRegionState => [],
            ShardRegionStats stats => Fields(stats).ToArray(),
            CurrentRegions regions => Write(regions),
            GetClusterShardingStats query => Write(query),
            ClusterShardingStats stats => Write(stats),
            ShardState state => Fields(state).ToArray(),
            CurrentShardRegionState state => Write(state),
            ShardingEnvelope envelope => Write(envelope),
            _ => throw new ArgumentException($"{obj.GetType()} is no message of cluster sharding"),
        };

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest) =>
        _read.TryGetValue(manifest, out var read)
            ? read(bytes)
            : throw new SerializationException($"'{manifest}' is no message of cluster sharding");
}
