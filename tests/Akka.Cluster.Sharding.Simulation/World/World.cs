using System.Globalization;
using Akka.Actor;

namespace Akka.Cluster.Sharding.Simulation;

/// <summary>A farm in virtual time: nodes, the network between them, one journal, one lease store, and membership as an oracle gives it.</summary>
internal sealed partial class World
{
    private readonly Dictionary<IActorRef, Action<object, IActorRef>> _inboxes = [];
    private readonly Dictionary<IActorRef, HashSet<IActorRef>> _watchersOf = [];
    private readonly Dictionary<(object From, object To), TimeSpan> _lastArrival = [];
    private readonly Dictionary<int, int> _side = [];
    private readonly Dictionary<IActorRef, SimulatedNode> _owners = [];
    private long _uids;

    public World(Random random, Options options)
    {
        Random = random;
        Options = options;
        Leases = new(Clock, options.LeaseTimeToLive);
        for (var port = 0; port < options.Nodes; port++)
            StartNode(port);
    }

    public Random Random { get; }

    public Options Options { get; }

    public VirtualClock Clock { get; } = new();

    public LeaseStore Leases { get; }

    /// <summary>The coordinator's events, and who may write the next: a writer that did not see the last one fails.</summary>
    public List<ICoordinatorEvent> Journal { get; } = [];

    public List<string> Trace { get; } = [];

    public List<string> Violations { get; } = [];

    public List<SimulatedNode> Nodes { get; } = [];

    public IEnumerable<SimulatedNode> Running => Nodes.Where(node => node.Running);

    public int DeadLetters { get; private set; }

    public void Log(string text) =>
        Trace.Add($"{Clock.Now.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture)} {text}");

    public void Fail(string what)
    {
        Log("VIOLATION " + what);
        Violations.Add(what);
    }

    public TimeSpan Ms(int least, int most) => TimeSpan.FromMilliseconds(Random.Next(least, most + 1));

    public IActorRef Open(SimulatedNode node, string name, Action<object, IActorRef> inbox)
    {
        var reference = new SimulatedRef(node.Port, node.Incarnation, name, ++_uids);
        _inboxes.Add(reference, inbox);
        _owners.Add(reference, node);
        return reference;
    }

    /// <summary>It is no more: its watchers hear of it, as far as the network lets them.</summary>
    public void Close(IActorRef reference)
    {
        if (!_inboxes.Remove(reference) || !_watchersOf.Remove(reference, out var watchers))
            return;
        foreach (var watcher in watchers.Order())
            Send(reference, watcher, new Gone(reference), lossless: true);
    }

    public void Watch(IActorRef watcher, IActorRef target)
    {
        if (!_watchersOf.TryGetValue(target, out var watchers))
            _watchersOf.Add(target, watchers = []);
        watchers.Add(watcher);
        // One that is gone already is reported by its node, or by the next incarnation of that; by nobody when there is none.
        var port = _owners[target].Port;
        if (Alive(target) || Nodes.LastOrDefault(node => node.Port == port && node.Running) is not { } answering)
            return;
        if (answering.Region is { } from)
            Send(from.Ref, watcher, new Gone(target), lossless: true);
    }

    public void Unwatch(IActorRef watcher, IActorRef target) => _watchersOf.GetValueOrDefault(target)?.Remove(watcher);

    private bool Alive(IActorRef reference) => _inboxes.ContainsKey(reference) && _owners[reference].Running;

    /// <summary>One message, in order with the others between the two; gone with a partition, a loss or its receiver.</summary>
    public void Send(IActorRef from, IActorRef to, object message, IActorRef? sender = null, bool lossless = false)
    {
        var (source, target) = (_owners[from], _owners[to]);
        if (!source.Running)
            return;
        if (Options.Verbose && message is ICoordinatorProtocol or Gone)
            Log($"{source}: {message} from {from.Path.Name} to {target} {to.Path.Name}");
        if (source == target)
        {
            Clock.After(TimeSpan.Zero, () => Receive(to, message, sender ?? from));
            return;
        }
        if (!lossless && Options.LossOneIn > 0 && Random.Next(Options.LossOneIn) == 0)
        {
            Log($"lost {message} from {from} to {to}");
            return;
        }
        var arrival = Clock.Now + Ms(Options.LatencyMs.Least, Options.LatencyMs.Most);
        (object, object) pair = Options.OrderPerNode ? (source, target) : (from, to);
        if (_lastArrival.TryGetValue(pair, out var last) && last > arrival)
            arrival = last;
        _lastArrival[pair] = arrival;
        Clock.After(
            arrival - Clock.Now,
            () =>
            {
                if (Connected(source, target))
                    Receive(to, message, sender ?? from);
            }
        );
    }

    /// <summary>To whoever has that name on that node when the message arrives.</summary>
    public void SendByName(IActorRef from, int port, Func<SimulatedNode, IActorRef?> find, object message)
    {
        var source = _owners[from];
        Clock.After(
            Ms(Options.LatencyMs.Least, Options.LatencyMs.Most),
            () =>
            {
                var target = Nodes.LastOrDefault(node => node.Port == port && node.Running);
                if (target is not null && source.Running && Connected(source, target) && find(target) is { } found)
                    Receive(found, message, from);
            }
        );
    }

    public bool Connected(SimulatedNode one, SimulatedNode other) =>
        _side.GetValueOrDefault(one.Port) == _side.GetValueOrDefault(other.Port);

    public void DeadLetter(object message)
    {
        DeadLetters++;
        Log($"dead letter {message}");
    }

    private void Receive(IActorRef to, object message, IActorRef sender)
    {
        if (!_owners[to].Running)
            return;
        if (_inboxes.TryGetValue(to, out var inbox))
            inbox(message, sender);
        else if (message is Request)
            DeadLetter(message);
    }

    /// <summary>What was watched has ended.</summary>
    internal sealed record Gone(IActorRef Subject);
}

/// <summary>A client's message to an entity, and its answer.</summary>
internal sealed record Request(int Client, int Number, string Entity, string Shard);

internal sealed record Answer(int Client, int Number);
