namespace Hatchery.Mirroring.Simulation;

/// <summary>The device: reads, writes and flushes a few blocks, goes to the next server when its server is gone, and does again what was not answered.</summary>
internal sealed class Client(World world)
{
    private const int Blocks = 6;
    private const int AtOnce = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly SortedDictionary<long, Request> _open = [];
    private readonly Dictionary<int, long> _known = [];
    private Connection? _connection;
    private bool _isAdmitted;
    private string? _hint;
    private TimeSpan _hopeEndsAt;
    private TimeSpan _restsUntil;
    private TimeSpan _offUntil;
    private long _number;
    private long _value;

    public int Boot { get; private set; } = 1;

    /// <summary>Requests that were answered.</summary>
    public int Done { get; private set; }

    public int Flushes { get; private set; }

    public void Start()
    {
        Login();
        Act();
        Watch();
    }

    /// <summary>It is not there for a while, and goes on then.</summary>
    public void SwitchOff(TimeSpan until)
    {
        _offUntil = until;
        if (_connection is not null)
            GoElsewhere("is switched off");
    }

    private void Act()
    {
        if (_isAdmitted && _open.Count < AtOnce && _restsUntil <= world.Time.Now)
            Begin();
        world.Time.After(TimeSpan.FromMilliseconds(world.Random.NextDouble() * 24), Act);
    }

    private void Watch()
    {
        if (_hopeEndsAt <= world.Time.Now)
            GoElsewhere("has no more patience");
        world.Time.After(TimeSpan.FromMilliseconds(100), Watch);
    }

    private void Begin()
    {
        var block = world.Random.Next(Blocks);
        var work = world.Random.Next(10) switch
        {
            < 6 => ClientWork.Write,
            < 9 => ClientWork.Read,
            _ => ClientWork.Flush,
        };
        if (
            _open.Values.Any(r =>
                work == ClientWork.Flush
                    ? r.Sent.Work == work
                    : r.Sent.Block == block && r.Sent.Work != ClientWork.Flush
            )
        )
            return;
        var request = new Request(
            new(++_number, work, block, work == ClientWork.Write ? ++_value : 0),
            work == ClientWork.Flush ? new(_known) : null
        );
        if (_open.Count == 0)
            _hopeEndsAt = world.Time.Now + Patience;
        _open.Add(request.Sent.Number, request);
        _connection!.ToServer(request.Sent);
    }

    private void Login()
    {
        if (_offUntil > world.Time.Now)
        {
            world.Time.At(_offUntil, Login);
            return;
        }
        var names = world.Servers.Select(s => s.Name).ToArray();
        var server = _hint ?? names[world.Random.Next(names.Length)];
        (_hint, _isAdmitted, _hopeEndsAt) = (null, false, world.Time.Now + Patience);
        Connection? made = null;
        made = _connection = world.Connect(
            null,
            server,
            () => { },
            () =>
            {
                if (_connection == made)
                    GoElsewhere("lost its connection");
            }
        );
        made.OnOpener = Receive;
        made.ToServer(new ClientLogin(Boot));
    }

    private void Receive(object message)
    {
        switch (message)
        {
            case ClientAdmitted when !_isAdmitted:
                world.Trace($"client: admitted by {_connection!.Server}");
                (_isAdmitted, _hopeEndsAt) = (true, world.Time.Now + Patience);
                Again(_connection);
                break;
            case ClientRefused refused:
                _hint = refused.Elsewhere;
                if (refused.MustBoot)
                {
                    world.Trace("client: boots");
                    Boot++;
                    _open.Clear();
                    _known.Clear();
                }
                GoElsewhere("was refused");
                break;
            case ClientReply reply when _open.Remove(reply.Number, out var request):
                Answered(request, reply);
                break;
        }
    }

    /// <summary>What was not answered; now and then the flush alone at first, and the rest after a rest.</summary>
    private void Again(Connection connection)
    {
        var flush = _open.Values.FirstOrDefault(r => r.Sent.Work == ClientWork.Flush);
        if (flush is null || world.Random.Next(2) == 0)
        {
            foreach (var request in _open.Values)
                connection.ToServer(request.Sent);
            return;
        }
        _restsUntil = world.Time.Now + world.Seconds(1);
        connection.ToServer(flush.Sent);
        world.Time.At(
            _restsUntil,
            () =>
            {
                if (_connection == connection)
                    foreach (var request in _open.Values.Where(r => r != flush))
                        connection.ToServer(request.Sent);
            }
        );
    }

    private void Answered(Request request, ClientReply reply)
    {
        Done++;
        _hopeEndsAt = world.Time.Now + Patience;
        switch (request.Sent.Work)
        {
            case ClientWork.Write:
                _known[request.Sent.Block] = request.Sent.Value;
                break;
            case ClientWork.Flush:
                Flushes++;
                world.Ledger.Flushed(Boot, request.Known!);
                break;
            default:
                World.Require(
                    reply.Value == _known.GetValueOrDefault(request.Sent.Block),
                    $"the device read {reply.Value} from block {request.Sent.Block}, and wrote {_known.GetValueOrDefault(request.Sent.Block)}"
                );
                break;
        }
    }

    private void GoElsewhere(string why)
    {
        world.Trace($"client: {why} at {_connection?.Server}");
        _connection?.EndFrom(World.ClientName);
        (_connection, _isAdmitted, _hopeEndsAt) = (null, false, TimeSpan.MaxValue);
        world.Time.After(world.Seconds(0.3), Login);
    }

    private sealed record Request(ClientRequest Sent, Dictionary<int, long>? Known);
}
