using Akka.Cluster.SBR;

namespace Akka.Cluster.Simulation.Membership;

/// <summary>For how long a lease guards what was decided with it.</summary>
public sealed class LeaseGuardTests
{
    /// <summary>
    /// One of three stands still, the others take the lease and remove it; when it goes on, links let nothing reach it. The lease is held for
    /// <c>release-after</c> from the removal, or as long as the lease lasts without its holder. Who stood still for longer
    /// takes it and goes on by itself, with the official resolver as with ours: nothing there knows who had the lease before.
    /// </summary>
    [Theory]
    [InlineData(28, true, false)]
    [InlineData(28, false, false)]
    [InlineData(60, true, true)]
    [InlineData(60, false, true)]
    public void Who_stood_still_for_longer_than_the_lease_is_held_takes_it(
        int seconds,
        bool holderLeaves,
        bool splits
    ) =>
        // Not with each seed: now and then the database is away, and who has no answer goes.
        Assert.Equal(splits, Enumerable.Range(0, 20).Any(seed => Splits(seed, seconds, holderLeaves)));

    private static bool Splits(int seed, int seconds, bool holderLeaves)
    {
        var world = new World(
            seed,
            new LeaseMajority(null),
            MembershipSimulationTests.Settings,
            neverSplits: false,
            least: 0,
            trace: false
        );
        for (var number = 1; number <= 3; number++)
        {
            world.Start(number, 3);
            RunUntil(number);
        }
        RunUntil(6);
        world.At(1)!.Freeze(TimeSpan.FromSeconds(6 + seconds));
        RunUntil(8);
        foreach (var other in new[] { 2, 3 })
            world.Network.Cut(World.AddressOf(other), World.AddressOf(1));
        RunUntil(19);
        if (holderLeaves)
            world.At(2)!.Leave();
        RunUntil(6 + seconds + 20);
        return world.HasSplit;

        void RunUntil(int second)
        {
            while (world.Network.Step(TimeSpan.FromSeconds(second))) { }
        }
    }
}
