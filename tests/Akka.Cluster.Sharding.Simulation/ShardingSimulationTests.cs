using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Xunit.Abstractions;

namespace Akka.Cluster.Sharding.Simulation;

/// <summary>The whole of sharding in virtual time, one seed a run. A failure names its seed; HATCHERY_SEED runs that one alone.</summary>
public sealed class ShardingSimulationTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void While_nodes_only_join_and_leave_every_message_is_delivered_once() =>
        Run(400, seed => Calm(seed, new Options { Lease = seed % 2 == 0 }, ordered: false));

    [Fact]
    public void Messages_of_one_sender_stay_in_order_while_shards_move_and_no_message_takes_longer_than_two_others() =>
        Run(300, seed => Calm(seed, new Options { LatencyMs = (6, 11), OrderPerNode = true }, ordered: true));

    [Fact]
    public void A_shard_is_live_once_and_everything_is_answered_after_kills_partitions_and_restarts() =>
        Run(1000, seed => Faults(seed, new Options { EntitiesHang = true }));

    [Fact]
    public void So_it_is_while_messages_are_lost() =>
        Run(300, seed => Faults(seed, new Options { LossOneIn = 50, EntitiesHang = true }));

    [Fact]
    public void Without_the_lease_two_sides_of_a_partition_have_a_shard_live_at_once()
    {
        var seen = Enumerable
            .Range(0, 60)
            .Any(seed =>
                Faults(seed, new Options { Lease = false })
                    .Violations.Any(v => v.Contains("is live on", StringComparison.Ordinal))
            );

        Assert.True(seen, "the simulation does not see what the lease is for");
    }

    [Fact]
    public void A_seed_replays_exactly() =>
        Assert.Equal(Faults(7, new Options()).Trace, Faults(7, new Options()).Trace);

    private static string? Asked => Environment.GetEnvironmentVariable("HATCHERY_SEED");

    private static World Calm(int seed, Options options, bool ordered)
    {
        options = options with { Verbose = Asked is not null };
        var random = new Random(seed);
        var world = new World(random, options with { Nodes = random.Next(1, 5) })
        {
            ExpectExactlyOnce = true,
            ExpectOrder = ordered,
        };
        var port = 10;
        var sending = true;
        var leaving = new HashSet<SimulatedNode>();
        foreach (var node in world.Running)
            StartClients(world, node, () => sending && !leaving.Contains(node), null);
        world.Clock.RunFor(10 * Second);
        for (var step = 0; step < 6; step++)
        {
            var staying = world.Running.Where(node => !leaving.Contains(node)).ToList();
            if (staying.Count < 2 || random.Next(2) == 0)
            {
                var joined = world.StartNode(port++);
                StartClients(world, joined, () => sending && !leaving.Contains(joined), null);
            }
            else
            {
                var node = staying[random.Next(staying.Count)];
                leaving.Add(node);
                // What its clients have sent already is still on its way.
                world.Clock.After(Second, () => world.Leave(node));
            }
            world.Clock.RunFor(random.Next(1, 15) * Second);
        }
        sending = false;
        world.Clock.RunFor(120 * Second);
        Check(world);
        if (world.DeadLetters > 0)
            world.Fail($"{world.DeadLetters} messages were dropped");
        return world;
    }

    private static World Faults(int seed, Options options)
    {
        options = options with { Verbose = Asked is not null };
        var random = new Random(seed);
        var world = new World(random, options);
        var sending = true;
        foreach (var node in world.Running)
            StartClients(world, node, () => sending, Second);
        world.Clock.RunFor(8 * Second);
        for (var step = 0; step < 4; step++)
        {
            Disturb(world, random, () => sending);
            world.Clock.RunFor(random.Next(1, 25) * Second);
        }
        world.Heal();
        world.HealDatabase();
        world.Clock.RunFor(20 * Second);
        sending = false;
        world.Clock.RunFor(90 * Second);
        Check(world);
        return world;
    }

    private static void Disturb(World world, Random random, Func<bool> sending)
    {
        var running = world.Running.ToList();
        switch (random.Next(5))
        {
            case 0 when running.Count > 2:
                world.Kill(running[random.Next(running.Count)]);
                break;
            case 1 when running.Count > 2:
                var cutOff = running.Where(_ => random.Next(3) == 0).Select(node => node.Port).ToHashSet();
                if (cutOff.Count == 0 || cutOff.Count * 2 >= running.Count)
                    break;
                world.Partition(cutOff);
                foreach (var port in cutOff.Where(_ => random.Next(2) == 0))
                    world.CutFromDatabase(port);
                // Whoever lost is gone before the network is whole again, as the resolver has it.
                world.Clock.RunFor(TimeSpan.FromMilliseconds(7000 + world.Options.DowningSkewMs) + (2 * Second));
                world.Heal();
                world.HealDatabase();
                break;
            case 2 when running.Count > 2:
                world.Leave(running[random.Next(running.Count)]);
                break;
            case 3:
                var free = Enumerable.Range(0, 40).First(port => world.Running.All(node => node.Port != port));
                var joined = world.StartNode(free);
                StartClients(world, joined, sending, Second);
                break;
            case 4:
                var alone = running[random.Next(running.Count)];
                world.CutFromDatabase(alone.Port);
                world.Clock.After(random.Next(1, 20) * Second, world.HealDatabase);
                break;
        }
    }

    private static void StartClients(World world, SimulatedNode node, Func<bool> maySend, TimeSpan? repeatAfter)
    {
        for (var i = 0; i < 2; i++)
            world.StartClient(node, maySend, repeatAfter);
    }

    private static void Check(World world)
    {
        if (world.Sent == 0)
            world.Fail("nothing was sent");
        var missing = world.ExpectExactlyOnce ? world.Undelivered.ToList() : world.Unanswered;
        if (missing.Count > 0)
            world.Fail($"{missing.Count} requests have no answer, as {missing.First()}");
        foreach (var node in world.Running.Where(node => node.Region.Buffered > 0))
            world.Fail($"{node} still keeps {node.Region.Buffered} messages");
    }

    private void Run(int seeds, Func<int, World> simulate)
    {
        var all = Asked is null ? Enumerable.Range(0, seeds) : [int.Parse(Asked, CultureInfo.InvariantCulture)];
        var sent = 0L;
        var failed = new ConcurrentBag<(int Seed, World World)>();
        Parallel.ForEach(
            all,
            (seed, loop) =>
            {
                var world = simulate(seed);
                Interlocked.Add(ref sent, world.Sent);
                if (world.Violations.Count == 0)
                    return;
                failed.Add((seed, world));
                loop.Stop();
            }
        );
        foreach (var (seed, broken) in failed.OrderBy(each => each.Seed).Take(1))
        {
            var report = new StringBuilder($"HATCHERY_SEED={seed}: {broken.Violations[0]}\n");
            foreach (var line in broken.Trace.TakeLast(Asked is null ? 60 : 100_000))
                report.AppendLine(line);
            Assert.Fail(report.ToString());
        }
        output.WriteLine($"{sent} messages");
    }
}
