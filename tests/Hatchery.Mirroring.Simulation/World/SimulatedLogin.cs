using Hatchery.Disks;

namespace Hatchery.Mirroring.Simulation;

internal sealed record ClientLogin(int Boot);

internal sealed record ClientRequest(long Number, ClientWork Work, int Block, long Value);

internal sealed record ClientReply(long Number, long Value);

/// <param name="Elsewhere">Where to go; null: anywhere.</param>
internal sealed record ClientRefused(bool MustBoot, string? Elsewhere);

internal sealed record ClientAdmitted;

internal enum ClientWork
{
    Write,
    Read,
    Flush,
}

/// <summary>The way from a login to the device's disk at one server.</summary>
internal sealed class SimulatedLogin : IOpeningPort
{
    private readonly World _world;
    private readonly SimulatedServer _server;
    private readonly Connection? _client;
    private readonly SessionRow _row;
    private readonly bool _isUnattended;
    private readonly OpeningCore _core;
    private readonly Dictionary<string, Connection> _connections = new(StringComparer.Ordinal);
    private SimulatedSegment? _fresh;
    private bool _isOver;

    private SimulatedLogin(
        World world,
        SimulatedServer server,
        Connection? client,
        SessionRow row,
        bool isUnattended = false
    )
    {
        (_world, _server, _client, _row, _isUnattended) = (world, server, client, row, isUnattended);
        _core = new(server.Name, row, world.Settings, this, world.Time.Now, unheard: Unheard());
    }

    private LayerId Layer => _row.Cache;

    public static void Begin(World world, SimulatedServer server, Connection client, ClientLogin login)
    {
        if (server.Session is { IsUnattended: false } live && live.Boot == login.Boot)
        {
            live.Share(client);
            return;
        }
        if (server.Waiting is { } waiting)
        {
            waiting.Add(() => Begin(world, server, client, login));
            return;
        }
        world.Trace($"{server.Name}: login of boot {login.Boot}");
        Open(world, server, client, login.Boot, follows: null);
    }

    /// <summary>The session of that epoch is to go on here: the next one is opened, and logins wait for that.</summary>
    public static void Take(World world, SimulatedServer server, int boot, Epoch epoch)
    {
        if (server.Waiting is not null || server.Session?.Epoch > epoch)
            return;
        world.Trace($"{server.Name}: takes boot {boot} from {epoch}");
        server.Waiting = [];
        Open(world, server, client: null, boot, epoch);
    }

    /// <summary>A server opens the write cache without the device, by the row alone, for the sake of the copies.</summary>
    public static void OpenUnattended(World world, SimulatedServer server) =>
        world.Database.Read(
            server.Name,
            server.Guarded<RowAnswer>(read =>
            {
                if (
                    read is not RowAnswer.Is { Row: { } row }
                    || row.Phase == SessionPhase.Booting
                    || SessionRules.Reopen(row, default, server.Name) is not { } wanted
                )
                    return;
                world.Database.Swap(
                    server.Name,
                    wanted,
                    server.Guarded<RowAnswer>(swapped =>
                    {
                        // Somebody has logged in meanwhile.
                        if (
                            swapped is not RowAnswer.Is { Row: { } granted }
                            || server.Waiting is not null
                            || server.Session is not null
                        )
                            return;
                        world.Trace($"{server.Name}: opens {granted.Epoch} without the device");
                        server.Waiting = [];
                        Start(server, new(world, server, client: null, granted, isUnattended: true));
                    })
                );
            })
        );

    private static void Start(SimulatedServer server, SimulatedLogin opening)
    {
        opening._core.Start();
        server.Every(TimeSpan.FromMilliseconds(100), opening.Tick);
    }

    private static void EndTake(SimulatedServer server)
    {
        if (server.Waiting is not { } waiting)
            return;
        server.Waiting = null;
        foreach (var login in waiting)
            login();
    }

    private static void Open(World world, SimulatedServer server, Connection? client, int boot, Epoch? follows) =>
        new SimulatedAsk(
            world,
            server,
            boot,
            follows,
            answer =>
            {
                if (answer?.Row is not { } row)
                {
                    client?.ToOpener(new ClientRefused(MustBoot: false, answer?.Elsewhere));
                    if (client is null)
                        EndTake(server);
                    return;
                }
                World.Require(
                    World.BootOf(row.Boot) == boot,
                    $"a login of boot {boot} is to get the disk of boot {World.BootOf(row.Boot)}"
                );
                server.Session?.End("a new epoch has begun");
                var opening = new SimulatedLogin(world, server, client, row);
                if (row.Phase == SessionPhase.Booting)
                    opening.Create();
                else
                    Start(server, opening);
            }
        ).Begin();

    public static void Serve(SimulatedServer server, Connection client, ClientRequest request)
    {
        if (server.Session is { } session && session.IsOf(client))
            session.Handle(client, request);
    }

    public void Send(string server, MirrorMessage message)
    {
        _world.Trace($"{_server.Name} -> {server} (opening): {World.Describe(message)}");
        if (!_connections.TryGetValue(server, out var connection))
        {
            _connections[server] = connection = _world.Connect(
                _server,
                server,
                () => { },
                () =>
                {
                    if (!_isOver)
                        _core.Unreachable(server, _world.Time.Now);
                }
            );
            connection.OnOpener = _server.Guarded<object>(answer =>
            {
                if (MirrorCodec.TryRead((byte[])answer, out _, out var read, out _) == MirrorRead.Whole && !_isOver)
                    _core.Received(server, read!, _world.Time.Now);
            });
        }
        connection.ToServer(World.Frame(Layer, message));
    }

    public void Swap(SessionRow row)
    {
        if (_world.Has(Defect.OpeningIsNotAwaited))
        {
            _world.Database.Swap(_server.Name, row, _ => { });
            _core.RowAnswered(new RowAnswer.Is(row with { Revision = row.Revision + 1 }), _world.Time.Now);
        }
        else
            _world.Database.Swap(_server.Name, row, Answered());
    }

    public void ReadRow() => _world.Database.Read(_server.Name, Answered());

    public void WriteSegment(Epoch epoch, int segment, long offset, ReadOnlyMemory<byte> bytes, long lengthBytes) =>
        _server.OnDisk(
            Layer,
            isSync: true,
            () =>
            {
                var copy = _server.Copies[Layer];
                if (copy.Promised > epoch || _server.IsFull || _server.SyncsFail)
                {
                    _core.SegmentWritten(segment, offset, lengthBytes, isDone: false, _world.Time.Now);
                    return;
                }
                if (offset == 0)
                    _fresh = new();
                _fresh!.Write((int)offset, bytes.Span);
                if (_fresh.Length == lengthBytes)
                {
                    _fresh.Sync();
                    foreach (var number in copy.Segments.Keys.Where(n => n > segment).ToArray())
                        copy.Segments.Remove(number);
                    copy.Segments[segment] = _fresh;
                }
                _core.SegmentWritten(segment, _fresh.Length, lengthBytes, isDone: true, _world.Time.Now);
            }
        );

    public void Opened(SessionRow row, CachePosition seal)
    {
        // The database's answer may be late, and a write cache is not opened for less than was promised of it here.
        if (_server.Copies[Layer].Promised > row.Epoch)
        {
            NotOpened(OpeningFailure.TryAgain, $"{_server.Copies[Layer].Promised} is promised here", null);
            return;
        }
        _world.Trace($"{_server.Name}: opened {World.Describe(row)}, sealed at {seal}");
        Over();
        Live(row, seal);
    }

    public void NotOpened(OpeningFailure failure, string reason, string? server)
    {
        _world.Trace($"{_server.Name}: not opened, {failure}: {reason}");
        Over();
        if (failure == OpeningFailure.MustBoot)
            _world.Ledger.BootIsOver(_row);
        _client?.ToOpener(new ClientRefused(failure == OpeningFailure.MustBoot, server));
        if (_client is null)
            EndTake(_server);
    }

    /// <summary>A boot: a clean write cache.</summary>
    private void Create() =>
        _server.OnDisk(
            Layer,
            isSync: true,
            () =>
            {
                _server.Copies[Layer] = new() { Promised = _row.Epoch, HostRun = _server.HostRun };
                _world.Database.Swap(
                    _server.Name,
                    SessionRules.Opened(_row, _row.Members),
                    _server.Guarded<RowAnswer>(answer =>
                    {
                        if (answer is RowAnswer.Is { Row: { } row })
                            Live(row, default);
                        else
                            _client?.ToOpener(new ClientRefused(MustBoot: false, null));
                    })
                );
            }
        );

    private void Live(SessionRow row, CachePosition seal)
    {
        var session = new SimulatedStreamer(_world, _server, row, seal, _isUnattended);
        _server.Session = session;
        _world.Ledger.Opened(session);
        session.Start();
        if (_client is not null)
            session.Admit(_client);
        else
        {
            EndTake(_server);
            _world.OneTook(_server);
        }
    }

    private bool Tick()
    {
        if (!_isOver)
            _core.Tick(_world.Time.Now);
        return !_isOver;
    }

    /// <summary>Those that stand still, for the most part; and now and then one that was only slow.</summary>
    private HashSet<string> Unheard() =>
        _world
            .Servers.Where(s => s != _server && (s.IsFrozen ? _world.Random.Next(4) != 0 : _world.Random.Next(8) == 0))
            .Select(s => s.Name)
            .ToHashSet(StringComparer.Ordinal);

    private void Over()
    {
        _isOver = true;
        foreach (var connection in _connections.Values)
        {
            _server.Closed(connection);
            connection.EndFrom(_server.Name);
        }
    }

    private Action<RowAnswer> Answered() =>
        _server.Guarded<RowAnswer>(answer =>
        {
            if (!_isOver)
                _core.RowAnswered(answer, _world.Time.Now);
        });
}
