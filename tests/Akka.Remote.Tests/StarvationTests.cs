using Akka.Actor;
using Akka.Remote.Tests.Support;

namespace Akka.Remote.Tests;

/// <summary>Fills the process's thread pool, so it runs when nothing else does.</summary>
[Collection(nameof(Alone))]
public sealed class StarvationTests : RemoteTest
{
    [Fact]
    public void Work_that_fills_the_thread_pool_holds_up_no_heartbeat()
    {
        var a = Start("alpha");
        var b = Start("beta");
        var watcher = a.ActorSelection(new RootActorPath(AddressOf(b)) / "system" / "remote-watcher");
        using var answered = new CountdownEvent(100);
        using var release = new ManualResetEventSlim();
        using var released = new CountdownEvent(1);
        try
        {
            // Far more than the pool adds threads for in that time.
            for (var i = 0; i < 300; i++)
            {
                released.AddCount();
                ThreadPool.QueueUserWorkItem(_ =>
                {
                    release.Wait();
                    released.Signal();
                });
            }
            a.ActorOf(
                Props.Create(() => new Pulse(watcher, answered)).WithDispatcher("akka.remote.default-remote-dispatcher")
            );
            Assert.True(answered.Wait(Patience), $"{answered.CurrentCount} of 100 heartbeats were not answered");
        }
        finally
        {
            release.Set();
            released.Signal();
            released.Wait(Patience);
        }
    }

    /// <summary>Asks for a sign of life as often as it gets one.</summary>
    private sealed class Pulse : ReceiveActor
    {
        private readonly ActorSelection _watcher;

        public Pulse(ActorSelection watcher, CountdownEvent answered)
        {
            _watcher = watcher;
            Receive<RemoteWatcher.HeartbeatRsp>(_ =>
            {
                if (!answered.IsSet && !answered.Signal())
                    _watcher.Tell(RemoteWatcher.Heartbeat.Instance);
            });
        }

        protected override void PreStart() => _watcher.Tell(RemoteWatcher.Heartbeat.Instance);
    }
}

[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
