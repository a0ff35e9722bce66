using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Cluster.Tests.Support;
using Akka.Cluster.Tools.Singleton;
using Hatchery.Testing;

namespace Akka.Cluster.Tools.Tests.Singleton;

public sealed class SingletonTests : IAsyncLifetime
{
    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(30);

    private readonly Nodes _nodes = new();
    private readonly ConcurrentQueue<string> _life = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _nodes.DisposeAsync();

    [Fact]
    public async Task It_runs_on_the_oldest_member_and_is_reached_from_every_other()
    {
        var systems = await FormByAge(3);
        var proxies = systems.Select(Start).ToArray();

        foreach (var proxy in proxies)
            Assert.Equal(Port(systems[0]), await proxy.Ask<string>("where", AskTimeout));

        Assert.Equal([$"start {Port(systems[0])}"], _life);
    }

    [Fact]
    public async Task It_is_handed_to_the_next_oldest_when_its_member_leaves_and_never_runs_twice()
    {
        var systems = await FormByAge(3);
        var proxies = systems.Select(Start).ToArray();
        Assert.Equal(Port(systems[0]), await proxies[2].Ask<string>("where", AskTimeout));

        await CoordinatedShutdown
            .Get(systems[0])
            .Run(CoordinatedShutdown.ClusterLeavingReason.Instance)
            .WaitAsync(AskTimeout);

        await Eventually.TrueAsync(async () => await proxies[2].Ask<string>("where", AskTimeout) == Port(systems[1]));
        Assert.Equal([$"start {Port(systems[0])}", $"stop {Port(systems[0])}", $"start {Port(systems[1])}"], _life);
    }

    [Fact]
    public async Task It_starts_on_the_next_oldest_when_its_member_was_killed_and_downed()
    {
        var systems = await FormByAge(3);
        var proxies = systems.Select(Start).ToArray();
        Assert.Equal(Port(systems[0]), await proxies[1].Ask<string>("where", AskTimeout));
        var address = Cluster.Get(systems[0]).SelfAddress;

        await Nodes.Kill(systems[0]);
        Cluster.Get(systems[1]).Down(address);

        await Eventually.TrueAsync(() => _life.Contains($"start {Port(systems[1])}"));
        Assert.Equal(Port(systems[1]), await proxies[2].Ask<string>("where", AskTimeout));
    }

    [Fact]
    public async Task A_proxy_keeps_messages_until_there_is_a_singleton_and_drops_the_oldest_beyond_its_buffer()
    {
        var system = _nodes.Start("akka.cluster.singleton-proxy.buffer-size = 3");
        var proxy = StartProxy(system);
        var receiver = new ConcurrentQueue<string>();
        var collector = system.ActorOf(Props.Create(() => new Collector(receiver)));
        for (var number = 1; number <= 5; number++)
            proxy.Tell($"echo {number}", collector);

        StartManager(system);
        Cluster.Get(system).Join(Cluster.Get(system).SelfAddress);

        await Eventually.TrueAsync(() => receiver.Count == 3);
        Assert.Equal(["echo 3", "echo 4", "echo 5"], receiver);
    }

    [Fact]
    public async Task Only_members_with_the_role_run_it()
    {
        var systems = await _nodes.Form(1);
        var other = await _nodes.JoinTo(Cluster.Get(systems[0]), "akka.cluster.roles = [special]");
        StartManager(other, "special");
        var proxy = StartProxy(systems[0], "special");

        Assert.Equal(Port(other), await proxy.Ask<string>("where", AskTimeout));
    }

    [Fact]
    public async Task The_extension_starts_manager_and_proxy_once()
    {
        var systems = await FormByAge(2);
        var life = _life;
        var refs = systems
            .Select(system =>
                ClusterSingleton
                    .Get(system)
                    .Init(
                        SingletonActor.Create(Props.Create(() => new Whereabouts(life)), "one").WithStopMessage("end")
                    )
            )
            .ToArray();

        Assert.Equal(Port(systems[0]), await refs[1].Ask<string>("where", AskTimeout));
        Assert.Equal(Port(systems[0]), await refs[0].Ask<string>("where", AskTimeout));
        Assert.Single(_life);
    }

    // Each joins when the one before is Up, so the first is the oldest, and so on.
    private async Task<ActorSystem[]> FormByAge(int count)
    {
        var systems = (await _nodes.Form(1)).ToList();
        while (systems.Count < count)
            systems.Add(await _nodes.JoinTo(Cluster.Get(systems[0])));
        foreach (var system in systems)
            await Nodes.UntilUp(system, count);
        return [.. systems];
    }

    private IActorRef Start(ActorSystem system)
    {
        StartManager(system);
        return StartProxy(system);
    }

    private void StartManager(ActorSystem system, string? role = null)
    {
        var life = _life;
        system.ActorOf(
            ClusterSingletonManager.Props(
                Props.Create(() => new Whereabouts(life)),
                "end",
                ClusterSingletonManagerSettings.Create(system).WithRole(role!)
            ),
            "whereabouts"
        );
    }

    private static IActorRef StartProxy(ActorSystem system, string? role = null) =>
        system.ActorOf(
            ClusterSingletonProxy.Props(
                "/user/whereabouts",
                ClusterSingletonProxySettings
                    .Create(system)
                    .WithSingletonIdentificationInterval(TimeSpan.FromMilliseconds(100))
                    .WithRole(role!)
            )
        );

    private static string Port(ActorSystem system) => $"{Cluster.Get(system).SelfAddress.Port}";

    private sealed class Whereabouts : ReceiveActor
    {
        private readonly ConcurrentQueue<string> _life;
        private readonly string _port = Port(Context.System);

        public Whereabouts(ConcurrentQueue<string> life)
        {
            _life = life;
            Receive<string>(message => message == "where", _ => Sender.Tell(_port));
            Receive<string>(message => message == "end", _ => Context.Stop(Self));
            Receive<string>(message => Sender.Tell(message));
        }

        protected override void PreStart() => _life.Enqueue($"start {_port}");

        protected override void PostStop() => _life.Enqueue($"stop {_port}");
    }

    private sealed class Collector : ReceiveActor
    {
        public Collector(ConcurrentQueue<string> received) => Receive<string>(received.Enqueue);
    }
}
