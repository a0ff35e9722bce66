using System.Collections.Immutable;
using Akka.Cluster.SBR;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Akka.Cluster.Simulation;

/// <summary>Whatever the partition, and whatever of the last changes came to which side: never two sides stay.</summary>
public sealed class PartitionPropertyTests(ITestOutputHelper output)
{
    private const int Runs = 20_000;

    [Theory]
    [InlineData("keep-majority")]
    [InlineData("keep-oldest")]
    [InlineData("static-quorum")]
    public void At_most_one_of_two_sides_stays(string name)
    {
        var random = Seed.New(output);
        for (var run = 0; run < Runs; run++)
        {
            var count = random.Next(2, 9);
            var numbers = Enumerable.Range(1, count).ToArray();
            random.Shuffle(numbers);
            var cut = random.Next(1, count);
            int[][] sides = [numbers[..cut], numbers[cut..]];
            var strategy = IndirectConnectionTests.Named(name, (count / 2) + 1);
            // One of them stays Up: a cluster in which nobody is has nobody to decide.
            var before = Members(random, count);
            // The leader may have acted just before, and told one side only.
            var after = OneStepOn(random, before);
            var partition = new Partition(before, sides);

            var left = new[] { 0, 1 }
                .Select(side =>
                {
                    var members = (side == 0) == (random.Next(2) == 0) ? before : after;
                    return Alive(
                        partition.Left(side, strategy, partition.View(side, members), getsLease: true),
                        members
                    );
                })
                .ToArray();

            Assert.False(
                left[0].Length > 0 && left[1].Length > 0,
                $"run {run}: {string.Join(", ", before.Select(m => $"{m.UniqueAddress.Uid} {m.Status}"))} | after: {string.Join(", ", after.Select(m => $"{m.UniqueAddress.Uid} {m.Status}"))} | sides {string.Join(' ', sides[0])} / {string.Join(' ', sides[1])} | left {string.Join(' ', left[0])} / {string.Join(' ', left[1])}"
            );
        }
    }

    // Those that count, as their side knows them: the others are on their way out, or not yet in.
    private static int[] Alive(int[] left, ImmutableSortedSet<Member> members) =>
        [
            .. left.Where(number =>
                members.Any(member =>
                    member.UniqueAddress.Uid == number
                    && member.Status is MemberStatus.Up or MemberStatus.Leaving or MemberStatus.WeaklyUp
                )
            ),
        ];

    private static ImmutableSortedSet<Member> Members(Random random, int count)
    {
        var ages = Enumerable.Range(1, count).ToArray();
        random.Shuffle(ages);
        return
        [
            .. Enumerable
                .Range(1, count)
                .Select(number =>
                    Partition.Member(number, number == 1 ? MemberStatus.Up : Some(random), ages[number - 1])
                ),
        ];
    }

    private static MemberStatus Some(Random random) =>
        random.Next(10) switch
        {
            0 => MemberStatus.Joining,
            1 => MemberStatus.WeaklyUp,
            2 => MemberStatus.Leaving,
            3 => MemberStatus.Exiting,
            4 => MemberStatus.Down,
            _ => MemberStatus.Up,
        };

    /// <summary>What a leader does at once on convergence: all of it, or nothing.</summary>
    private static ImmutableSortedSet<Member> OneStepOn(Random random, ImmutableSortedSet<Member> members)
    {
        if (random.Next(2) == 0)
            return members;
        var age = 100;
        return
        [
            .. members.Select(member =>
                member.Status switch
                {
                    MemberStatus.Joining or MemberStatus.WeaklyUp => member.CopyUp(++age),
                    MemberStatus.Leaving => member.Copy(MemberStatus.Exiting),
                    _ => member,
                }
            ),
        ];
    }
}
