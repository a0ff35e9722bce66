using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence.Query;
using Akka.Streams.Dsl;

namespace Akka.Persistence.Sql.Query;

/// <summary>Queries over the default tables of Akka.Persistence.Sql; offsets are the journal's orderings.</summary>
public class SqlReadJournal
    : IPersistenceIdsQuery,
        ICurrentPersistenceIdsQuery,
        IEventsByPersistenceIdQuery,
        ICurrentEventsByPersistenceIdQuery,
        IEventsByTagQuery,
        ICurrentEventsByTagQuery,
        IAllEventsQuery,
        ICurrentAllEventsQuery
{
    public static readonly Config DefaultConfiguration = SqlPersistence.DefaultConfiguration;

    private readonly JournalReader _reader;

    public SqlReadJournal(ExtendedActorSystem system, Config config)
    {
        _reader = new(system, config.WithFallback(SqlPersistence.DefaultQueryConfiguration));
        system.RegisterOnTermination(_reader.Database.Close);
    }

    public static string Identifier => SqlPersistence.QueryConfigPath;

    public Source<string, NotUsed> PersistenceIds() => Paged(() => new PersistenceIdsPages(_reader));

    public Source<string, NotUsed> CurrentPersistenceIds() => Paged(() => new CurrentPersistenceIdsPages(_reader));

    public Source<EventEnvelope, NotUsed> EventsByPersistenceId(
        string persistenceId,
        long fromSequenceNr,
        long toSequenceNr
    ) => ById(persistenceId, fromSequenceNr, toSequenceNr, live: true);

    public Source<EventEnvelope, NotUsed> CurrentEventsByPersistenceId(
        string persistenceId,
        long fromSequenceNr,
        long toSequenceNr
    ) => ById(persistenceId, fromSequenceNr, toSequenceNr, live: false);

    public Source<EventEnvelope, NotUsed> EventsByTag(string tag, Offset offset) => ByOrdering(tag, offset, live: true);

    public Source<EventEnvelope, NotUsed> CurrentEventsByTag(string tag, Offset offset) =>
        ByOrdering(tag, offset, live: false);

    public Source<EventEnvelope, NotUsed> AllEvents(Offset offset) => ByOrdering(tag: null, offset, live: true);

    public Source<EventEnvelope, NotUsed> CurrentAllEvents(Offset offset) => ByOrdering(tag: null, offset, live: false);

    private Source<EventEnvelope, NotUsed> ById(string persistenceId, long from, long to, bool live) =>
        Paged(() => new EventsByIdPages(_reader, persistenceId, from, to, live));

    private Source<EventEnvelope, NotUsed> ByOrdering(string? tag, Offset offset, bool live)
    {
        var after = offset switch
        {
            null or NoOffset => 0L,
            Sequence sequence => sequence.Value,
            _ => throw new ArgumentException(
                $"SqlReadJournal does not know offsets of {offset.GetType().Name}.",
                nameof(offset)
            ),
        };
        return Paged(() => new EventsByOrderingPages(_reader, tag, after, live));
    }

    private Source<T, NotUsed> Paged<T>(Func<IPages<T>> open) =>
        Source.FromGraph(new PagedSource<T>(open, _reader.RefreshInterval));
}

/// <summary>Makes <see cref="SqlReadJournal"/> from the configuration.</summary>
public class SqlReadJournalProvider(ExtendedActorSystem system, Config config) : IReadJournalProvider
{
    public IReadJournal GetReadJournal() => new SqlReadJournal(system, config);
}
