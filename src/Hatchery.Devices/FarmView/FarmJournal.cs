using Akka;
using Akka.Actor;
using Akka.Persistence.Query;
using Akka.Persistence.Sql.Query;
using Akka.Streams;
using Akka.Streams.Dsl;

namespace Hatchery.Devices;

/// <summary>The farm's events in the order in which they were written, from where the view is.</summary>
internal static class FarmJournal
{
    /// <summary>Reads what is there now, and completes.</summary>
    public static Task CatchUpAsync(ActorSystem system, FarmView view) =>
        Journal(system)
            .CurrentEventsByTag(FarmEventTagger.Tag, From(view))
            .RunForeach(happened => Apply(view, happened), system.Materializer());

    /// <summary>Reads on for ever; where the database fails, again from where the view is then.</summary>
    public static UniqueKillSwitch Follow(ActorSystem system, FarmView view) =>
        RestartSource
            .WithBackoff(
                () => Journal(system).EventsByTag(FarmEventTagger.Tag, From(view)),
                RestartSettings.Create(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(10), randomFactor: 0.2)
            )
            .ViaMaterialized(KillSwitches.Single<EventEnvelope>(), Keep.Right)
            .ToMaterialized(Sink.ForEach<EventEnvelope>(happened => Apply(view, happened)), Keep.Left)
            .Run(system.Materializer());

    private static SqlReadJournal Journal(ActorSystem system) =>
        PersistenceQuery.Get(system).ReadJournalFor<SqlReadJournal>(SqlReadJournal.Identifier);

    private static Offset From(FarmView view) => Offset.Sequence(view.Current.Offset);

    private static void Apply(FarmView view, EventEnvelope happened) =>
        view.Apply(happened.PersistenceId, happened.SequenceNr, happened.Event, ((Sequence)happened.Offset).Value);
}
