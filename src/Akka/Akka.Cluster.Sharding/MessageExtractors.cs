using System.Globalization;
using Akka.Util;

namespace Akka.Cluster.Sharding;

/// <summary>Tells from a message which entity it is for.</summary>
public interface IMessageExtractor
{
    /// <summary>The id of the entity; null when the message is for none.</summary>
    string? EntityId(object message);

    /// <summary>What the entity gets of the message; null for nothing.</summary>
    object? EntityMessage(object message);

    /// <summary>The shard of the message's entity; null when the message is for none.</summary>
    string? ShardId(object message);

    /// <summary>The shard of an entity.</summary>
    string ShardId(string entityId, object? messageHint = null);
}

/// <summary>The entity's id and what it gets of a message; nothing when the message is for none.</summary>
public delegate Option<(string, object)> ExtractEntityId(object message);

/// <summary>The shard of the message's entity; null when the message is for none.</summary>
public delegate string? ExtractShardId(object message);

/// <summary>Spreads entities over a fixed number of shards by a hash of their id that is the same on every node.</summary>
public abstract class HashCodeMessageExtractor : IMessageExtractor
{
    /// <summary>How many shards there are: the same on every node, and for ever.</summary>
    public readonly int MaxNumberOfShards;

    protected HashCodeMessageExtractor(int maxNumberOfShards)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxNumberOfShards, 1);
        MaxNumberOfShards = maxNumberOfShards;
    }

    /// <summary>An extractor of two functions.</summary>
    /// <param name="maxNumberOfShards">How many shards there are.</param>
    /// <param name="entityIdExtractor">The entity's id, or null.</param>
    /// <param name="messageExtractor">What the entity gets; without it, the message itself.</param>
    public static HashCodeMessageExtractor Create(
        int maxNumberOfShards,
        Func<object, string?> entityIdExtractor,
        Func<object, object>? messageExtractor = null
    ) => new ByFunctions(maxNumberOfShards, entityIdExtractor, messageExtractor);

    /// <inheritdoc/>
    public abstract string? EntityId(object message);

    /// <inheritdoc/>
    public virtual object? EntityMessage(object message) => message;

    /// <inheritdoc/>
    public virtual string? ShardId(object message) => EntityId(message) is { } id ? ShardId(id, message) : null;

    /// <inheritdoc/>
    public virtual string ShardId(string entityId, object? messageHint = null) =>
        (Math.Abs((long)StringHash.Of(entityId)) % MaxNumberOfShards).ToString(CultureInfo.InvariantCulture);

    private sealed class ByFunctions(
        int maxNumberOfShards,
        Func<object, string?> entityId,
        Func<object, object>? entityMessage
    ) : HashCodeMessageExtractor(maxNumberOfShards)
    {
        public override string? EntityId(object message) => entityId(message);

        public override object? EntityMessage(object message) =>
            entityMessage is null ? message : entityMessage(message);
    }
}

/// <summary>An extractor of the two delegates that older callers give.</summary>
internal sealed class DelegateExtractor(ExtractEntityId entity, ExtractShardId shard) : IMessageExtractor
{
    public string? EntityId(object message) => entity(message) is { HasValue: true, Value.Item1: var id } ? id : null;

    public object? EntityMessage(object message) =>
        entity(message) is { HasValue: true, Value.Item2: var inner } ? inner : null;

    public string? ShardId(object message) => shard(message);

    public string ShardId(string entityId, object? messageHint = null) =>
        messageHint is null
            ? throw new InvalidOperationException("ExtractShardId tells shards from messages, not from entity ids")
            : shard(messageHint)!;
}

/// <summary>Looks into <see cref="ShardingEnvelope"/> first, as every region does.</summary>
internal sealed class EnvelopeExtractor(IMessageExtractor inner) : IMessageExtractor
{
    public string? EntityId(object message) => inner.EntityId(message) ?? (message as ShardingEnvelope)?.EntityId;

    public object? EntityMessage(object message) =>
        inner.EntityId(message) is null && message is ShardingEnvelope envelope
            ? envelope.Message
            : inner.EntityMessage(message);

    public string? ShardId(object message) =>
        inner.EntityId(message) is { } id ? inner.ShardId(id, message)
        : message is ShardingEnvelope envelope ? inner.ShardId(envelope.EntityId, envelope.Message)
        : null;

    public string ShardId(string entityId, object? messageHint = null) => inner.ShardId(entityId, messageHint);
}
