using Akka.Actor;
using Akka.Persistence.Serialization;

namespace Akka.Persistence;

/// <summary>What a journal is handed to process in order: events to write or a marker to send back.</summary>
public interface IPersistentEnvelope
{
    object Payload { get; }

    IActorRef Sender { get; }

    int Size { get; }
}

/// <summary>One event with what identifies it in the journal.</summary>
public interface IPersistentRepresentation : IMessage
{
    object Payload { get; }

    /// <summary>What an event adapter says of the payload's form, or an empty string.</summary>
    string Manifest { get; }

    string PersistenceId { get; }

    /// <summary>Position among the events of its persistence id, from 1 on.</summary>
    long SequenceNr { get; }

    /// <summary>Identifies the incarnation that wrote the event.</summary>
    string WriterGuid { get; }

    bool IsDeleted { get; }

    IActorRef Sender { get; }

    /// <summary>When the event was stored, in .NET UTC ticks; 0 before it was.</summary>
    long Timestamp { get; }

    IPersistentRepresentation WithPayload(object payload);

    IPersistentRepresentation WithManifest(string manifest);

    IPersistentRepresentation WithTimestamp(long newTimestamp);

    IPersistentRepresentation Update(
        long sequenceNr,
        string persistenceId,
        bool isDeleted,
        IActorRef sender,
        string writerGuid
    );
}
