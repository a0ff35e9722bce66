namespace Akka.Persistence.Query;

/// <summary>An event as a query gives it.</summary>
public sealed class EventEnvelope : IEquatable<EventEnvelope>
{
    public EventEnvelope(Offset offset, string persistenceId, long sequenceNr, object @event)
        : this(offset, persistenceId, sequenceNr, @event, 0L, []) { }

    public EventEnvelope(Offset offset, string persistenceId, long sequenceNr, object @event, long timestamp)
        : this(offset, persistenceId, sequenceNr, @event, timestamp, []) { }

    public EventEnvelope(
        Offset offset,
        string persistenceId,
        long sequenceNr,
        object @event,
        long timestamp,
        string[] tags
    )
    {
        Offset = offset;
        PersistenceId = persistenceId;
        SequenceNr = sequenceNr;
        Event = @event;
        Timestamp = timestamp;
        Tags = tags;
    }

    /// <summary>Where to go on behind this event.</summary>
    public Offset Offset { get; }

    public string PersistenceId { get; }

    public long SequenceNr { get; }

    public object Event { get; }

    /// <summary>When the event was stored, in .NET UTC ticks.</summary>
    public long Timestamp { get; }

    public string[] Tags { get; }

    public bool Equals(EventEnvelope? other) =>
        other is not null
        && SequenceNr == other.SequenceNr
        && Equals(Offset, other.Offset)
        && string.Equals(PersistenceId, other.PersistenceId, StringComparison.Ordinal)
        && Equals(Event, other.Event);

    public override bool Equals(object? obj) => Equals(obj as EventEnvelope);

    public override int GetHashCode() => HashCode.Combine(Offset, PersistenceId, SequenceNr);

    public override string ToString() => $"EventEnvelope<{PersistenceId} {SequenceNr} at {Offset}: {Event}>";
}
