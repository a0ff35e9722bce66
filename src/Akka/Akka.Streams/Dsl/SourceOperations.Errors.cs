using Akka.Actor;
using Akka.Event;
using Akka.Streams.Implementation.Stages;
using Akka.Util;

namespace Akka.Streams.Dsl;

/// <summary>What can be done with the elements of sources.</summary>
public static partial class SourceOperations
{
    /// <summary>Emits a last element in place of a failure, where the function yields one.</summary>
    public static Source<TOut, TMat> Recover<TOut, TMat>(
        this Source<TOut, TMat> flow,
        Func<Exception, Option<TOut>> partialFunc
    ) => flow.Via(new Recover<TOut>(partialFunc));

    /// <summary>Goes on with another source after a failure.</summary>
    public static Source<TOut, TMat> RecoverWith<TOut, TMat>(
        this Source<TOut, TMat> flow,
        Func<Exception, IGraph<SourceShape<TOut>, TMat>> partialFunc
    ) => flow.Via(new RecoverWith<TOut, TMat>(partialFunc, -1));

    /// <summary>Goes on with another source after a failure, at most <paramref name="attempts"/> times; -1 is without limit.</summary>
    public static Source<TOut, TMat> RecoverWithRetries<TOut, TMat>(
        this Source<TOut, TMat> flow,
        Func<Exception, IGraph<SourceShape<TOut>, TMat>> partialFunc,
        int attempts
    ) => flow.Via(new RecoverWith<TOut, TMat>(partialFunc, attempts));

    /// <summary>Passes another failure on than the one that came.</summary>
    public static Source<TOut, TMat> SelectError<TOut, TMat>(
        this Source<TOut, TMat> flow,
        Func<Exception, Exception> selector
    ) => flow.Via(new SelectError<TOut>(selector));

    /// <summary>Logs elements, completion and failure at the levels of the attributes.</summary>
    public static Source<TOut, TMat> Log<TOut, TMat>(
        this Source<TOut, TMat> flow,
        string name,
        Func<TOut, object>? extract = null,
        ILoggingAdapter? log = null
    ) => flow.Via(new LogStage<TOut>(name, extract, log));

    /// <summary>Fails when the actor ends.</summary>
    public static Source<TOut, TMat> Watch<TOut, TMat>(this Source<TOut, TMat> flow, IActorRef actorRef) =>
        flow.Via(new WatchActor<TOut>(actorRef));
}
