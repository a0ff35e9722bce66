using System.Collections.Immutable;
using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;

namespace Akka.Cluster.Sharding.Serialization;

// The fields of each message, as in the official ClusterShardingMessages.proto.
public partial class ClusterShardingMessageSerializer
{
    private static byte[] WriteText(string shard) => new ProtoWriter().Text(1, shard).ToArray();

    private static string ReadText(byte[] bytes) => ProtoReader.Read(bytes).Text(1);

    private static byte[] WriteRef(IActorRef reference) => WriteText(Path(reference));

    private static byte[] WriteHome(string shard, IActorRef region) =>
        new ProtoWriter().Text(1, shard).Text(2, Path(region)).ToArray();

    private static string Path(IActorRef reference) => Akka.Serialization.Serialization.SerializedActorPath(reference);

    private static byte[] Write(CoordinatorState state)
    {
        var writer = new ProtoWriter();
        // In the order in which regions got their shards, which the allocation strategy goes by.
        foreach (var (region, shards) in state.Regions)
        foreach (var shard in shards)
            writer.Message(1, new ProtoWriter().Text(1, shard).Text(2, Path(region)));
        return writer.Texts(2, state.Regions.Keys.Select(Path)).Texts(3, state.Proxies.Select(Path)).ToArray();
    }

    private CoordinatorState ReadState(byte[] bytes)
    {
        var message = ProtoReader.Read(bytes);
        return CoordinatorState.Of(
            message.Messages(1).Select(home => KeyValuePair.Create(home.Text(1), Ref(home.Text(2)))),
            message.Texts(2).Select(Ref),
            message.Texts(3).Select(Ref)
        );
    }

    private IActorRef ReadRef(byte[] bytes) => Ref(ReadText(bytes));

    private T ReadHome<T>(byte[] bytes, Func<string, IActorRef, T> make)
    {
        var message = ProtoReader.Read(bytes);
        return make(message.Text(1), Ref(message.Text(2)));
    }

    private IActorRef Ref(string path) => system.Provider.ResolveActorRef(path);

    private static ProtoWriter Fields(ShardRegionStats stats)
    {
        var writer = new ProtoWriter();
        foreach (var (shard, entities) in stats.Stats)
            writer.Message(1, new ProtoWriter().Text(1, shard).Number(2, entities));
        return writer.Texts(2, stats.Failed);
    }

    private static ShardRegionStats ReadRegionStats(ProtoReader message) =>
        new(
            message
                .Messages(1)
                .ToImmutableDictionary(entry => entry.Text(1), entry => (int)entry.Number(2), StringComparer.Ordinal),
            message.Texts(2).ToImmutableHashSet(StringComparer.Ordinal)
        );

    private static byte[] Write(GetClusterShardingStats query)
    {
        var seconds = query.Timeout.Ticks / TimeSpan.TicksPerSecond;
        var nanoseconds = query.Timeout.Ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick;
        return new ProtoWriter().Message(1, new ProtoWriter().Number(1, seconds).Number(2, nanoseconds)).ToArray();
    }

    private static GetClusterShardingStats ReadGetClusterStats(byte[] bytes)
    {
        var duration = ProtoReader.Read(bytes).Message(1);
        var ticks = (decimal)duration.Number(1) * TimeSpan.TicksPerSecond;
        ticks += duration.Number(2) / TimeSpan.NanosecondsPerTick;
        return ticks is < 0 or > long.MaxValue
            ? throw new SerializationException("the time-out of a query is out of range")
            : new(TimeSpan.FromTicks((long)ticks));
    }

    private static byte[] Write(ClusterShardingStats stats)
    {
        var writer = new ProtoWriter();
        foreach (var (address, region) in stats.Regions)
            writer.Message(1, new ProtoWriter().Message(1, Fields(address)).Message(2, Fields(region)));
        return writer.ToArray();
    }

    private static ClusterShardingStats ReadClusterStats(byte[] bytes) =>
        new(
            ProtoReader
                .Read(bytes)
                .Messages(1)
                .ToImmutableDictionary(
                    entry => ReadAddress(entry.Message(1)),
                    entry => ReadRegionStats(entry.Message(2))
                )
        );

    private static byte[] Write(CurrentRegions regions)
    {
        var writer = new ProtoWriter();
        foreach (var address in regions.Regions)
            writer.Message(1, Fields(address));
        return writer.ToArray();
    }

    private static CurrentRegions ReadRegions(byte[] bytes) =>
        new(ProtoReader.Read(bytes).Messages(1).Select(ReadAddress).ToImmutableHashSet());

    private static ProtoWriter Fields(ShardState state) =>
        new ProtoWriter().Text(1, state.ShardId).Texts(2, state.EntityIds);

    private static ShardState ReadShardState(ProtoReader message) =>
        new(message.Text(1), message.Texts(2).ToImmutableHashSet(StringComparer.Ordinal));

    private static byte[] Write(CurrentShardRegionState state)
    {
        var writer = new ProtoWriter();
        foreach (var shard in state.Shards)
            writer.Message(1, Fields(shard));
        return writer.Texts(2, state.Failed).ToArray();
    }

    private static CurrentShardRegionState ReadRegionState(byte[] bytes)
    {
        var message = ProtoReader.Read(bytes);
        return new(
            message.Messages(1).Select(ReadShardState).ToImmutableHashSet(),
            message.Texts(2).ToImmutableHashSet(StringComparer.Ordinal)
        );
    }

    private byte[] Write(ShardingEnvelope envelope)
    {
        var serializer = system.Serialization.FindSerializerFor(envelope.Message);
        var manifest = Akka.Serialization.Serialization.ManifestFor(serializer, envelope.Message);
        var payload = new ProtoWriter()
            .Bytes(1, serializer.ToBinary(envelope.Message))
            .Number(2, serializer.Identifier)
            .Bytes(3, Encoding.UTF8.GetBytes(manifest));
        return new ProtoWriter().Text(1, envelope.EntityId).Message(2, payload).ToArray();
    }

    private ShardingEnvelope ReadEnvelope(byte[] bytes)
    {
        var message = ProtoReader.Read(bytes);
        var payload = message.Message(2);
        var inner = system.Serialization.Deserialize(payload.Bytes(1), (int)payload.Number(2), payload.Text(3));
        return new(message.Text(1), inner ?? throw new SerializationException("an envelope around nothing"));
    }

    private static ProtoWriter Fields(Address address) =>
        new ProtoWriter()
            .Text(1, address.System)
            .Text(2, address.Host)
            .Number(3, address.Port ?? 0)
            .Text(4, address.Protocol);

    private static Address ReadAddress(ProtoReader message) =>
        message.Text(2) is { Length: > 0 } host
            ? new(message.Text(4), message.Text(1), host, (int)message.Number(3))
            : new(message.Text(4), message.Text(1));
}
