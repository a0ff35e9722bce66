using Hatchery.Disks;

namespace Hatchery.Mirroring.Simulation;

/// <summary>A session at one server: its own write cache, the core that mirrors it, and the device's connections.</summary>
internal sealed partial class SimulatedStreamer
{
    private static readonly TimeSpan TakePatience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan UnattendedPatience = TimeSpan.FromSeconds(6);

    private readonly World _world;
    private readonly SimulatedServer _server;
    private readonly StreamerCore _core;
    private readonly List<Connection> _clients = [];
    private readonly List<(int Asked, Connection Client)> _logins = [];
    private int _asked;
    private TimeSpan _offerAgainAt;
    private bool _isEnded;

    public SimulatedStreamer(
        World world,
        SimulatedServer server,
        SessionRow row,
        CachePosition seal,
        bool isUnattended = false
    )
    {
        (_world, _server, Row, IsUnattended) = (world, server, row, isUnattended);
        _head = _localEnd = _localSynced = _acknowledged = _mirrorSynced = seal;
        _visible = Copy.Content();
        _segments = [.. Copy.Segments.Keys];
        foreach (var (segment, record) in Copy.Records())
            if (record.Kind == RecordKind.Write)
                _written[record.Number] = (record.Value, segment);
        _core = new(
            server.Name,
            row,
            new(row.Device, row.Boot, default, 4096),
            seal,
            world.Settings,
            this,
            world.Time.Now
        );
    }

    public SessionRow Row { get; }

    /// <summary>It is open for the sake of its copies, and no login shares it.</summary>
    public bool IsUnattended { get; }

    public Epoch Epoch => Row.Epoch;

    public LayerId Layer => Row.Cache;

    public int Boot => World.BootOf(Row.Boot);

    public IReadOnlyDictionary<int, long> Visible => _visible;

    /// <summary>Every copy there is meant to be is there.</summary>
    public bool IsSettled =>
        !_isEnded
        && _core.Row.Members.Length == _world.Settings.Copies
        && !_core.Row.Members.Any(_world.Draining.Contains);

    public SessionRow KnownRow => _core.Row;

    private SimulatedCopy Copy => _server.Copies[Layer];

    public void Start()
    {
        _core.Start(Row, _world.Time.Now);
        var openedAt = _world.Time.Now;
        _server.Every(
            TimeSpan.FromMilliseconds(100),
            () =>
            {
                if (_isEnded)
                    return false;
                // Who was granted the next epoch, and did not open it, has not ended this one. In the end the farm view tells; nothing leans on that.
                if (!_world.IsFaulty && _world.Database.Row?.Epoch > Epoch)
                    End("another server was granted the next epoch");
                _core.Tick(_world.Time.Now);
                Move();
                if (IsUnattended && (IsSettled || _world.Time.Now - openedAt > UnattendedPatience))
                    End("it is open without the device for no longer");
                return !_isEnded;
            }
        );
    }

    /// <summary>
    /// Where the copies are to be; and the server that the device is to go on at opens an epoch once it has one. Until that is promised here,
    /// the session goes on.
    /// </summary>
    private void Move()
    {
        if (_isEnded)
            return;
        if (_world.Target is { } target && (target == _server.Name || _world.Draining.Contains(target)))
            _world.Target = null;
        _core.Want(_world.Draining.ToHashSet(StringComparer.Ordinal), _world.Target, _world.Time.Now);
        if (
            _isEnded
            || _offerAgainAt > _world.Time.Now
            || IsUnattended
            || _world.PreferredOf(_core.Row) is not { } next
            || next == _server.Name
        )
            return;
        _offerAgainAt = _world.Time.Now + TakePatience;
        _world.OfferSession(_server, next, Boot, Epoch);
    }

    public void Admit(Connection client)
    {
        if (!_clients.Contains(client))
            _clients.Add(client);
        client.ToOpener(new ClientAdmitted());
    }

    /// <summary>A login that comes while the session runs: it shares it when this still is the newest epoch.</summary>
    public void Share(Connection client)
    {
        if (_world.Has(Defect.LoginSharesUnasked))
        {
            Admit(client);
            return;
        }
        // Before it is asked for: it may be given at once.
        _logins.Add((++_asked, client));
        _core.Confirm(_world.Time.Now);
    }

    public bool IsOf(Connection client) => _clients.Contains(client);

    public void Handle(Connection client, ClientRequest request)
    {
        switch (request.Work)
        {
            case ClientWork.Read:
                var value = _visible.GetValueOrDefault(request.Block);
                _world.Ledger.Read(this, request.Block, value);
                Reply(client, request, value);
                break;
            case ClientWork.Flush:
                Flush(() => Reply(client, request, 0));
                break;
            case ClientWork.Write when !_core.HasRoom:
                _waiting.Enqueue(() => Write(client, request));
                break;
            default:
                Write(client, request);
                break;
        }
    }

    public void End(string reason)
    {
        if (_isEnded)
            return;
        _isEnded = true;
        _world.Trace($"{_server.Name}: session {Epoch} ends: {reason}");
        if (_server.Session == this)
            _server.Session = null;
        foreach (var client in _clients.Concat(_logins.Select(l => l.Client)))
            client.EndFrom(_server.Name);
        foreach (var connection in _members.Values)
            connection.EndFrom(_server.Name);
    }

    private void Reply(Connection client, ClientRequest request, long value)
    {
        if (!_isEnded)
            client.ToOpener(new ClientReply(request.Number, value));
    }
}
