using System.Collections.Concurrent;
using Akka.Actor.Internal;
using Akka.Configuration;
using Akka.Event;

namespace Akka.Actor;

/// <summary>
/// Ends a process in order: tasks in phases, the tasks of one phase side by side, each phase with a time limit. The
/// last phase stops the actor system.
/// </summary>
public sealed partial class CoordinatedShutdown : IExtension
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<(string Name, Func<Task<Done>> Run)>> _tasks = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<ShutdownPhase> _phases;
    private readonly ILoggingAdapter _log;
    private readonly bool _terminateActorSystem;
    private readonly bool _exitClr;
    private Task<Done>? _running;

    internal CoordinatedShutdown(ExtendedActorSystem system)
    {
        System = system;
        _log = Logging.GetLogger(system, this);
        var config = system.Settings.Config.GetConfig("akka.coordinated-shutdown") ?? Config.Empty;
        _phases = ShutdownPhases.Read(config);
        _terminateActorSystem = config.GetBoolean("terminate-actor-system", true);
        _exitClr = config.GetBoolean("exit-clr");
        if (system.Settings.CoordinatedShutdownRunByActorSystemTerminate && !_terminateActorSystem)
            throw new ConfigurationException(
                "akka.coordinated-shutdown.run-by-actor-system-terminate=on and akka.coordinated-shutdown.terminate-actor-system=off cannot both hold."
            );
        AddTask(PhaseActorSystemTerminate, "terminate-system", EndSystem);
        if (config.GetBoolean("run-by-clr-shutdown-hook", true))
            ProcessExit.Register(this);
    }

    /// <summary>The system.</summary>
    public ExtendedActorSystem System { get; }

    /// <summary>Why it was run; null before.</summary>
    public Reason? ShutdownReason { get; private set; }

    /// <summary>The time limits of all phases together.</summary>
    public TimeSpan TotalTimeout =>
        _phases.Where(phase => phase.Enabled).Aggregate(TimeSpan.Zero, (sum, phase) => sum + phase.Timeout);

    /// <summary>The coordinated shutdown of a system.</summary>
    public static CoordinatedShutdown Get(ActorSystem sys) =>
        sys.WithExtension<CoordinatedShutdown, CoordinatedShutdownExtension>();

    /// <summary>Adds a task to a phase; throws <see cref="ArgumentException"/> when the configuration has no such phase.</summary>
    public void AddTask(string phase, string taskName, Func<Task<Done>> task)
    {
        if (!_phases.Any(known => known.Name == phase))
            throw new ArgumentException(
                $"Unknown phase [{phase}], known phases [{string.Join(", ", _phases.Select(known => known.Name))}]. All phases must be defined in configuration.",
                nameof(phase)
            );
        lock (_lock)
        {
            if (!_tasks.TryGetValue(phase, out var tasks))
                _tasks.Add(phase, tasks = []);
            tasks.Add((taskName, task));
        }
    }

    /// <summary>The time limit of a phase.</summary>
    public TimeSpan Timeout(string phase) =>
        _phases.FirstOrDefault(known => known.Name == phase)?.Timeout
        ?? throw new ArgumentException($"Unknown phase [{phase}].", nameof(phase));

    /// <summary>Runs all phases, or those from <paramref name="fromPhase"/> on. Only the first call runs them; every call gives the same task.</summary>
    public Task<Done> Run(Reason reason, string? fromPhase = null)
    {
        lock (_lock)
        {
            if (_running is not null)
                return _running;
            ShutdownReason = reason;
            // Off the caller's stack: it may be an actor that a task waits for.
            return _running = Task.Run(() => RunPhases(reason, fromPhase));
        }
    }

    private async Task<Done> RunPhases(Reason reason, string? fromPhase)
    {
        _log.Debug("Running CoordinatedShutdown with reason [{0}]", reason);
        var begin = fromPhase is null ? 0 : _phases.TakeWhile(phase => phase.Name != fromPhase).Count();
        foreach (var phase in _phases.Skip(begin))
        {
            if (phase.Enabled)
                await RunPhase(phase).ConfigureAwait(false);
            else
                _log.Debug("Phase [{0}] disabled through configuration", phase.Name);
        }
        return Done.Instance;
    }

    private async Task RunPhase(ShutdownPhase phase)
    {
        (string Name, Func<Task<Done>> Run)[] tasks;
        lock (_lock)
            tasks = _tasks.TryGetValue(phase.Name, out var list) ? [.. list] : [];
        if (tasks.Length == 0)
            return;
        _log.Debug(
            "Performing phase [{0}] with [{1}] tasks: [{2}]",
            phase.Name,
            tasks.Length,
            string.Join(", ", tasks.Select(task => task.Name))
        );
        try
        {
            await Task.WhenAll(tasks.Select(task => RunTask(phase, task.Name, task.Run)))
                .WaitAsync(phase.Timeout)
                .ConfigureAwait(false);
        }
        catch (TimeoutException) when (phase.Recover)
        {
            _log.Warning("Coordinated shutdown phase [{0}] timed out after {1}", phase.Name, phase.Timeout);
        }
        catch (TimeoutException cause) when (!phase.Recover)
        {
            throw new TimeoutException(
                $"Coordinated shutdown phase [{phase.Name}] timed out after {phase.Timeout}",
                cause
            );
        }
    }

    private async Task RunTask(ShutdownPhase phase, string name, Func<Task<Done>> run)
    {
        try
        {
            await run().ConfigureAwait(false);
        }
        catch (Exception cause) when (phase.Recover)
        {
            _log.Warning("Task [{0}] failed in phase [{1}]: {2}", name, phase.Name, cause.Message);
        }
    }

    private async Task<Done> EndSystem()
    {
        if (_terminateActorSystem)
        {
            ((ActorSystemImpl)System).FinalTerminate();
            await System.WhenTerminated.ConfigureAwait(false);
            ProcessExit.Unregister(this);
        }
        if (_exitClr && ShutdownReason is not ClrExitReason)
        {
            ProcessExit.Unregister(this);
            Environment.Exit(0);
        }
        return Done.Instance;
    }

    /// <summary>Runs the shutdown of what still runs when the process ends.</summary>
    private static class ProcessExit
    {
        private static readonly ConcurrentDictionary<CoordinatedShutdown, byte> Running = new();

        static ProcessExit() =>
            AppDomain.CurrentDomain.ProcessExit += (_, _) =>
            {
                var all = Running.Keys.ToArray();
                var longest = all.Select(each => each.TotalTimeout).DefaultIfEmpty().Max();
                // A failed run has said so in the log; it must not turn the exit into a crash.
                var runs = Task.WhenAll(all.Select(each => each.Run(ClrExitReason.Instance)));
                _ = Task.WhenAny(runs, Task.Delay(longest)).GetAwaiter().GetResult();
            };

        public static void Register(CoordinatedShutdown shutdown) => Running.TryAdd(shutdown, 0);

        public static void Unregister(CoordinatedShutdown shutdown) => Running.TryRemove(shutdown, out _);
    }
}

/// <summary>The id of <see cref="CoordinatedShutdown"/>.</summary>
public sealed class CoordinatedShutdownExtension : ExtensionIdProvider<CoordinatedShutdown>
{
    /// <inheritdoc/>
    public override CoordinatedShutdown CreateExtension(ExtendedActorSystem system) => new(system);
}
