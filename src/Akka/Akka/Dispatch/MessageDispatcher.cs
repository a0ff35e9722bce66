using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch.SysMsg;

namespace Akka.Dispatch;

/// <summary>Makes the dispatcher of one section of the configuration.</summary>
public abstract class MessageDispatcherConfigurator
{
    /// <summary>Takes the section and what dispatchers need.</summary>
    protected MessageDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites)
    {
        Config = config;
        Prerequisites = prerequisites;
    }

    /// <summary>The section.</summary>
    public Config Config { get; }

    /// <summary>What dispatchers need.</summary>
    public IDispatcherPrerequisites Prerequisites { get; }

    /// <summary>The dispatcher; the same one each time, or a new one where actors do not share it.</summary>
    public abstract MessageDispatcher Dispatcher();
}

/// <summary>Gives actors their turns on threads.</summary>
public abstract class MessageDispatcher
{
    private const int DefaultThroughput = 100;

    private long _inhabitants;

    /// <summary>Takes throughput and name from the section of <paramref name="configurator"/>.</summary>
    protected MessageDispatcher(MessageDispatcherConfigurator configurator)
    {
        Configurator = configurator;
        Id = configurator.Config.GetString("id", "unknown");
        Throughput = configurator.Config.GetInt("throughput", DefaultThroughput);
        var deadline = configurator.Config.GetTimeSpan("throughput-deadline-time", TimeSpan.Zero);
        ThroughputDeadlineTime =
            deadline > TimeSpan.Zero
                ? deadline.Ticks * (System.Diagnostics.Stopwatch.Frequency / TimeSpan.TicksPerSecond)
                : null;
    }

    /// <summary>What made it.</summary>
    public MessageDispatcherConfigurator Configurator { get; }

    /// <summary>Its path in the configuration.</summary>
    public string Id { get; protected set; }

    /// <summary>How many messages an actor may process in one turn.</summary>
    public int Throughput { get; protected set; }

    /// <summary>How long a turn may last, in ticks of the stopwatch; null without a limit.</summary>
    public long? ThroughputDeadlineTime { get; protected set; }

    /// <summary>How many actors it runs.</summary>
    public long Inhabitants => Interlocked.Read(ref _inhabitants);

    /// <summary>Runs <paramref name="run"/> on one of its threads.</summary>
    public void Schedule(Action run) => ExecuteTask(new ActionRunnable(run));

    /// <summary>Runs <paramref name="run"/> on one of its threads.</summary>
    public void Schedule(IRunnable run) => ExecuteTask(run);

    /// <summary>Runs <paramref name="run"/> on one of its threads.</summary>
    protected abstract void ExecuteTask(IRunnable run);

    /// <summary>Lets its threads go.</summary>
    protected virtual void Shutdown() { }

    internal void ShutdownNow() => Shutdown();

    internal virtual void Attach(ActorCell cell) => Interlocked.Increment(ref _inhabitants);

    internal virtual void Detach(ActorCell cell) => Interlocked.Decrement(ref _inhabitants);

    internal void Dispatch(ActorCell cell, Envelope envelope)
    {
        var mailbox = cell.Mailbox;
        mailbox.Enqueue(cell.Self, envelope);
        RegisterForExecution(mailbox, hasMessageHint: true, hasSystemMessageHint: false);
    }

    internal void SystemDispatch(ActorCell cell, SystemMessage message)
    {
        var mailbox = cell.Mailbox;
        mailbox.SystemEnqueue(cell.Self, message);
        RegisterForExecution(mailbox, hasMessageHint: false, hasSystemMessageHint: true);
    }

    internal bool RegisterForExecution(Mailbox mailbox, bool hasMessageHint, bool hasSystemMessageHint)
    {
        if (!mailbox.CanBeScheduled(hasMessageHint, hasSystemMessageHint) || !mailbox.SetAsScheduled())
            return false;
        ExecuteTask(mailbox);
        return true;
    }
}
