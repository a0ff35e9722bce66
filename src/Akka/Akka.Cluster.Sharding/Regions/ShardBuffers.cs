using Akka.Actor;

namespace Akka.Cluster.Sharding;

/// <summary>Messages that wait, by the shard or entity that they wait for, in order; so many at most, all together.</summary>
internal sealed class ShardBuffers(int capacity)
{
    private readonly Dictionary<string, LinkedList<(object Message, IActorRef Sender)>> _byKey = new(
        StringComparer.Ordinal
    );

    public int Count { get; private set; }

    /// <summary>What is waited for.</summary>
    public IEnumerable<string> Keys => _byKey.Keys;

    public bool IsEmpty => _byKey.Count == 0;

    public bool Contains(string key) => _byKey.ContainsKey(key);

    /// <summary>Keeps a message behind those that are there; false when it is one too many.</summary>
    public bool TryAdd(string key, object message, IActorRef sender)
    {
        if (Count >= capacity)
            return false;
        Of(key).AddLast((message, sender));
        Count++;
        return true;
    }

    /// <summary>Keeps messages before those that are there: they are older. Gives back those that are too many.</summary>
    public IReadOnlyList<(object Message, IActorRef Sender)> AddFirst(
        string key,
        IReadOnlyList<(object Message, IActorRef Sender)> messages
    )
    {
        var kept = Math.Min(messages.Count, Math.Max(0, capacity - Count));
        if (kept == 0)
            return messages;
        var list = Of(key);
        for (var i = kept - 1; i >= 0; i--)
            list.AddFirst(messages[i]);
        Count += kept;
        return [.. messages.Skip(kept)];
    }

    /// <summary>Takes all messages that wait for it.</summary>
    public IReadOnlyList<(object Message, IActorRef Sender)> Take(string key)
    {
        if (!_byKey.Remove(key, out var list))
            return [];
        Count -= list.Count;
        return [.. list];
    }

    private LinkedList<(object Message, IActorRef Sender)> Of(string key)
    {
        if (!_byKey.TryGetValue(key, out var list))
            _byKey.Add(key, list = new());
        return list;
    }
}
