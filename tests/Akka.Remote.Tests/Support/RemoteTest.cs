using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Xunit2TestKit = Akka.TestKit.Xunit2.TestKit;

namespace Akka.Remote.Tests.Support;

/// <summary>Systems that reach each other on loopback; all end with the test.</summary>
public abstract class RemoteTest : IAsyncLifetime
{
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly List<ActorSystem> _systems = [];
    private readonly List<Xunit2TestKit> _kits = [];

    public virtual Task InitializeAsync() => Task.CompletedTask;

    public virtual async Task DisposeAsync()
    {
        await Task.WhenAll(_systems.Select(system => system.Terminate())).WaitAsync(Patience);
        foreach (var kit in _kits)
            kit.Dispose();
    }

    /// <summary>A system with remoting on loopback; port 0 is any.</summary>
    protected ActorSystem Start(string name, string hocon = "", int port = 0) =>
        Start(name, ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(Settings(hocon, port))));

    /// <summary>A system with a set-up of its own.</summary>
    protected ActorSystem Start(string name, ActorSystemSetup setup)
    {
        var system = ActorSystem.Create(name, setup);
        _systems.Add(system);
        return system;
    }

    protected static Config Settings(string hocon, int port = 0) =>
        ConfigurationFactory
            .ParseString(hocon)
            .WithFallback(
                ConfigurationFactory.ParseString(
                    $$"""
                    akka {
                      loglevel = WARNING
                      log-dead-letters = off
                      test { single-expect-default = 30s, default-timeout = 30s }
                      actor.provider = remote
                      remote {
                        log-remote-lifecycle-events = off
                        retry-gate-closed-for = 200ms
                        dot-netty.tcp { hostname = "127.0.0.1", port = {{port}} }
                        watch-failure-detector {
                          heartbeat-interval = 200ms
                          acceptable-heartbeat-pause = 3s
                          unreachable-nodes-reaper-interval = 200ms
                        }
                      }
                    }
                    """
                )
            );

    /// <summary>Probes and expectations on a system.</summary>
    protected Xunit2TestKit Kit(ActorSystem system)
    {
        var kit = new Xunit2TestKit(system);
        _kits.Add(kit);
        return kit;
    }

    protected static Address AddressOf(ActorSystem system) => ((ExtendedActorSystem)system).Provider.DefaultAddress;

    /// <summary>The path by which others reach an actor of a system.</summary>
    protected static ActorPath PathOf(ActorSystem system, IActorRef actor) =>
        ActorPath.Parse(actor.Path.ToSerializationFormatWithAddress(AddressOf(system)));

    /// <summary>The reference that <paramref name="from"/> has of an actor of <paramref name="to"/>.</summary>
    protected static IActorRef Seen(ActorSystem from, ActorSystem to, IActorRef actor) =>
        ((ExtendedActorSystem)from).Provider.ResolveActorRef(PathOf(to, actor));
}
