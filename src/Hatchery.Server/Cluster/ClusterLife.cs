using Akka.Actor;
using Akka.Cluster;
using Microsoft.Extensions.Logging;

namespace Hatchery.Server;

/// <summary>
/// The life of the actor system that is a member of the cluster: when it ends without having been told to, because the others declared
/// it dead or the split brain resolver did, another one takes its place in this process. Sessions are not its, and go on meanwhile.
/// </summary>
internal sealed class ClusterLife : IAsyncDisposable
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(16);

    private readonly Func<ActorSystem> _create;
    private readonly Func<ActorSystem, Task> _enter;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private ActorSystem _system;
    private Action<ActorSystem>? _serve;
    private Task _watching = Task.CompletedTask;

    private ClusterLife(
        Func<ActorSystem> create,
        Func<ActorSystem, Task> enter,
        ActorSystem system,
        TimeProvider time,
        ILogger log
    ) => (_create, _enter, _system, _time, _log) = (create, enter, system, time, log);

    /// <summary>
    /// Starts the first system, and another one when the others declare it dead before it has begun. What else keeps it from entering the
    /// cluster is the caller's to tell.
    /// </summary>
    /// <param name="enter">Joins, and starts what a member consists of.</param>
    public static async Task<ClusterLife> StartAsync(
        Func<ActorSystem> create,
        Func<ActorSystem, Task> enter,
        TimeProvider time,
        ILogger log
    )
    {
        for (var pause = s_firstPause; ; pause *= 2)
        {
            var system = create();
            try
            {
                await EnterAsync(enter, system);
                var life = new ClusterLife(create, enter, system, time, log);
                life._watching = life.WatchAsync();
                return life;
            }
            catch
            {
                await system.Terminate();
                if (
                    pause > s_longestPause
                    || CoordinatedShutdown.Get(system).ShutdownReason is not CoordinatedShutdown.ClusterDowningReason
                )
                    throw;
            }
            Log.ClusterLeft(log, pause.TotalSeconds);
            await Task.Delay(pause, time);
        }
    }

    /// <summary>What is started on this system now that the server is whole, and on each one after it.</summary>
    public void Serve(Action<ActorSystem> serve)
    {
        ActorSystem system;
        lock (_gate)
            (_serve, system) = (serve, _system);
        try
        {
            serve(system);
        }
        catch (InvalidOperationException) when (CoordinatedShutdown.Get(system).ShutdownReason is not null)
        {
            // It was declared dead since it entered, and takes no more actors: the one after it is served.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        ActorSystem system;
        lock (_gate)
            system = _system;
        await system.Terminate();
        await _watching;
        _stopping.Dispose();
    }

    private async Task WatchAsync()
    {
        await _system.WhenTerminated;
        var since = _time.GetTimestamp();
        var pause = s_firstPause;
        while (!_stopping.IsCancellationRequested)
        {
            Log.ClusterLeft(_log, pause.TotalSeconds);
            try
            {
                await Task.Delay(pause, _time, _stopping.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            var system = _create();
            try
            {
                await EnterAsync(_enter, system).WaitAsync(_stopping.Token);
                Action<ActorSystem>? serve;
                lock (_gate)
                    (_system, serve) = (system, _serve);
                serve?.Invoke(system);
                Log.ClusterEntered(_log, _time.GetElapsedTime(since).TotalSeconds);
                // Whoever stops this server meanwhile has seen the system before.
                if (_stopping.IsCancellationRequested)
                    _ = system.Terminate();
                await system.WhenTerminated;
                (pause, since) = (s_firstPause, _time.GetTimestamp());
            }
            catch (Exception failed)
            {
                if (!_stopping.IsCancellationRequested)
                    Log.ClusterNotEntered(_log, failed);
                await system.Terminate();
                pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
            }
        }
    }

    // Who is declared dead meanwhile gets no more answers that it could wait for.
    private static async Task EnterAsync(Func<ActorSystem, Task> enter, ActorSystem system)
    {
        var entered = enter(system);
        if (await Task.WhenAny(entered, system.WhenTerminated) != entered)
            throw new ClusterJoinFailedException("the others declared it dead before it had begun");
        await entered;
    }
}
