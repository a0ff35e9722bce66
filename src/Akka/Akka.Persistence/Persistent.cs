using Akka.Actor;

namespace Akka.Persistence;

/// <summary>The event envelope that persistent actors and journals exchange.</summary>
public sealed class Persistent(
    object payload,
    long sequenceNr = 0L,
    string? persistenceId = null,
    string? manifest = null,
    bool isDeleted = false,
    IActorRef? sender = null,
    string? writerGuid = null,
    long timestamp = 0L
) : IPersistentRepresentation, IEquatable<IPersistentRepresentation>
{
    public static string Undefined => string.Empty;

    public object Payload { get; } = payload;

    public string Manifest { get; } = manifest ?? Undefined;

    public string PersistenceId { get; } = persistenceId ?? Undefined;

    public long SequenceNr { get; } = sequenceNr;

    public string WriterGuid { get; } = writerGuid ?? Undefined;

    public bool IsDeleted { get; } = isDeleted;

    public IActorRef Sender { get; } = sender!;

    public long Timestamp { get; } = timestamp;

    public IPersistentRepresentation WithPayload(object payload) =>
        new Persistent(payload, SequenceNr, PersistenceId, Manifest, IsDeleted, Sender, WriterGuid, Timestamp);

    public IPersistentRepresentation WithManifest(string manifest) =>
        string.Equals(manifest, Manifest, StringComparison.Ordinal)
            ? this
            : new Persistent(Payload, SequenceNr, PersistenceId, manifest, IsDeleted, Sender, WriterGuid, Timestamp);

    public IPersistentRepresentation WithTimestamp(long newTimestamp) =>
        newTimestamp == Timestamp
            ? this
            : new Persistent(Payload, SequenceNr, PersistenceId, Manifest, IsDeleted, Sender, WriterGuid, newTimestamp);

    public IPersistentRepresentation Update(
        long sequenceNr,
        string persistenceId,
        bool isDeleted,
        IActorRef sender,
        string writerGuid
    ) => new Persistent(Payload, sequenceNr, persistenceId, Manifest, isDeleted, sender, writerGuid, Timestamp);

    public bool Equals(IPersistentRepresentation? other) =>
        other is not null
        && SequenceNr == other.SequenceNr
        && IsDeleted == other.IsDeleted
        && string.Equals(PersistenceId, other.PersistenceId, StringComparison.Ordinal)
        && string.Equals(WriterGuid, other.WriterGuid, StringComparison.Ordinal)
        && string.Equals(Manifest, other.Manifest, StringComparison.Ordinal)
        && Equals(Payload, other.Payload);

    public override bool Equals(object? obj) => Equals(obj as IPersistentRepresentation);

    public override int GetHashCode() => HashCode.Combine(PersistenceId, SequenceNr, WriterGuid);

    public override string ToString() => $"Persistent<{PersistenceId} {SequenceNr}: {Payload}>";
}
