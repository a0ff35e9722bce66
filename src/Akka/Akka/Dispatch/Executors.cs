using System.Collections.Concurrent;
using Akka.Configuration;

namespace Akka.Dispatch;

/// <summary>Threads that run work.</summary>
public abstract class ExecutorService
{
    /// <summary>Named for its dispatcher.</summary>
    protected ExecutorService(string id) => Id = id;

    /// <summary>The dispatcher's name.</summary>
    public string Id { get; }

    /// <summary>Runs <paramref name="run"/>; throws <see cref="RejectedExecutionException"/> after the shutdown.</summary>
    public abstract void Execute(IRunnable run);

    /// <summary>Lets the threads go.</summary>
    public abstract void Shutdown();
}

/// <summary>The runtime's own thread pool.</summary>
internal sealed class ThreadPoolExecutor(string id) : ExecutorService(id)
{
    public override void Execute(IRunnable run) => ThreadPool.UnsafeQueueUserWorkItem(run, preferLocal: false);

    public override void Shutdown() { }
}

/// <summary>The runtime's own thread pool, for work that brings its caller's security and culture context along.</summary>
internal sealed class TaskExecutor(string id) : ExecutorService(id)
{
    public override void Execute(IRunnable run) =>
        _ = Task.Factory.StartNew(
            static state => ((IRunnable)state!).Run(),
            run,
            CancellationToken.None,
            TaskCreationOptions.DenyChildAttach,
            TaskScheduler.Default
        );

    public override void Shutdown() { }
}

/// <summary>A fixed number of threads of its own, on one queue.</summary>
internal sealed class DedicatedThreadsExecutor : ExecutorService
{
    private readonly BlockingCollection<IRunnable> _queue = new();
    private readonly int _threadCount;
    private readonly Lock _lock = new();
    private bool _started;
    private volatile bool _stopped;

    public DedicatedThreadsExecutor(string id, int threadCount)
        : base(id) => _threadCount = threadCount;

    public override void Execute(IRunnable run)
    {
        if (!_started)
            Start();
        try
        {
            _queue.Add(run);
        }
        catch (InvalidOperationException cause)
        {
            throw new RejectedExecutionException($"The dispatcher [{Id}] has shut down.", cause);
        }
    }

    public override void Shutdown()
    {
        lock (_lock)
        {
            if (_stopped)
                return;
            _stopped = true;
            _started = true;
            _queue.CompleteAdding();
        }
    }

    private void Start()
    {
        lock (_lock)
        {
            if (_started)
                return;
            _started = true;
            for (var i = 0; i < _threadCount; i++)
                new Thread(Loop) { IsBackground = true, Name = $"{Id}-{i}" }.Start();
        }
    }

    private void Loop()
    {
        foreach (var run in _queue.GetConsumingEnumerable())
            run.Run();
    }
}

/// <summary>Reads the sections of executors.</summary>
internal static class Executors
{
    public static ExecutorService Create(Config config, string id, string dispatcherType)
    {
        var executor = dispatcherType switch
        {
            "ForkJoinDispatcher" => "fork-join-executor",
            "TaskDispatcher" => "task-executor",
            _ => config.GetString("executor", "default-executor"),
        };
        return executor switch
        {
            "fork-join-executor" => new DedicatedThreadsExecutor(id, ThreadCount(config, dispatcherType)),
            "task-executor" => new TaskExecutor(id),
            "default-executor" or "thread-pool-executor" or "channel-executor" => new ThreadPoolExecutor(id),
            _ => throw new ConfigurationException($"Unknown executor [{executor}] for dispatcher [{id}]"),
        };
    }

    private static int ThreadCount(Config config, string dispatcherType)
    {
        if (dispatcherType == "ForkJoinDispatcher" && config.HasPath("dedicated-thread-pool.thread-count"))
            return Math.Max(1, config.GetInt("dedicated-thread-pool.thread-count"));
        var section = config.GetConfig("fork-join-executor") ?? Config.Empty;
        if (section.HasPath("dedicated-thread-pool.thread-count"))
            return Math.Max(1, section.GetInt("dedicated-thread-pool.thread-count"));
        var scaled = (int)Math.Ceiling(Environment.ProcessorCount * section.GetDouble("parallelism-factor", 1));
        return Math.Clamp(scaled, section.GetInt("parallelism-min", 8), section.GetInt("parallelism-max", 64));
    }
}
