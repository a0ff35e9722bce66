using Akka.Cluster.SBR;

namespace Akka.Cluster.Simulation.Membership;

/// <summary>One seed: nodes join, faults come and go, then everything is whole again and has to become one cluster.</summary>
/// <param name="seed">Decides on everything.</param>
/// <param name="strategy">The strategy for that many nodes.</param>
/// <param name="settings">The settings of all nodes.</param>
/// <param name="neverSplits">
/// Whether two halves may never work on side by side. A quorum and a lease promise that whatever happens; majority and
/// oldest only when a partition stands still for as long as <c>stable-after</c> and the failure detector need.
/// </param>
/// <param name="least">How many members that are Up or Leaving a side of that many nodes has to have for that promise to hold.</param>
/// <param name="isPaced">Whether each fault waits until the one before is resolved.</param>
/// <param name="trace">Whether to write down what happens.</param>
internal sealed class Run(
    int seed,
    Func<int, Strategy> strategy,
    ClusterSettings settings,
    bool neverSplits,
    Func<int, int> least,
    bool isPaced,
    bool trace = false
)
{
    private static readonly TimeSpan Faults = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(200);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private World _world = null!;
    private int _count;

    public string? TraceText => _world.TraceText;

    /// <summary>Throws <see cref="InvariantBrokenException"/> when something is as it must not be.</summary>
    public void Execute()
    {
        var random = new Random(seed);
        _count = random.Next(2, 6);
        _world = new World(seed, strategy(_count), settings, neverSplits, least(_count), trace);
        for (var number = 1; number <= _count; number++)
            Start(number, Second * random.NextDouble() * (number - 1));
        for (var at = Second * (5 + random.Next(5)); at < Faults; at += Second * (isPaced ? 18 : 1 + random.Next(8)))
            _world.Network.At(at, Fault);
        While(Faults, () => true);
        _world.Trace("all is whole again");
        _world.Network.Heal();
        _world.Network.Loss = 0;
        _world.Network.LongestDelay = TimeSpan.FromMilliseconds(20);
        Revive();
        While(Limit, () => !_world.HasConverged(_count) && !_world.HasSplit);
        if (!_world.HasConverged(_count) && !_world.HasSplit && (_world.NeverSplits || !_world.IsApart()))
            throw new InvariantBrokenException(
                $"no convergence {Limit - Faults} after all was whole:\n{_world.Describe()}"
            );
    }

    private void While(TimeSpan end, Func<bool> goOn)
    {
        var steps = 0;
        while (_world.Network.Step(end))
        {
            // Not at each step: it costs more than the step.
            if (++steps % 64 != 0)
                continue;
            _world.CompareStates();
            if (!goOn())
                return;
        }
    }

    private void Start(int number, TimeSpan delay) =>
        _world.Network.After(
            delay,
            () =>
            {
                if (_world.At(number) is not { IsAlive: true })
                    _world.Start(number, _count);
            }
        );

    // Who was downed, has left or died is started again, as systemd would.
    private void Revive()
    {
        for (var number = 1; number <= _count; number++)
        {
            if (_world.At(number) is not { IsAlive: true })
                Start(number, Second * _world.Random.NextDouble());
        }
        _world.Network.After(Second * 2, Revive);
    }

    private void Fault()
    {
        var random = _world.Random;
        var number = random.Next(1, _count + 1);
        switch (random.Next(isPaced ? 9 : 10))
        {
            case 0:
                _world.Trace($"kill n{number}");
                _world.At(number)?.Kill();
                break;
            case 1:
                _world.Trace($"kill and restart n{number}");
                _world.At(number)?.Kill();
                Start(number, Second * random.Next(10));
                break;
            case 2:
                _world.Trace($"freeze n{number}");
                _world.At(number)?.Freeze(_world.Network.Now + Second * random.Next(1, isPaced ? 5 : 30));
                break;
            case 3:
                _world.Trace($"leave n{number}");
                _world.At(number)?.Leave();
                break;
            case 4:
                _world.Trace("heal");
                _world.Network.Heal();
                break;
            case 5:
                _world.Network.Loss = random.Next(3) * 0.1;
                _world.Network.LongestDelay = Second * (random.Next(3) == 0 ? 2 : 0.05);
                _world.Trace($"loss {_world.Network.Loss}, delay {_world.Network.LongestDelay}");
                break;
            case 6:
                Start(number, Second * random.Next(3));
                break;
            case 9:
                _world.Trace("the next leader that has somebody to take in is to freeze");
                _world.LeaderStandsStillFor = Second * random.Next(8, 30);
                break;
            default:
                Partition(random);
                break;
        }
    }

    /// <summary>Cuts between two groups, or single links; in one direction, or both.</summary>
    private void Partition(Random random)
    {
        var oneWay = random.Next(3) == 0;
        var single = random.Next(3) == 0;
        var side = Enumerable.Range(0, _count + 1).Select(_ => random.Next(2) == 0).ToArray();
        for (var from = 1; from <= _count; from++)
        {
            for (var to = 1; to <= _count; to++)
            {
                var cut = single ? from != to && random.Next(_count * 2) == 0 : side[from] && !side[to];
                if (!cut)
                    continue;
                _world.Trace($"cut n{from} -> n{to}{(oneWay ? "" : " and back")}");
                _world.Network.Cut(World.AddressOf(from), World.AddressOf(to));
                if (!oneWay)
                    _world.Network.Cut(World.AddressOf(to), World.AddressOf(from));
            }
        }
    }
}
