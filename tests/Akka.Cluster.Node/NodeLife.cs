using Akka.Actor;
using Akka.Configuration;

namespace Akka.Cluster.Node;

/// <summary>One member, which comes back as another incarnation each time that it is out of its cluster.</summary>
internal sealed class NodeLife(Strategy strategy, string address, string stableAfter, string leases, string[] seeds)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    public async Task RunAsync()
    {
        for (var isFirst = true; ; isFirst = false)
        {
            var system = ActorSystem.Create(strategy.Name, Configuration(isFirst));
            system.ActorOf(Props.Create(() => new Watcher(strategy.Name)));
            await system.WhenTerminated;
            Console.WriteLine(
                $"{strategy.Name} ended {CoordinatedShutdown.Get(system).ShutdownReason?.GetType().Name}"
            );
            await Task.Delay(s_pause);
        }
    }

    // One that comes back founds a cluster only when it is the first seed and all others say that they are in none.
    private Config Configuration(bool isFirst)
    {
        var mayFound = seeds[0] == address;
        var nodes = (isFirst || mayFound ? seeds : seeds.Where(s => s != address)).Select(s =>
            $"\"akka.tcp://{strategy.Name}@{s}:{strategy.Port}\""
        );
        return ConfigurationFactory.ParseString(
            $$"""
            akka {
              loglevel = INFO
              log-dead-letters = off
              actor.provider = cluster
              coordinated-shutdown.run-by-clr-shutdown-hook = off
              remote.dot-netty.tcp { hostname = "{{address}}", port = {{strategy.Port}} }
              remote.retry-gate-closed-for = 1s
              cluster {
                seed-nodes = [{{string.Join(", ", nodes)}}]
                seed-node-timeout = {{(isFirst ? "5s" : "1d")}}
                retry-unsuccessful-join-after = 3s
                gossip-interval = 300ms
                leader-actions-interval = 300ms
                unreachable-nodes-reaper-interval = 300ms
                failure-detector {
                  heartbeat-interval = 500ms
                  # On a machine that is busy with other tests nobody is to be taken for dead who is not.
                  acceptable-heartbeat-pause = 4s
                }
                split-brain-resolver {
                  stable-after = {{stableAfter}}
                  # The other clusters are to show what their strategy does, however slow this machine is.
                  down-all-when-unstable = off
                  {{strategy.Settings}}
                }
              }
            }
            file-lease {
              lease-class = "Akka.Cluster.Node.FileLease, cluster-node"
              heartbeat-timeout = 10s
              heartbeat-interval = 1s
              folder = "{{leases}}"
            }
            """
        );
    }

    /// <summary>Says whom this member sees: those that are Up, and those of them that it cannot reach.</summary>
    private sealed class Watcher : UntypedActor
    {
        private readonly Cluster _cluster = Cluster.Get(Context.System);
        private readonly string _name;
        private string _said = "";

        public Watcher(string name) => _name = name;

        protected override void PreStart() =>
            _cluster.Subscribe(
                Self,
                ClusterEvent.InitialStateAsEvents,
                typeof(ClusterEvent.IMemberEvent),
                typeof(ClusterEvent.IReachabilityEvent)
            );

        protected override void OnReceive(object message)
        {
            var state = _cluster.State;
            var sees =
                $"{_name} sees up={Hosts(state.Members.Where(m => m.Status == MemberStatus.Up))} all={Hosts(state.Members)} unreachable={Hosts(state.Unreachable)}";
            if (sees == _said)
                return;
            _said = sees;
            Console.WriteLine(sees);
        }

        private static string Hosts(IEnumerable<Member> members) =>
            string.Join(',', members.Select(m => m.Address.Host).Order(StringComparer.Ordinal));
    }
}
