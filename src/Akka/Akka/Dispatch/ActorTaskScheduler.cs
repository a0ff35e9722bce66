using Akka.Actor;
using Akka.Dispatch.SysMsg;

namespace Akka.Dispatch;

/// <summary>Runs the pieces of an actor's asynchronous handlers inside the actor, one at a time.</summary>
public class ActorTaskScheduler : TaskScheduler
{
    private readonly ActorCell _cell;

    internal ActorTaskScheduler(ActorCell cell) => _cell = cell;

    /// <summary>The message that is being handled.</summary>
    public object? CurrentMessage => _cell.CurrentMessage;

    /// <summary>Runs <paramref name="action"/> inside the actor of this thread.</summary>
    public static void RunTask(Action action) =>
        RunTask(() =>
        {
            action();
            return Task.CompletedTask;
        });

    /// <summary>Runs <paramref name="asyncAction"/> inside the actor of this thread; its next message waits until the task is done.</summary>
    public static void RunTask(Func<Task> asyncAction)
    {
        var cell =
            ActorCell.Current ?? throw new InvalidOperationException("RunTask must be called from an actor context.");
        cell.RunTask(asyncAction);
    }

    /// <inheritdoc/>
    protected override IEnumerable<Task>? GetScheduledTasks() => null;

    /// <inheritdoc/>
    protected override void QueueTask(Task task) => _cell.SendSystemMessage(new ActorTask(task, this));

    /// <inheritdoc/>
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && ReferenceEquals(ActorCell.Current, _cell) && Execute(task);

    internal void Run(Task task) => Execute(task);

    private bool Execute(Task task)
    {
        // A thread's own synchronisation context would win over this scheduler at the next await.
        var context = SynchronizationContext.Current;
        if (context is null)
            return TryExecuteTask(task);
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            return TryExecuteTask(task);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }
}
