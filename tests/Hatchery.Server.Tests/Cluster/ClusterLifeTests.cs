using System.Collections.Concurrent;
using Akka.Actor;
using Hatchery.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hatchery.Server.Tests;

public sealed class ClusterLifeTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly ManualTime _time = new();
    private readonly ConcurrentQueue<ActorSystem> _created = new();
    private readonly ConcurrentQueue<ActorSystem> _served = new();
    private int _failures;
    private int _declaredDead;

    [Fact]
    public async Task System_that_ends_is_followed_by_another_which_serves_what_the_first_did()
    {
        await using var life = await StartAsync();
        life.Serve(_served.Enqueue);
        await NextAsync(systems: 2);
        await NextAsync(systems: 3);
        await Eventually.TrueAsync(() => _served.SequenceEqual(_created));
    }

    [Fact]
    public async Task System_that_ends_before_it_is_served_is_followed_by_another_which_is()
    {
        await using var life = await StartAsync();
        await _created.Last().Terminate().WaitAsync(s_limit);
        life.Serve(system =>
        {
            ((ExtendedActorSystem)system).SystemActorOf(Props.Empty, "operators");
            _served.Enqueue(system);
        });
        await NextAsync(systems: 2);
        await Eventually.TrueAsync(() => !_served.IsEmpty);
        Assert.Equal([_created.Last()], _served);
    }

    [Fact]
    public async Task System_that_cannot_enter_is_ended_and_another_tried()
    {
        await using var life = await StartAsync();
        life.Serve(_served.Enqueue);
        _failures = 2;
        await NextAsync(systems: 4);
        await Eventually.TrueAsync(() => _served.Count == 2);
        Assert.Equal([_created.First(), _created.Last()], _served);
        Assert.All(_created.SkipLast(1), system => Assert.True(system.WhenTerminated.IsCompleted));
    }

    [Fact]
    public async Task First_system_that_cannot_enter_is_the_callers_to_hear_of_and_is_ended()
    {
        _failures = 1;
        await Assert.ThrowsAsync<TimeoutException>(StartAsync);
        Assert.True(Assert.Single(_created).WhenTerminated.IsCompleted);
    }

    [Fact]
    public async Task First_system_that_is_declared_dead_before_it_has_entered_is_followed_by_another()
    {
        _declaredDead = 2;
        var starting = StartAsync();
        await Eventually.TrueAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return starting.IsCompleted;
        });
        await using var life = await starting;
        Assert.Equal([true, true, false], _created.Select(system => system.WhenTerminated.IsCompleted));
    }

    [Fact]
    public async Task First_system_that_is_declared_dead_time_after_time_is_the_callers_to_hear_of()
    {
        _declaredDead = int.MaxValue;
        var starting = StartAsync();
        await Eventually.TrueAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return starting.IsCompleted;
        });
        await Assert.ThrowsAsync<Akka.Cluster.ClusterJoinFailedException>(() => starting);
        Assert.Equal(6, _created.Count);
    }

    [Fact]
    public async Task Nothing_is_started_any_more_once_it_is_told_to_end()
    {
        var life = await StartAsync();
        await life.DisposeAsync().AsTask().WaitAsync(s_limit);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(Assert.Single(_created).WhenTerminated.IsCompleted);
    }

    private Task<ClusterLife> StartAsync() =>
        ClusterLife.StartAsync(
            () =>
            {
                var system = ActorSystem.Create("life", "akka.loglevel = OFF, akka.stdout-loglevel = OFF");
                _created.Enqueue(system);
                return system;
            },
            EnterAsync,
            _time,
            NullLogger.Instance
        );

    private Task EnterAsync(ActorSystem system)
    {
        if (Interlocked.Decrement(ref _declaredDead) >= 0)
        {
            _ = CoordinatedShutdown.Get(system).Run(CoordinatedShutdown.ClusterDowningReason.Instance);
            // As one who waits for an answer of the cluster.
            return new TaskCompletionSource().Task;
        }
        return Interlocked.Decrement(ref _failures) >= 0
            ? Task.FromException(new TimeoutException("nobody answers"))
            : Task.CompletedTask;
    }

    /// <summary>Ends the newest system, and lets time pass until there are so many.</summary>
    private async Task NextAsync(int systems)
    {
        await _created.Last().Terminate().WaitAsync(s_limit);
        await Eventually.TrueAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return _created.Count == systems;
        });
    }
}
