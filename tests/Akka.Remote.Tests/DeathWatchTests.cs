using Akka.Actor;
using Akka.Remote.Tests.Support;

namespace Akka.Remote.Tests;

public sealed class DeathWatchTests : RemoteTest
{
    private readonly TcpRelay _relay = new();
    private readonly TcpRelay _relayOfA = new();
    private readonly ActorSystem _a;
    private ActorSystem _b;

    public DeathWatchTests()
    {
        _a = Start("alpha", _relayOfA.Hocon);
        _b = Start("beta", _relay.Hocon);
    }

    public override async Task DisposeAsync()
    {
        _relay.Thaw();
        await base.DisposeAsync();
        _relay.Dispose();
        _relayOfA.Dispose();
    }

    [Fact]
    public void An_actor_that_stops_is_reported()
    {
        var kit = Kit(_a);
        var actor = _b.ActorOf(Props.Create(() => new Echo()), "short-lived");
        var seen = Seen(_a, _b, actor);
        kit.Watch(seen);
        AwaitHearing(kit, seen);
        _b.Stop(actor);
        var terminated = kit.ExpectMsg<Terminated>(Patience);
        Assert.Equal(seen, terminated.ActorRef);
        Assert.True(terminated.ExistenceConfirmed);
        Assert.False(terminated.AddressTerminated);
    }

    [Fact]
    public void An_actor_that_never_was_is_reported()
    {
        var kit = Kit(_a);
        var nobody = Provider(_a).ResolveActorRef(AddressOf(_b) + "/user/never#17");
        kit.Watch(nobody);
        var terminated = kit.ExpectMsg<Terminated>(Patience);
        Assert.Equal(nobody, terminated.ActorRef);
        Assert.False(terminated.ExistenceConfirmed);
    }

    [Fact]
    public void An_actor_watched_by_its_path_alone_is_reported()
    {
        var kit = Kit(_a);
        var actor = _b.ActorOf(Props.Create(() => new Echo()), "by-path");
        var seen = Provider(_a).ResolveActorRef(AddressOf(_b) + "/user/by-path");
        kit.Watch(seen);
        AwaitHearing(kit, seen);
        _b.Stop(actor);
        Assert.Equal(seen.Path, kit.ExpectMsg<Terminated>(Patience).ActorRef.Path);
    }

    [Fact]
    public async Task A_system_that_shuts_down_reports_the_end_of_its_actors_first()
    {
        // However busy the machine: neither is silence taken for death, nor are the last words cut short.
        var a = Start("listener", "akka.remote.watch-failure-detector.acceptable-heartbeat-pause = 60s");
        var b = Start("speaker", "akka.remote { flush-wait-on-shutdown = 20s, shutdown-timeout = 25s }");
        var kit = Kit(a);
        var seen = Seen(a, b, b.ActorOf(Props.Create(() => new Echo()), "last-words"));
        kit.Watch(seen);
        AwaitHearing(kit, seen);
        await b.Terminate().WaitAsync(Patience);
        var terminated = kit.ExpectMsg<Terminated>(Patience);
        Assert.Equal(seen, terminated.ActorRef);
        Assert.False(terminated.AddressTerminated);
    }

    [Fact]
    public void After_an_unwatch_nothing_is_reported()
    {
        var kit = Kit(_a);
        var (first, second) = (
            _b.ActorOf(Props.Create(() => new Echo()), "first"),
            _b.ActorOf(Props.Create(() => new Echo()), "second")
        );
        kit.Watch(Seen(_a, _b, first));
        kit.Watch(Seen(_a, _b, second));
        kit.Unwatch(Seen(_a, _b, first));
        AwaitHearing(kit, Seen(_a, _b, second));
        _b.Stop(first);
        _b.Stop(second);
        // In the order of the stops, so the first would have come before.
        Assert.Equal(Seen(_a, _b, second), kit.ExpectMsg<Terminated>(Patience).ActorRef);
    }

    [Fact]
    public void A_system_that_falls_silent_is_declared_dead_and_quarantined()
    {
        var kit = Kit(_a);
        var events = kit.CreateTestProbe();
        _a.EventStream.Subscribe(events, typeof(QuarantinedEvent));
        var eventsOfB = Kit(_b).CreateTestProbe();
        _b.EventStream.Subscribe(eventsOfB, typeof(ThisActorSystemQuarantinedEvent));
        var seen = Seen(_a, _b, _b.ActorOf(Props.Create(() => new Echo()), "silent"));
        kit.Watch(seen);
        AwaitHearing(kit, seen);
        MakeKnown(kit, seen);

        _relay.Freeze();
        var terminated = kit.ExpectMsg<Terminated>(Patience);
        Assert.Equal(seen, terminated.ActorRef);
        Assert.True(terminated.AddressTerminated);
        var quarantined = events.ExpectMsg<QuarantinedEvent>(Patience);
        Assert.Equal(AddressOf(_b), quarantined.Address);
        Assert.Equal(AddressUidExtension.Uid(_b), quarantined.Uid);

        // The other side is told when it can be, and stays cut off.
        _relay.Thaw();
        Seen(_b, _a, kit.TestActor).Tell("let me in", ActorRefs.NoSender);
        var told = eventsOfB.ExpectMsg<ThisActorSystemQuarantinedEvent>(Patience);
        Assert.Equal(AddressOf(_a), told.RemoteAddress);
        Assert.Equal(AddressOf(_b), told.LocalAddress);
        kit.ExpectNoMsg(TimeSpan.FromMilliseconds(300));
    }

    [Fact]
    public async Task A_task_that_waits_for_the_end_of_an_actor_hears_of_the_end_of_its_system()
    {
        var seen = Seen(_a, _b, _b.ActorOf(Props.Create(() => new Echo()), "awaited"));
        var end = seen.WatchAsync();
        await seen.Ask<string>("there", Patience);
        _relay.Refuse();
        Assert.True(await end.WaitAsync(Patience));
    }

    [Fact]
    public void A_system_that_starts_again_at_its_address_is_another_one()
    {
        var kit = Kit(_a);
        var events = kit.CreateTestProbe();
        _a.EventStream.Subscribe(events, typeof(QuarantinedEvent));
        var before = Seen(_a, _b, _b.ActorOf(Props.Create(() => new Echo()), "echo"));
        var uidBefore = AddressUidExtension.Uid(_b);
        kit.Watch(before);
        AwaitHearing(kit, before);

        // It dies without a word, and the new start has an actor of the same name.
        _relay.Refuse();
        _relay.Target = System.Net.IPAddress.Parse("127.0.0.3");
        _b = Start("beta", _relay.Hocon);
        var after = Seen(_a, _b, _b.ActorOf(Props.Create(() => new Echo()), "echo"));
        _relay.Admit();

        Assert.Equal(before, kit.ExpectMsg<Terminated>(Patience).ActorRef);
        var quarantined = events.ExpectMsg<QuarantinedEvent>(Patience);
        Assert.Equal((AddressOf(_b), uidBefore), (quarantined.Address, quarantined.Uid));
        Assert.NotEqual(before, after);
        AwaitHearing(kit, after);
    }

    /// <summary>As a cluster does it: no heartbeats are asked for, and a node is cut off before another takes its address.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_actor_of_a_former_start_is_reported_when_it_is_watched_after_its_end(bool isQuarantined)
    {
        using var relay = new TcpRelay { Target = System.Net.IPAddress.Parse("127.0.0.6") };
        var a = Start("watcher", "akka.remote.watch-failure-detector.heartbeat-interval = 1h");
        var b = Start("watched", relay.Hocon);
        var kit = Kit(a);
        var before = Seen(a, b, b.ActorOf(Props.Create(() => new Echo()), "echo"));
        var another = Seen(a, b, b.ActorOf(Props.Create(() => new Echo()), "another"));
        AwaitHearing(kit, before);
        await b.Terminate().WaitAsync(Patience);
        if (isQuarantined)
            ((IRemoteActorRefProvider)Provider(a)).Quarantine(AddressOf(b), AddressUidExtension.Uid(b));
        relay.Refuse();

        kit.Watch(before);
        kit.Watch(another);
        relay.Target = System.Net.IPAddress.Parse("127.0.0.7");
        b = Start("watched", relay.Hocon);
        var after = Seen(a, b, b.ActorOf(Props.Create(() => new Echo()), "echo"));
        relay.Admit();

        // The first messages to the new start may be lost, but not the watches before them.
        AwaitHearing(kit, after);
        var ends = new[] { kit.ExpectMsg<Terminated>(Patience), kit.ExpectMsg<Terminated>(Patience) };
        Assert.Equal(
            [another, before],
            ends.Select(end => end.ActorRef).OrderBy(actor => actor.Path.Name, StringComparer.Ordinal)
        );
        Assert.All(ends, end => Assert.False(end.ExistenceConfirmed));
        kit.Watch(after);
        kit.ExpectNoMsg(TimeSpan.FromMilliseconds(300));
    }

    /// <summary>Watches and ends are on their way, in numbers, when the connections break: they are sent again, and heeded once.</summary>
    [Fact]
    public void Each_end_is_reported_once_however_often_the_connections_break()
    {
        const int Rounds = 3;
        const int ActorsPerRound = 40;
        var kit = Kit(_a);
        var watcher = _a.ActorOf(Props.Create(() => new Collector(kit.TestActor)), "watcher");
        var echo = Seen(_a, _b, _b.ActorOf(Props.Create(() => new Echo()), "echo"));
        watcher.Tell(new Collector.Watch(echo));
        AwaitHearing(kit, echo);
        // The first heartbeat brings a watch once more, and that would make up for what is lost.
        MakeKnown(kit, echo);
        var actors = Enumerable
            .Range(0, Rounds * ActorsPerRound)
            .Select(i => _b.ActorOf(Props.Create(() => new Echo()), $"actor-{i}"))
            .ToArray();
        var watched = 1;
        foreach (var some in actors.Chunk(ActorsPerRound))
        {
            watched += some.Length;
            LoseInFlight(kit, _relay, () => Watch(some, watched));
            AwaitHearing(kit, echo);
        }
        foreach (var some in actors.Chunk(ActorsPerRound))
        {
            LoseInFlight(kit, _relayOfA, () => Stop(some));
            AwaitHearing(kit, echo);
        }
        var reported = kit.ReceiveN(actors.Length, Patience).Cast<string>().ToArray();
        Assert.Equal(actors.Length, reported.Distinct(StringComparer.Ordinal).Count());
        kit.ExpectNoMsg(TimeSpan.FromMilliseconds(500));

        // Each is back when its messages to the other system are with remoting.
        void Watch(IActorRef[] some, int all)
        {
            Array.ForEach(some, actor => watcher.Tell(new Collector.Watch(Seen(_a, _b, actor))));
            kit.AwaitAssert(
                () =>
                    Assert.Equal(
                        all,
                        _a.ActorSelection("/system/remote-watcher")
                            .Ask<RemoteWatcher.Stats>(RemoteWatcher.Stats.Empty, Patience)
                            .GetAwaiter()
                            .GetResult()
                            .Watching
                    ),
                Patience
            );
        }

        void Stop(IActorRef[] some)
        {
            var kitB = Kit(_b);
            Array.ForEach(some, actor => kitB.Watch(actor));
            Array.ForEach(some, _b.Stop);
            kitB.ReceiveN(some.Length, Patience);
        }
    }

    /// <summary>Does something while a relay holds bytes back, and throws these away.</summary>
    private static void LoseInFlight(Akka.TestKit.Xunit2.TestKit kit, TcpRelay relay, Action action)
    {
        relay.Freeze();
        action();
        kit.AwaitCondition(() => relay.IsHolding, Patience);
        relay.Cut();
        relay.Thaw();
    }

    [Fact]
    public void A_system_that_acknowledges_nothing_is_quarantined_when_too_much_waits()
    {
        using var relay = new TcpRelay { Target = System.Net.IPAddress.Parse("127.0.0.5") };
        var b = Start("gamma", relay.Hocon);
        var a = Start("delta", "akka.remote.system-message-buffer-size = 20");
        var kit = Kit(a);
        a.EventStream.Subscribe(kit.TestActor, typeof(QuarantinedEvent));
        AwaitHearing(kit, Seen(a, b, b.ActorOf(Props.Create(() => new Echo()), "echo")));
        relay.Freeze();
        var watcher = a.ActorOf(Props.Create(() => new Collector(kit.CreateTestProbe())));
        for (var i = 0; i < 30; i++)
            watcher.Tell(new Collector.Watch(Provider(a).ResolveActorRef(AddressOf(b) + $"/user/actor-{i}#{i + 1}")));
        var quarantined = kit.ExpectMsg<QuarantinedEvent>(Patience);
        Assert.Equal((AddressOf(b), AddressUidExtension.Uid(b)), (quarantined.Address, quarantined.Uid));
        relay.Thaw();
    }

    private static IActorRefProvider Provider(ActorSystem system) => ((ExtendedActorSystem)system).Provider;

    /// <summary>Gives the watcher the uid of the system of a watched actor, as its first heartbeat does.</summary>
    private void MakeKnown(Akka.TestKit.Xunit2.TestKit kit, IActorRef watched)
    {
        var watcher = _a.ActorSelection("/system/remote-watcher");
        kit.AwaitAssert(() => Assert.Equal(1, Stats().WatchingNodes), Patience);
        watcher.Tell(new RemoteWatcher.HeartbeatRsp(AddressUidExtension.Uid(_b)), watched);
        Stats();

        RemoteWatcher.Stats Stats() =>
            watcher.Ask<RemoteWatcher.Stats>(RemoteWatcher.Stats.Empty, Patience).GetAwaiter().GetResult();
    }

    /// <summary>Waits until messages to an actor arrive, and with them the watch that was sent before.</summary>
    private static void AwaitHearing(Akka.TestKit.Xunit2.TestKit kit, IActorRef actor) =>
        kit.AwaitAssert(
            () => Assert.Equal("?", actor.Ask<string>("?", TimeSpan.FromMilliseconds(300)).GetAwaiter().GetResult()),
            Patience
        );

    private sealed class Collector : ReceiveActor
    {
        public Collector(IActorRef reportTo)
        {
            Receive<Watch>(watch => Context.Watch(watch.Actor));
            Receive<Terminated>(terminated => reportTo.Tell(terminated.ActorRef.Path.Name));
        }

        public sealed record Watch(IActorRef Actor);
    }
}
