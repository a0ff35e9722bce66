using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Sharding;
using Petabridge.Cmd.Host;

namespace Petabridge.Cmd.Cluster.Sharding;

/// <summary>The built-in palette `cluster-sharding`: which kinds of entities this node shards, and where they are.</summary>
public sealed class ClusterShardingCommands : CommandPaletteHandler
{
    private ClusterShardingCommands()
        : base(
            new(
                "cluster-sharding",
                [
                    new CommandDefinitionBuilder()
                        .WithName("list-regions")
                        .WithDescription("Lists the regions that this node has")
                        .Build(),
                    new CommandDefinitionBuilder()
                        .WithName("region-stats")
                        .WithDescription("Shows how many shards and entities of a region each node has")
                        .WithArgument(a =>
                            a.WithName("region")
                                .WithDescription("as list-regions names it")
                                .WithSwitch("-r")
                                .WithSwitch("--region")
                                .IsMandatory(true)
                        )
                        .Build(),
                ]
            )
        ) { }

    public static ClusterShardingCommands Instance { get; } = new();

    public override Props HandlerProps => Props.Create(() => new Handler(Palette));

    private sealed class Handler : CommandHandlerActor
    {
        private static readonly TimeSpan s_regionsLimit = TimeSpan.FromSeconds(5);

        private readonly ClusterSharding _sharding = ClusterSharding.Get(Context.System);
        private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);

        public Handler(CommandPalette palette)
            : base(palette)
        {
            Process(
                "list-regions",
                _ =>
                    Sender.Tell(
                        new CommandResponse(string.Join('\n', _sharding.ShardTypeNames.Order(StringComparer.Ordinal)))
                    )
            );
            Process("region-stats", (_, a) => Stats(a.ArgumentValues("region").First()));
        }

        private void Stats(string region)
        {
            if (!_sharding.ShardTypeNames.Contains(region))
            {
                Sender.Tell(new ErroredCommandResponse($"no region {region}: see cluster-sharding list-regions"));
                return;
            }
            _ = StatsAsync(_sharding.ShardRegion(region), _cluster.State, _sharding.Settings.Role).PipeTo(Sender);
        }

        private static async Task<CommandResponse> StatsAsync(
            IActorRef region,
            ClusterEvent.CurrentClusterState state,
            string? role
        )
        {
            try
            {
                var stats = await region.Ask<ClusterShardingStats>(
                    new GetClusterShardingStats(s_regionsLimit),
                    s_regionsLimit * 2
                );
                var coordinator = Coordinator(state, role);
                return new CommandResponse(
                    string.Join(
                        '\n',
                        stats
                            .Regions.OrderBy(r => r.Key, Member.AddressOrdering)
                            .Select(r => Line(r.Key, r.Value, state, coordinator))
                    )
                );
            }
            catch (AskTimeoutException)
            {
                return new ErroredCommandResponse(
                    "the region does not answer: its coordinator may be about to move, try again"
                );
            }
        }

        /// <summary>The coordinator is a singleton: it runs at the oldest member.</summary>
        private static Address? Coordinator(ClusterEvent.CurrentClusterState state, string? role) =>
            state
                .Members.Where(m =>
                    m.Status is MemberStatus.Up or MemberStatus.Leaving or MemberStatus.Exiting
                    && (string.IsNullOrEmpty(role) || m.HasRole(role))
                )
                .Aggregate((Member?)null, (oldest, m) => oldest is null || m.IsOlderThan(oldest) ? m : oldest)
                ?.Address;

        private static string Line(
            Address address,
            ShardRegionStats stats,
            ClusterEvent.CurrentClusterState state,
            Address? coordinator
        )
        {
            var member = state.Members.FirstOrDefault(m => m.Address.Equals(address));
            var roles = member?.Roles.Order(StringComparer.Ordinal) ?? Enumerable.Empty<string>();
            var line = string.Join(
                " | ",
                address,
                $"[{string.Join(',', roles)}]",
                member?.Status.ToString().ToLowerInvariant() ?? "removed",
                $"shards: {stats.Stats.Count}",
                $"entities: {stats.Stats.Values.Sum()}"
            );
            return address.Equals(coordinator) ? line + " | coordinator" : line;
        }
    }
}
