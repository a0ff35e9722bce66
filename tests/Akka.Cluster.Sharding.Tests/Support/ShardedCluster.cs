using System.Collections.Concurrent;
using System.Globalization;
using Akka.Actor;
using Akka.Cluster.Tests.Support;
using Hatchery.Testing;

namespace Akka.Cluster.Sharding.Tests.Support;

/// <summary>Nodes on loopback with one entity type, counters, whose coordinator keeps its state in a SQLite file.</summary>
public sealed class ShardedCluster : IAsyncDisposable
{
    public const string TypeName = "counter";

    public static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(20);

    private readonly TempFolder _folder = new();
    private readonly Nodes _nodes = new();

    /// <summary>What entities did: started, stopped, and each number that they were sent, on which port.</summary>
    public ConcurrentQueue<string> Life { get; } = new();

    public string Config =>
        $$"""
            akka.cluster.sharding {
              retry-interval = 200ms
              rebalance-interval = 500ms
              coordinator-failure-backoff = 500ms
              handoff-timeout = 10s
              least-shard-allocation-strategy { rebalance-absolute-limit = 20, rebalance-relative-limit = 1.0 }
            }
            akka.cluster.singleton.hand-over-retry-interval = 200ms
            akka.persistence {
              journal {
                plugin = "akka.persistence.journal.sql"
                sql {
                  class = "Akka.Persistence.Sql.Journal.SqlWriteJournal, Akka.Persistence.Sql"
                  connection-string = "Data Source={{_folder["farm.db"]}};Pooling=False"
                  provider-name = "SQLite.MS"
                }
              }
              snapshot-store {
                plugin = "akka.persistence.snapshot-store.sql"
                sql {
                  class = "Akka.Persistence.Sql.Snapshot.SqlSnapshotStore, Akka.Persistence.Sql"
                  connection-string = "Data Source={{_folder["farm.db"]}};Pooling=False"
                  provider-name = "SQLite.MS"
                }
              }
            }
            """;

    public async Task<ActorSystem[]> Form(int count, string config = "")
    {
        var systems = (await _nodes.Form(1, Config + config)).ToList();
        while (systems.Count < count)
            systems.Add(await Join(systems[0], config));
        foreach (var system in systems)
            await Nodes.UntilUp(system, count);
        return [.. systems];
    }

    public Task<ActorSystem> Join(ActorSystem to, string config = "") =>
        _nodes.JoinTo(Cluster.Get(to), Config + config);

    public ActorSystem StartSystem(string config = "") => _nodes.Start(Config + config);

    public IActorRef StartRegion(
        ActorSystem system,
        Func<ClusterShardingSettings, ClusterShardingSettings>? change = null
    )
    {
        var sharding = ClusterSharding.Get(system);
        var settings = ClusterShardingSettings.Create(system);
        settings = change?.Invoke(settings) ?? settings;
        var life = Life;
        return sharding.Start(
            TypeName,
            id => Props.Create(() => new Counter(id, life)),
            settings,
            Extractor,
            sharding.DefaultShardAllocationStrategy(settings),
            "stop"
        );
    }

    /// <summary>"entity:number".</summary>
    public static IMessageExtractor Extractor { get; } =
        HashCodeMessageExtractor.Create(
            10,
            message =>
                message is string text && text.IndexOf(':', StringComparison.Ordinal) is > 0 and var at
                    ? text[..at]
                    : null
        );

    public static string Port(ActorSystem system) =>
        Cluster.Get(system).SelfAddress.Port!.Value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Asks until somebody answers, as a client of entities that may be moving does.</summary>
    public static async Task<string> Ask(IActorRef region, string message)
    {
        while (true)
        {
            try
            {
                return await region.Ask<string>(message, TimeSpan.FromSeconds(2));
            }
            catch (AskTimeoutException)
            {
                // Asked again below.
            }
        }
    }

    /// <summary>Where each of so many entities answers.</summary>
    public static async Task<string[]> Homes(IActorRef region, int entities) =>
        await Task.WhenAll(Enumerable.Range(0, entities).Select(i => Ask(region, $"e{i}:where")).ToArray())
            .WaitAsync(TimeSpan.FromMinutes(1));

    public async ValueTask DisposeAsync()
    {
        await _nodes.DisposeAsync();
        _folder.Dispose();
    }

    private sealed class Counter : ReceiveActor
    {
        private readonly string _id;
        private readonly ConcurrentQueue<string> _life;
        private readonly string _port = Port(Context.System);

        public Counter(string id, ConcurrentQueue<string> life)
        {
            _id = id;
            _life = life;
            Receive<string>(message => message == "stop", _ => Context.Stop(Self));
            Receive<string>(message =>
            {
                var what = message[(message.IndexOf(':', StringComparison.Ordinal) + 1)..];
                if (what == "passivate")
                    Context.Parent.Tell(new Passivate("stop"));
                else if (what != "where")
                    _life.Enqueue($"{_id} {what}");
                Sender.Tell(_port);
            });
        }

        protected override void PreStart() => _life.Enqueue($"start {_id} {_port}");

        protected override void PostStop() => _life.Enqueue($"end {_id} {_port}");
    }
}
