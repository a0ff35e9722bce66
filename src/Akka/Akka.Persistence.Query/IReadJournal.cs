using Akka.Streams.Dsl;

namespace Akka.Persistence.Query;

/// <summary>The read side of a journal; what it offers is told by the query interfaces it has.</summary>
public interface IReadJournal;

/// <summary>Makes the read side of a journal; constructed with the actor system and the section of the configuration.</summary>
public interface IReadJournalProvider
{
    IReadJournal GetReadJournal();
}

/// <summary>Events of one actor, those to come included, until the last number asked for.</summary>
public interface IEventsByPersistenceIdQuery : IReadJournal
{
    Source<EventEnvelope, NotUsed> EventsByPersistenceId(string persistenceId, long fromSequenceNr, long toSequenceNr);
}

/// <summary>Events of one actor as they are now.</summary>
public interface ICurrentEventsByPersistenceIdQuery : IReadJournal
{
    Source<EventEnvelope, NotUsed> CurrentEventsByPersistenceId(
        string persistenceId,
        long fromSequenceNr,
        long toSequenceNr
    );
}

/// <summary>Events with a tag behind an offset, those to come included.</summary>
public interface IEventsByTagQuery : IReadJournal
{
    Source<EventEnvelope, NotUsed> EventsByTag(string tag, Offset offset);
}

/// <summary>Events with a tag behind an offset as they are now.</summary>
public interface ICurrentEventsByTagQuery : IReadJournal
{
    Source<EventEnvelope, NotUsed> CurrentEventsByTag(string tag, Offset offset);
}

/// <summary>Every event behind an offset, those to come included.</summary>
public interface IAllEventsQuery : IReadJournal
{
    Source<EventEnvelope, NotUsed> AllEvents(Offset offset);
}

/// <summary>Every event behind an offset as they are now.</summary>
public interface ICurrentAllEventsQuery : IReadJournal
{
    Source<EventEnvelope, NotUsed> CurrentAllEvents(Offset offset);
}

/// <summary>Every persistence id, each once, those to come included.</summary>
public interface IPersistenceIdsQuery : IReadJournal
{
    Source<string, NotUsed> PersistenceIds();
}

/// <summary>Every persistence id as they are now.</summary>
public interface ICurrentPersistenceIdsQuery : IReadJournal
{
    Source<string, NotUsed> CurrentPersistenceIds();
}
