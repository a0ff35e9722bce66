using System.Collections.Immutable;
using Akka.Actor;

namespace Akka.Persistence.Journal;

/// <summary>Keeps events in memory for as long as its actor system lives; for tests.</summary>
public class MemoryJournal : AsyncWriteJournal
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Log> _logs = new(StringComparer.Ordinal);

    public override Task<long> ReadHighestSequenceNrAsync(string persistenceId, long fromSequenceNr)
    {
        lock (_gate)
            return Task.FromResult(_logs.TryGetValue(persistenceId, out var log) ? log.Highest : 0L);
    }

    public override Task ReplayMessagesAsync(
        IActorContext context,
        string persistenceId,
        long fromSequenceNr,
        long toSequenceNr,
        long max,
        Action<IPersistentRepresentation> recoveryCallback
    )
    {
        List<IPersistentRepresentation> found;
        lock (_gate)
        {
            found = _logs.TryGetValue(persistenceId, out var log)
                ?
                [
                    .. log
                        .Events.Where(e => e.SequenceNr >= fromSequenceNr && e.SequenceNr <= toSequenceNr)
                        .Take((int)Math.Min(max, int.MaxValue)),
                ]
                : [];
        }
        found.ForEach(recoveryCallback);
        return Task.CompletedTask;
    }

    protected override Task<IImmutableList<Exception>> WriteMessagesAsync(IEnumerable<AtomicWrite> messages)
    {
        var now = TimeProvider.System.GetUtcNow().UtcTicks;
        lock (_gate)
        {
            foreach (var write in messages)
            {
                if (!_logs.TryGetValue(write.PersistenceId, out var log))
                    _logs[write.PersistenceId] = log = new();
                log.Events.AddRange(write.Events.Select(e => Untagged(e).WithTimestamp(now)));
                log.Highest = Math.Max(log.Highest, write.HighestSequenceNr);
            }
        }
        return Task.FromResult<IImmutableList<Exception>>(ImmutableArray<Exception>.Empty);
    }

    protected override Task DeleteMessagesToAsync(string persistenceId, long toSequenceNr)
    {
        lock (_gate)
        {
            if (_logs.TryGetValue(persistenceId, out var log))
                log.Events.RemoveAll(e => e.SequenceNr <= toSequenceNr);
        }
        return Task.CompletedTask;
    }

    private static IPersistentRepresentation Untagged(IPersistentRepresentation e) =>
        e.Payload is Tagged tagged ? e.WithPayload(tagged.Payload) : e;

    private sealed class Log
    {
        public List<IPersistentRepresentation> Events { get; } = [];

        public long Highest { get; set; }
    }
}
