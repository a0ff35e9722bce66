using Akka.Actor;
using Akka.Configuration;
using Hatchery.Testing;

namespace Akka.Cluster.Tests.Support;

/// <summary>Systems of one name on loopback, each on a port of its own, with intervals that a test can wait for.</summary>
public sealed class Nodes : IAsyncDisposable
{
    private const string Name = "farm";

    private readonly List<ActorSystem> _systems = [];

    public static Config Defaults { get; } =
        ConfigurationFactory.ParseString(
            """
            akka {
              loglevel = WARNING
              log-dead-letters = off
              actor.provider = cluster
              remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 }
              remote.retry-gate-closed-for = 500ms
              coordinated-shutdown.run-by-clr-shutdown-hook = off
              cluster {
                seed-node-timeout = 2s
                retry-unsuccessful-join-after = 1s
                allow-weakly-up-members = 500ms
                periodic-tasks-initial-delay = 100ms
                gossip-interval = 100ms
                leader-actions-interval = 100ms
                unreachable-nodes-reaper-interval = 100ms
                downing-provider-class = ""
                failure-detector {
                  heartbeat-interval = 200ms
                  acceptable-heartbeat-pause = 2s
                  expected-response-after = 500ms
                }
              }
            }
            """
        );

    public ActorSystem Start(string config = "", int port = 0, string name = Name)
    {
        var own = ConfigurationFactory.ParseString(config);
        if (port != 0)
            own = own.WithFallback(ConfigurationFactory.ParseString($"akka.remote.dot-netty.tcp.port = {port}"));
        var system = ActorSystem.Create(name, own.WithFallback(Defaults));
        _systems.Add(system);
        return system;
    }

    /// <summary>Systems that are Up in one cluster, the first its founder.</summary>
    public async Task<ActorSystem[]> Form(int count, string config = "")
    {
        var systems = Enumerable.Range(0, count).Select(_ => Start(config)).ToArray();
        var founder = Cluster.Get(systems[0]).SelfAddress;
        Cluster.Get(systems[0]).Join(founder);
        await UntilUp(systems[0], 1);
        foreach (var system in systems.Skip(1))
            Cluster.Get(system).Join(founder);
        foreach (var system in systems)
            await UntilUp(system, count);
        return systems;
    }

    /// <summary>One more node in a cluster, Up.</summary>
    public async Task<ActorSystem> JoinTo(Cluster cluster, string config = "")
    {
        var system = Start(config);
        Cluster.Get(system).Join(cluster.SelfAddress);
        await Eventually.TrueAsync(() => Cluster.Get(system).SelfMember.Status == MemberStatus.Up);
        return system;
    }

    public static Task UntilUp(ActorSystem system, int members) =>
        Eventually.TrueAsync(() =>
            Cluster.Get(system).State.Members.Count(member => member.Status == MemberStatus.Up) == members
        );

    /// <summary>Ends a system at once, as if its process had died: nobody is told.</summary>
    public static async Task Kill(ActorSystem system)
    {
        // The daemon stops without a word, and then remoting with the system.
        var provider = ((ExtendedActorSystem)system).Provider;
        await ((Remote.IRemoteActorRefProvider)provider).Transport.Shutdown();
        provider.Guardian.Stop();
        await system.WhenTerminated;
    }

    public async ValueTask DisposeAsync() => await Task.WhenAll(_systems.Select(system => Kill(system)));
}
