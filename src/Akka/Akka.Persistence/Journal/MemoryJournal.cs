using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Actor;

namespace Akka.Persistence.Journal;

/// <summary>Keeps events in memory for as long as its actor system lives; for tests.</summary>
public class MemoryJournal : AsyncWriteJournal
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, long> _highest = new(StringComparer.Ordinal);

    /// <summary>The events by persistence id.</summary>
    protected virtual ConcurrentDictionary<string, LinkedList<IPersistentRepresentation>> Messages { get; } =
        new(StringComparer.Ordinal);

    /// <summary>Appends an event.</summary>
    public IDictionary<string, LinkedList<IPersistentRepresentation>> Add(IPersistentRepresentation persistent)
    {
        lock (_gate)
        {
            Messages.GetOrAdd(persistent.PersistenceId, _ => new()).AddLast(persistent);
            _highest[persistent.PersistenceId] = Math.Max(
                _highest.GetValueOrDefault(persistent.PersistenceId),
                persistent.SequenceNr
            );
            return Messages;
        }
    }

    /// <summary>Replaces the event of a sequence number by what <paramref name="updater"/> makes of it.</summary>
    public IDictionary<string, LinkedList<IPersistentRepresentation>> Update(
        string pid,
        long seqNr,
        Func<IPersistentRepresentation, IPersistentRepresentation> updater
    )
    {
        lock (_gate)
        {
            if (Find(pid, seqNr) is { } node)
                node.Value = updater(node.Value);
            return Messages;
        }
    }

    /// <summary>Removes the event of a sequence number.</summary>
    public IDictionary<string, LinkedList<IPersistentRepresentation>> Delete(string pid, long seqNr)
    {
        lock (_gate)
        {
            if (Find(pid, seqNr) is { } node)
                node.List!.Remove(node);
            return Messages;
        }
    }

    /// <summary>At most <paramref name="max"/> events from one sequence number to another, both included.</summary>
    public IEnumerable<IPersistentRepresentation> Read(string pid, long fromSeqNr, long toSeqNr, long max)
    {
        lock (_gate)
        {
            return Messages.TryGetValue(pid, out var events)
                ?
                [
                    .. events
                        .Where(e => e.SequenceNr >= fromSeqNr && e.SequenceNr <= toSeqNr)
                        .Take((int)Math.Min(max, int.MaxValue)),
                ]
                : [];
        }
    }

    /// <summary>The highest sequence number of an event that was ever there; 0 when there was none.</summary>
    public long HighestSequenceNr(string pid) => _highest.GetValueOrDefault(pid);

    public override Task<long> ReadHighestSequenceNrAsync(string persistenceId, long fromSequenceNr) =>
        Task.FromResult(HighestSequenceNr(persistenceId));

    public override Task ReplayMessagesAsync(
        IActorContext context,
        string persistenceId,
        long fromSequenceNr,
        long toSequenceNr,
        long max,
        Action<IPersistentRepresentation> recoveryCallback
    )
    {
        foreach (var stored in Read(persistenceId, fromSequenceNr, toSequenceNr, max))
            recoveryCallback(stored);
        return Task.CompletedTask;
    }

    protected override Task<IImmutableList<Exception>> WriteMessagesAsync(IEnumerable<AtomicWrite> messages)
    {
        var now = TimeProvider.System.GetUtcNow().UtcTicks;
        lock (_gate)
        {
            foreach (var stored in messages.SelectMany(write => write.Events))
                Add(Untagged(stored).WithTimestamp(now));
        }
        return Task.FromResult<IImmutableList<Exception>>(ImmutableArray<Exception>.Empty);
    }

    protected override Task DeleteMessagesToAsync(string persistenceId, long toSequenceNr)
    {
        lock (_gate)
        {
            if (Messages.TryGetValue(persistenceId, out var events))
            {
                while (events.First is { } first && first.Value.SequenceNr <= toSequenceNr)
                    events.RemoveFirst();
            }
        }
        return Task.CompletedTask;
    }

    private LinkedListNode<IPersistentRepresentation>? Find(string pid, long seqNr)
    {
        var node = Messages.TryGetValue(pid, out var events) ? events.First : null;
        while (node is not null && node.Value.SequenceNr != seqNr)
            node = node.Next;
        return node;
    }

    private static IPersistentRepresentation Untagged(IPersistentRepresentation e) =>
        e.Payload is Tagged tagged ? e.WithPayload(tagged.Payload) : e;
}
