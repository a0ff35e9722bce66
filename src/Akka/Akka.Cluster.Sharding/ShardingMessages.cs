using Akka.Actor;

namespace Akka.Cluster.Sharding;

/// <summary>Messages and events of sharding that have a serializer of their own.</summary>
public interface IClusterShardingSerializable;

/// <summary>What may be asked of a region to steer it.</summary>
public interface IShardRegionCommand;

/// <summary>What may be asked of a region to learn something.</summary>
public interface IShardRegionQuery;

/// <summary>A message with the id of its entity beside it, for messages that do not carry one.</summary>
public sealed class ShardingEnvelope : IWrappedMessage, IClusterShardingSerializable, IEquatable<ShardingEnvelope>
{
    public ShardingEnvelope(string entityId, object message)
    {
        EntityId = entityId;
        Message = message;
    }

    public string EntityId { get; }

    public object Message { get; }

    /// <inheritdoc/>
    public bool Equals(ShardingEnvelope? other) =>
        other is not null && EntityId == other.EntityId && Message.Equals(other.Message);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ShardingEnvelope);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(EntityId, Message);

    /// <inheritdoc/>
    public override string ToString() => $"ShardingEnvelope({EntityId}, {Message})";
}

/// <summary>
/// Sent by an entity to its parent to be stopped: messages for it are kept from then on, and when it has ended it is started again if
/// there are any.
/// </summary>
public sealed class Passivate : IShardRegionCommand
{
    /// <param name="stopMessage">What the entity is sent back to stop itself.</param>
    public Passivate(object stopMessage) => StopMessage = stopMessage;

    public object StopMessage { get; }
}

/// <summary>Sent to a region to have its shards move elsewhere and then stop it. Watch it to learn when that is done.</summary>
public sealed class GracefulShutdown : IShardRegionCommand
{
    public static readonly GracefulShutdown Instance = new();

    private GracefulShutdown() { }
}
