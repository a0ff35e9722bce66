using Hatchery.Disks;

namespace Hatchery.Mirroring.Simulation;

/// <summary>One server: a host with a disk, and a process on it with copies that others append to and perhaps the device's session.</summary>
internal sealed class SimulatedServer(World world, string name)
{
    private readonly Dictionary<LayerId, SimulatedMember> _members = [];
    private readonly Dictionary<LayerId, TimeSpan> _diskFreeAt = [];
    private readonly Dictionary<LayerId, TimeSpan> _syncEndsAt = [];
    private readonly List<Connection> _connections = [];
    private readonly Queue<Action> _held = new();
    private TimeSpan _frozenUntil;
    private TimeSpan _syncsFailUntil;
    private TimeSpan _fullUntil;
    private TimeSpan _slowUntil;
    private int _incarnation;

    public string Name => name;

    public Dictionary<LayerId, SimulatedCopy> Copies { get; } = [];

    public int HostRun { get; private set; }

    public bool IsUp { get; private set; } = true;

    public bool HasPower { get; private set; } = true;

    public bool IsFrozen => _frozenUntil > world.Time.Now;

    public bool SyncsFail => _syncsFailUntil > world.Time.Now;

    public bool IsFull => _fullUntil > world.Time.Now;

    public SimulatedStreamer? Session { get; set; }

    /// <summary>Logins that wait while an epoch is opened here before its device comes; null: none is.</summary>
    public List<Action>? Waiting { get; set; }

    public void Kill()
    {
        if (!IsUp)
            return;
        (IsUp, Session, Waiting) = (false, null, null);
        _incarnation++;
        _members.Clear();
        _diskFreeAt.Clear();
        _syncEndsAt.Clear();
        _held.Clear();
        foreach (var connection in _connections)
            connection.EndFrom(name);
        _connections.Clear();
    }

    public void LosePower()
    {
        foreach (var connection in _connections)
            connection.FallSilent();
        _connections.Clear();
        Kill();
        if (!HasPower)
            return;
        HasPower = false;
        foreach (var copy in Copies.Values)
            copy.LosePower(world.Random);
    }

    public void Start()
    {
        if (!HasPower)
            HostRun++;
        (IsUp, HasPower) = (true, true);
    }

    public void Freeze(TimeSpan until) => _frozenUntil = until;

    public void FailSyncs(TimeSpan until) => _syncsFailUntil = until;

    public void BeFull(TimeSpan until) => _fullUntil = until;

    public void BeSlow(TimeSpan until) => _slowUntil = until;

    public void Heal() => _syncsFailUntil = _fullUntil = _slowUntil = default;

    public SimulatedMember Member(LayerId layer)
    {
        if (!_members.TryGetValue(layer, out var member))
            _members[layer] = member = new(world, this, layer);
        return member;
    }

    public CopyState StateOf(LayerId layer)
    {
        if (!Copies.TryGetValue(layer, out var copy))
            return new(CopyCondition.Missing, default);
        return copy.State(world.Has(Defect.PowerLossIsForgotten) ? copy.HostRun : HostRun);
    }

    /// <summary>An action that happens only while this process lives, and not while it stands still.</summary>
    public Action Guarded(Action action)
    {
        var incarnation = _incarnation;
        return Run;

        void Run()
        {
            if (!IsUp || incarnation != _incarnation)
                return;
            if (IsFrozen || _held.Count > 0)
                Hold(action);
            else
                action();
        }
    }

    /// <summary>What comes while the process stands still it meets afterwards, in the same order.</summary>
    private void Hold(Action action)
    {
        _held.Enqueue(action);
        if (_held.Count == 1)
            world.Time.At(_frozenUntil, Thaw);

        void Thaw()
        {
            if (IsFrozen)
            {
                world.Time.At(_frozenUntil, Thaw);
                return;
            }
            while (_held.TryPeek(out var next))
            {
                next();
                // It may have ended the process.
                _held.TryDequeue(out _);
            }
        }
    }

    public Action<T> Guarded<T>(Action<T> action)
    {
        var incarnation = _incarnation;
        return value =>
        {
            if (incarnation == _incarnation)
                Guarded(() => action(value))();
        };
    }

    public void Every(TimeSpan interval, Func<bool> action)
    {
        world.Time.After(
            interval,
            Guarded(() =>
            {
                if (action())
                    Every(interval, action);
            })
        );
    }

    /// <summary>Work on a copy's files, one after the other.</summary>
    /// <param name="isBesideSync">It does not wait for a <see cref="SyncBeside"/> that is under way.</param>
    public void OnDisk(LayerId layer, bool isSync, Action work, bool isBesideSync = false)
    {
        var at = FreeAt(layer, isBesideSync) + Cost(isSync);
        _diskFreeAt[layer] = at;
        world.Time.At(at, Guarded(work));
    }

    /// <summary>Syncs what the files have when it is its turn, while more is written behind it.</summary>
    public void SyncBeside(LayerId layer, Action<DiskOutcome> ended)
    {
        var at = FreeAt(layer, isBesideSync: false);
        var lengths = new Dictionary<int, int>();
        _diskFreeAt[layer] = at;
        _syncEndsAt[layer] = at + Cost(isSync: true);
        world.Time.At(
            at,
            Guarded(() =>
            {
                foreach (var (number, segment) in Copies[layer].Segments)
                    lengths[number] = segment.Length;
            })
        );
        world.Time.At(_syncEndsAt[layer], Guarded(() => ended(Sync(layer, lengths))));
    }

    private TimeSpan FreeAt(LayerId layer, bool isBesideSync)
    {
        var (free, synced) = (_diskFreeAt.GetValueOrDefault(layer), _syncEndsAt.GetValueOrDefault(layer));
        if (!isBesideSync && synced > free)
            free = synced;
        return free > world.Time.Now ? free : world.Time.Now;
    }

    private TimeSpan Cost(bool isSync)
    {
        var cost = TimeSpan.FromMilliseconds(world.Random.NextDouble() * (isSync ? 8 : 0.5));
        return _slowUntil > world.Time.Now ? cost * (isSync ? 800 : 20) : cost;
    }

    /// <summary>Syncs every segment; one failed sync is the end of the copy.</summary>
    public DiskOutcome Sync(LayerId layer) => Sync(layer, null);

    /// <param name="lengths">What is synced of each; null: all of all.</param>
    private DiskOutcome Sync(LayerId layer, Dictionary<int, int>? lengths)
    {
        var copy = Copies[layer];
        if (SyncsFail && copy.Segments.Values.Any(s => s.Durable < s.Length))
            return Lose(layer);
        foreach (var (number, segment) in copy.Segments)
            segment.Sync(lengths is null ? segment.Length : lengths.GetValueOrDefault(number));
        return DiskOutcome.Done;
    }

    public DiskOutcome Lose(LayerId layer)
    {
        world.HadDataLoss = true;
        var copy = Copies[layer];
        foreach (var segment in copy.Segments.Values)
            if (segment.Durable < segment.Length)
                segment.DropUnsynced();
        if (world.Has(Defect.FailedSyncIsIgnored))
        {
            foreach (var segment in copy.Segments.Values)
                segment.Sync();
            return DiskOutcome.Done;
        }
        copy.IsLost = true;
        world.Trace($"{name}: a sync failed, its copy is lost");
        return DiskOutcome.Lost;
    }

    /// <summary>Another process comes in over a connection.</summary>
    public void Accept(Connection connection)
    {
        _connections.Add(connection);
        connection.OnServer = Guarded<object>(message =>
        {
            switch (message)
            {
                case byte[] frame:
                    if (MirrorCodec.TryRead(frame, out var layer, out var read, out _) != MirrorRead.Whole)
                        throw new InvariantBrokenException($"{name} cannot read a frame");
                    Member(layer).Receive(connection, read!);
                    break;
                case ClientLogin login:
                    SimulatedLogin.Begin(world, this, connection, login);
                    break;
                case ClientRequest request:
                    SimulatedLogin.Serve(this, connection, request);
                    break;
            }
        });
        connection.ServerEnded = Guarded(() =>
        {
            _connections.Remove(connection);
            foreach (var member in _members.Values)
                member.Core.Disconnected(connection.Number);
        });
    }

    /// <summary>A connection that this server opened: it dies with the process.</summary>
    public void Opened(Connection connection) => _connections.Add(connection);

    public void Closed(Connection connection) => _connections.Remove(connection);
}
