using Akka.Actor;
using Akka.Configuration;

namespace Akka.Dispatch;

/// <summary>Runs its actors on the threads of an executor.</summary>
internal class Dispatcher(MessageDispatcherConfigurator configurator, ExecutorService executor)
    : MessageDispatcher(configurator)
{
    protected override void ExecuteTask(IRunnable run) => executor.Execute(run);

    protected override void Shutdown() => executor.Shutdown();
}

internal sealed class DispatcherConfigurator : MessageDispatcherConfigurator
{
    private readonly Dispatcher _dispatcher;

    public DispatcherConfigurator(
        Config config,
        IDispatcherPrerequisites prerequisites,
        Dispatchers dispatchers,
        string type
    )
        : base(config, prerequisites) =>
        _dispatcher = new Dispatcher(
            this,
            dispatchers.Track(Executors.Create(config, config.GetRequiredString("id"), type))
        );

    public override MessageDispatcher Dispatcher() => _dispatcher;
}

/// <summary>One thread for one actor.</summary>
internal sealed class PinnedDispatcher(MessageDispatcherConfigurator configurator, ExecutorService executor)
    : Dispatcher(configurator, executor)
{
    private ActorCell? _owner;

    internal override void Attach(ActorCell cell)
    {
        if (Interlocked.CompareExchange(ref _owner, cell, null) is { } owner && owner != cell)
            throw new InvalidOperationException($"Cannot register to anyone but {owner.Self}");
        base.Attach(cell);
    }

    internal override void Detach(ActorCell cell)
    {
        base.Detach(cell);
        Shutdown();
    }
}

internal sealed class PinnedDispatcherConfigurator(
    Config config,
    IDispatcherPrerequisites prerequisites,
    Dispatchers dispatchers
) : MessageDispatcherConfigurator(config, prerequisites)
{
    public override MessageDispatcher Dispatcher() =>
        new PinnedDispatcher(this, dispatchers.Track(new DedicatedThreadsExecutor(Config.GetRequiredString("id"), 1)));
}
