using Akka.Actor;

namespace Akka.Cluster.Sharding.Simulation;

// Clients send to the region of their node and may repeat until they have an answer.
internal sealed partial class World
{
    private readonly Dictionary<(int Client, int Number), int> _deliveries = [];
    private readonly Dictionary<(int Client, string Entity), int> _lastNumber = [];
    private readonly Dictionary<(int Client, int Number), Request> _unanswered = [];
    private readonly HashSet<int> _databaseCutOff = [];
    private int _clients;

    /// <summary>Requests that have no answer and whose client is there to wait for it.</summary>
    public IReadOnlyCollection<Request> Unanswered => _unanswered.Values;

    /// <summary>Requests that reached no entity.</summary>
    public IEnumerable<Request> Undelivered =>
        _unanswered.Values.Where(request => !_deliveries.ContainsKey((request.Client, request.Number)));

    public int Sent { get; private set; }

    /// <summary>Whether each request is to be delivered once and in order, which holds while nothing fails.</summary>
    public bool ExpectExactlyOnce { get; set; }

    public bool ExpectOrder { get; set; }

    public bool DatabaseReachable(SimulatedNode node) => !_databaseCutOff.Contains(node.Port);

    public void CutFromDatabase(int port) => _databaseCutOff.Add(port);

    public void HealDatabase() => _databaseCutOff.Clear();

    public void Delivered(SimulatedNode node, string entity, Request request)
    {
        var key = (request.Client, request.Number);
        _deliveries[key] = _deliveries.GetValueOrDefault(key) + 1;
        if (ExpectExactlyOnce && _deliveries[key] > 1)
            Fail($"{request} was delivered {_deliveries[key]} times, last on {node}");
        if (ExpectOrder && _lastNumber.TryGetValue((request.Client, entity), out var last) && last > request.Number)
            Fail($"{request} was delivered after number {last}");
        _lastNumber[(request.Client, entity)] = request.Number;
    }

    /// <summary>A client on that node that sends every so often while it may.</summary>
    public void StartClient(SimulatedNode node, Func<bool> maySend, TimeSpan? repeatAfter)
    {
        var client = ++_clients;
        var number = 0;
        IActorRef? self = null;
        self = Open(
            node,
            "client",
            (message, _) =>
            {
                var answer = (Answer)message;
                _unanswered.Remove((answer.Client, answer.Number));
            }
        );
        Next();

        void Next() =>
            Clock.After(
                Ms(10, 400),
                () =>
                {
                    if (!node.Running || node.Region.Stopped || !maySend())
                        return;
                    var entity = Random.Next(Options.Shards * Options.EntitiesPerShard);
                    var request = new Request(client, ++number, $"e{entity}", $"s{entity % Options.Shards}");
                    _unanswered.Add((client, number), request);
                    Sent++;
                    Send(self, node.Region.Ref, request);
                    if (repeatAfter is { } after)
                        Repeat(request, after);
                    Next();
                }
            );

        void Repeat(Request request, TimeSpan after) =>
            Clock.After(
                after,
                () =>
                {
                    if (!_unanswered.ContainsKey((request.Client, request.Number)))
                        return;
                    if (!node.Running || node.Region.Stopped)
                    {
                        _unanswered.Remove((request.Client, request.Number));
                        return;
                    }
                    Send(self, node.Region.Ref, request);
                    Repeat(request, after);
                }
            );
    }
}
