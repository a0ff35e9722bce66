using Akka.Configuration;
using Akka.Dispatch;

namespace Akka.TestKit;

/// <summary>Makes the one <see cref="CallingThreadDispatcher"/> of a section.</summary>
public class CallingThreadDispatcherConfigurator : MessageDispatcherConfigurator
{
    private readonly CallingThreadDispatcher dispatcher;

    public CallingThreadDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites)
        : base(config, prerequisites) => dispatcher = new CallingThreadDispatcher(this);

    public override MessageDispatcher Dispatcher() => dispatcher;
}

/// <summary>Runs an actor on the thread that sends to it, so that a message is handled when <c>Tell</c> returns.</summary>
public class CallingThreadDispatcher(MessageDispatcherConfigurator configurator) : MessageDispatcher(configurator)
{
    /// <summary>Where it stands in the configuration.</summary>
    public static new readonly string Id = "akka.test.calling-thread-dispatcher";

    protected override void ExecuteTask(IRunnable run) => run.Run();
}
