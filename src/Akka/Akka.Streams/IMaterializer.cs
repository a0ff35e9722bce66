using Akka.Actor;
using Akka.Dispatch;
using Akka.Event;

namespace Akka.Streams;

/// <summary>Turns blueprints into running streams.</summary>
public interface IMaterializer
{
    /// <summary>The same materializer, naming what it runs with the prefix.</summary>
    IMaterializer WithNamePrefix(string namePrefix);

    /// <summary>Runs the graph and returns the value it yields.</summary>
    TMat Materialize<TMat>(IGraph<ClosedShape, TMat> runnable);

    /// <summary>Runs the graph with attributes less specific than its own.</summary>
    TMat Materialize<TMat>(IGraph<ClosedShape, TMat> runnable, Attributes initialAttributes);

    /// <summary>Runs the action once, after the delay, on a thread of the scheduler.</summary>
    ICancelable ScheduleOnce(TimeSpan delay, Action action);

    /// <summary>Runs the action again and again on a thread of the scheduler.</summary>
    ICancelable ScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action);

    /// <summary>Where asynchronous work of stages runs.</summary>
    MessageDispatcher ExecutionContext { get; }
}

/// <summary>Gives loggers to stages.</summary>
public interface IMaterializerLoggingProvider
{
    ILoggingAdapter MakeLogger(object logSource);
}
