using Akka.Actor;
using Akka.Streams.Dsl;
using Akka.Streams.Implementation.Stages;

namespace Akka.Streams.Implementation;

/// <summary>Asks an actor with every element.</summary>
internal static class AskGraph
{
    /// <summary>Fails when the actor ends, when a reply is late, and when it is a Status.Failure.</summary>
    public static IGraph<FlowShape<TIn, TOut>, NotUsed> Create<TIn, TOut>(
        IActorRef actor,
        TimeSpan timeout,
        int parallelism
    ) =>
        Flow.Create<TIn>()
            .Via(new WatchActor<TIn>(actor))
            .Via(
                new SelectAsync<TIn, TOut>(
                    parallelism,
                    async element =>
                        await actor.Ask<object>(element!, timeout).ConfigureAwait(false) switch
                        {
                            TOut reply => reply,
                            Status.Success { Status: TOut reply } => reply,
                            Status.Failure failure => throw failure.Cause,
                            var other => throw new InvalidCastException(
                                $"Expected [{typeof(TOut)}] from [{actor}], got [{other?.GetType()}]"
                            ),
                        },
                    isOrdered: true
                )
            )
            .Named("ask");
}
