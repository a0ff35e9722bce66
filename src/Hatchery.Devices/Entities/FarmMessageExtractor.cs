using System.Globalization;
using System.Text;
using Akka.Cluster.Sharding;

namespace Hatchery.Devices;

/// <summary>
/// Tells an entity's id and shard from a message. Shard count and hash are fixed for ever: a farm whose servers disagree
/// on them would run one entity twice.
/// </summary>
public sealed class FarmMessageExtractor : IMessageExtractor
{
    public const int ShardCount = 128;

    public string? EntityId(object message) => (message as IFarmMessage)?.EntityId;

    public object EntityMessage(object message) => message;

    public string? ShardId(object message) => EntityId(message) is { } id ? ShardIdOf(id) : null;

    public string ShardId(string entityId, object? messageHint = null) => ShardIdOf(entityId);

    /// <summary>FNV-1a (32 bits) of the id's UTF-8 bytes, its halves folded, modulo <see cref="ShardCount"/>.</summary>
    public static string ShardIdOf(string entityId)
    {
        var hash = 2166136261u;
        foreach (var octet in Encoding.UTF8.GetBytes(entityId))
            hash = (hash ^ octet) * 16777619u;
        hash ^= hash >> 16;
        return (hash % ShardCount).ToString(CultureInfo.InvariantCulture);
    }
}
