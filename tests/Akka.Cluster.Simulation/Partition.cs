using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.SBR;
using Akka.Util;

namespace Akka.Cluster.Simulation;

/// <summary>A cluster in parts that do not reach each other, and what each part does by itself.</summary>
internal sealed class Partition
{
    private readonly ImmutableSortedSet<Member> _members;
    private readonly int[][] _sides;

    /// <summary>Reads members such as <c>1U 2J:store</c> (number, first letter of the status, role; the lower number is older) and sides such as <c>1 2|3</c>.</summary>
    public Partition(string members, string sides)
        : this(
            [.. members.Split(' ').Select(Read)],
            [.. sides.Split('|').Select(side => side.Trim().Split(' ').Select(int.Parse).ToArray())]
        ) { }

    public Partition(ImmutableSortedSet<Member> members, int[][] sides)
    {
        _members = members;
        _sides = sides;
    }

    public static UniqueAddress Node(int number) => new(new Address("akka.tcp", "farm", $"n{number:00}", 2552), number);

    public static Member Member(int number, MemberStatus status, int age, params string[] roles) =>
        new(
            Node(number),
            status is MemberStatus.Joining or MemberStatus.WeaklyUp ? int.MaxValue : age,
            status,
            [.. roles],
            AppVersion.Zero
        );

    /// <summary>The numbers of those that are left, by side; the sides of no survivors are empty.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Survivors(Strategy strategy, Func<int, bool>? sideGetsLease = null) =>
        [
            .. Enumerable
                .Range(0, _sides.Length)
                .Select(side => Survivors(strategy, side, sideGetsLease?.Invoke(side) ?? true)),
        ];

    /// <summary>The view of one side: each of its members sees all others as unreachable.</summary>
    public PartitionView View(int side, ImmutableSortedSet<Member>? members = null)
    {
        var here = _sides[side].Select(Node).ToArray();
        var reachability = Reachability.Empty;
        foreach (var observer in here)
        {
            foreach (var subject in _sides.Where((_, other) => other != side).SelectMany(each => each).Select(Node))
                reachability = reachability.Unreachable(observer, subject);
        }
        var gossip = Gossip.Empty.WithMembers(members ?? _members) with
        {
            Reachability = reachability,
            Seen = [.. here],
        };
        return new PartitionView(new MembershipState(gossip, here[0]));
    }

    public int[] Left(int side, Strategy strategy, PartitionView view, bool getsLease)
    {
        var decision = strategy.Decide(view);
        if (!getsLease)
            decision = decision switch
            {
                Decision.AcquireLeaseAndDownUnreachable => Decision.DownReachable,
                Decision.AcquireLeaseAndDownIndirectlyConnected => Decision.ReverseDownIndirectlyConnected,
                _ => decision,
            };
        var downed = strategy.NodesToDown(decision, view);
        return [.. _sides[side].Where(number => !downed.Contains(Node(number))).Order()];
    }

    private int[] Survivors(Strategy strategy, int side, bool getsLease) => Left(side, strategy, View(side), getsLease);

    private static Member Read(string text)
    {
        var parts = text.Split(':');
        var number = int.Parse(parts[0][..^1]);
        var status = parts[0][^1] switch
        {
            'J' => MemberStatus.Joining,
            'W' => MemberStatus.WeaklyUp,
            'U' => MemberStatus.Up,
            'L' => MemberStatus.Leaving,
            'E' => MemberStatus.Exiting,
            _ => MemberStatus.Down,
        };
        return Member(number, status, number, parts[1..]);
    }
}
