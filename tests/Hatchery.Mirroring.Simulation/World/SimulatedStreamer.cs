using System.Collections.Immutable;
using System.Security.Cryptography;
using Hatchery.Disks;

namespace Hatchery.Mirroring.Simulation;

/// <summary>A session at one server: its own write cache, the core that mirrors it, and the device's connections.</summary>
internal sealed class SimulatedStreamer : IStreamerPort
{
    private const int SegmentMaxBytes = 40 * SimulatedRecord.Bytes;
    private const int ReadBytes = 320;

    private readonly World _world;
    private readonly SimulatedServer _server;
    private readonly StreamerCore _core;
    private readonly Dictionary<string, Connection> _members = new(StringComparer.Ordinal);
    private readonly List<Connection> _clients = [];
    private readonly List<(CachePosition End, Action Done)> _writes = [];
    private readonly List<(CachePosition UpTo, Action Done)> _flushes = [];
    private readonly Queue<Action> _waiting = new();
    private readonly Dictionary<int, (long Value, int Segment)> _written = [];
    private readonly Dictionary<int, long> _visible;
    private readonly SortedSet<int> _segments;
    private CachePosition _head;
    private CachePosition _localEnd;
    private CachePosition _localSynced;
    private CachePosition _acknowledged;
    private CachePosition _mirrorSynced;
    private readonly List<(int Asked, Connection Client)> _logins = [];
    private int _asked;
    private bool _hasBegun;
    private bool _isHeld;
    private bool _isCompacting;
    private bool _isEnded;
    private bool _hasFailed;

    public SimulatedStreamer(World world, SimulatedServer server, SessionRow row, CachePosition seal)
    {
        (_world, _server, Row) = (world, server, row);
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
        _server.Every(
            TimeSpan.FromMilliseconds(100),
            () =>
            {
                if (_isEnded)
                    return false;
                _core.Tick(_world.Time.Now);
                Move();
                return !_isEnded;
            }
        );
    }

    /// <summary>Where the copies are to be; and the device goes on elsewhere once there is one.</summary>
    private void Move()
    {
        if (_isEnded)
            return;
        if (_world.Target is { } target && (target == _server.Name || _world.Draining.Contains(target)))
            _world.Target = null;
        _core.Want(_world.Draining.ToHashSet(StringComparer.Ordinal), _world.Target, _world.Time.Now);
        if (!_isEnded && _world.PreferredOf(_core.Row) is { } next && next != _server.Name)
            End($"it goes on at {next}");
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
        // Before it is asked for: it may be given at once.
        _logins.Add((++_asked, client));
        _core.Confirm(_world.Time.Now);
    }

    public void Confirmed(int upTo)
    {
        foreach (var (_, client) in _logins.Where(l => l.Asked <= upTo))
            Admit(client);
        _logins.RemoveAll(l => l.Asked <= upTo);
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

    public void Connect(string server)
    {
        Connection? made = null;
        made = _world.Connect(
            _server,
            server,
            () => Do(() => _core.Connected(server, _world.Time.Now), server, made),
            () => Do(() => _core.Disconnected(server, "its connection broke", _world.Time.Now), server, made)
        );
        made.OnOpener = _server.Guarded<object>(answer =>
        {
            if (MirrorCodec.TryRead((byte[])answer, out _, out var read, out _) == MirrorRead.Whole)
                Do(() => _core.Received(server, read!, _world.Time.Now), server, made);
        });
        _members[server] = made;
    }

    public void Disconnect(string server)
    {
        if (_members.Remove(server, out var connection))
        {
            _server.Closed(connection);
            connection.EndFrom(_server.Name);
        }
    }

    public void Send(string server, MirrorMessage message)
    {
        _world.Trace($"{_server.Name} -> {server}: {World.Describe(message)}");
        _members[server].ToServer(World.Frame(Layer, message));
    }

    public void Acknowledged(CachePosition upTo)
    {
        _acknowledged = upTo;
        EndWrites();
    }

    public void Synced(CachePosition upTo)
    {
        _mirrorSynced = upTo;
        EndFlushes();
    }

    public void Raise(MirrorNotice notice) => _world.Trace($"{_server.Name}: {notice}");

    public void AskForMember(string? target) =>
        _world.Keeper.Choose(
            target,
            _core.Row,
            _server.Guarded<string?>(chosen => Do(() => _core.MemberChosen(chosen, _world.Time.Now)))
        );

    public void OfferMember(string server, Epoch epoch, long revision) =>
        _world.Keeper.Add(
            server,
            epoch,
            revision,
            Once(answer => Do(() => _core.OfferAnswered(answer, _world.Time.Now)))
        );

    public void HoldCompaction(bool isHeld) => _isHeld = isHeld;

    public void BeginSegment() => Later(() => Begin([]));

    public void HashSegment(int join, int above, int below)
    {
        var next = _world.Has(Defect.ClosedSegmentsAreNotCopied)
            ? 0
            : _segments.FirstOrDefault(s => s > above && s < below);
        _server.OnDisk(
            Layer,
            isSync: false,
            () =>
                Do(() =>
                {
                    // A copy that was given up holds compaction no longer.
                    if (next == 0 || !Copy.Segments.ContainsKey(next))
                    {
                        _core.SegmentHashed(join, null, 0, [], _world.Time.Now);
                        return;
                    }
                    var bytes = Closed(next);
                    _core.SegmentHashed(
                        join,
                        next,
                        bytes.Length,
                        ImmutableArray.Create(SHA256.HashData(bytes)),
                        _world.Time.Now
                    );
                })
        );
    }

    public void ReadSegment(int join, int segment, long offset) =>
        _server.OnDisk(
            Layer,
            isSync: false,
            () =>
                Do(() =>
                {
                    if (!Copy.Segments.ContainsKey(segment))
                    {
                        _core.SegmentRead(join, segment, offset, null, _world.Time.Now);
                        return;
                    }
                    var bytes = Closed(segment).AsSpan((int)offset);
                    _core.SegmentRead(
                        join,
                        segment,
                        offset,
                        bytes[..Math.Min(bytes.Length, ReadBytes)].ToArray(),
                        _world.Time.Now
                    );
                })
        );

    public void Swap(SessionRow row)
    {
        if (_world.Has(Defect.RemovalIsNotAwaited) || _world.Has(Defect.RowIsNotLookedAt))
        {
            if (_world.Has(Defect.RemovalIsNotAwaited))
                _world.Database.Swap(_server.Name, row, _ => { });
            _world.Time.After(
                TimeSpan.Zero,
                _server.Guarded(() =>
                    Do(() =>
                        _core.RowAnswered(new RowAnswer.Is(row with { Revision = row.Revision + 1 }), _world.Time.Now)
                    )
                )
            );
            return;
        }
        _world.Database.Swap(_server.Name, row, Answered());
    }

    public void ReadRow() => _world.Database.Read(_server.Name, Answered());

    /// <summary>Not from within a call of the core.</summary>
    private void Later(Action action) => _world.Time.After(TimeSpan.Zero, _server.Guarded(() => Do(action)));

    private Action<RowAnswer> Answered() =>
        _server.Guarded<RowAnswer>(answer => Do(() => _core.RowAnswered(answer, _world.Time.Now)));

    private Action<RowAnswer> Once(Action<RowAnswer> heard)
    {
        var isHeard = false;
        return _server.Guarded<RowAnswer>(answer =>
        {
            if (!isHeard)
                heard(answer);
            isHeard = true;
        });
    }

    private void Do(Action action, string? server = null, Connection? connection = null)
    {
        if (_isEnded || (connection is not null && _members.GetValueOrDefault(server!) != connection))
            return;
        action();
        while (!_isEnded && _core.HasRoom && _waiting.TryDequeue(out var next))
            next();
    }

    private void Reply(Connection client, ClientRequest request, long value)
    {
        if (!_isEnded)
            client.ToOpener(new ClientReply(request.Number, value));
    }

    private void Write(Connection client, ClientRequest request)
    {
        if (_isEnded)
            return;
        if (!_hasBegun || _head.Offset >= SegmentMaxBytes)
            Begin([]);
        Append([new(RecordKind.Write, request.Block, request.Value, Epoch.Value)]);
        _writes.Add(
            (
                _head,
                () =>
                {
                    _world.Ledger.Acknowledged(this, request.Block, request.Value);
                    Reply(client, request, 0);
                }
            )
        );
        EndWrites();
        if (_world.Random.Next(30) == 0)
            Compact();
    }

    /// <summary>A segment behind the last, whose header says where that one ends and which are gone.</summary>
    private void Begin(IReadOnlyCollection<int> gone)
    {
        var before = _head;
        foreach (var number in gone)
            _segments.Remove(number);
        (_head, _hasBegun) = (new(before.Segment + 1, 0), true);
        _segments.Add(_head.Segment);
        var gaps = Enumerable.Range(1, _head.Segment).Where(n => !_segments.Contains(n));
        Append([
            new(RecordKind.Header, before.Segment, before.Offset, Epoch.Value),
            .. gaps.Select(n => new SimulatedRecord(RecordKind.Gap, n, 0, Epoch.Value)),
        ]);
    }

    private void Append(params IReadOnlyList<SimulatedRecord> records)
    {
        var (at, bytes) = (_head, SimulatedRecord.Join(records));
        _head = at.Plus(bytes.Length);
        foreach (var record in records)
            if (record.Kind == RecordKind.Write)
                _written[record.Number] = (record.Value, at.Segment);
        _server.OnDisk(Layer, isSync: at.Offset == 0, () => AppendOwn(at, bytes, records));
        _core.Append(at, bytes, _world.Time.Now);
    }

    private void AppendOwn(CachePosition at, byte[] bytes, IReadOnlyList<SimulatedRecord> records)
    {
        // One that failed leaves no hole for the next. What was in hand when a promise was asked for is finished.
        if (_hasFailed)
            return;
        var copy = Copy;
        if (_server.IsFull || copy.IsLost)
        {
            _hasFailed = true;
            End("its own disk takes nothing");
            return;
        }
        if (at.Offset == 0)
        {
            if (_server.Sync(Layer) != DiskOutcome.Done)
            {
                _hasFailed = true;
                End("a sync of its own copy failed");
                return;
            }
            foreach (var number in copy.Segments.Keys.Where(n => n >= at.Segment).ToArray())
                copy.Segments.Remove(number);
            copy.Segments[at.Segment] = new();
        }
        copy.Segments[at.Segment].Write((int)at.Offset, bytes);
        if (at.Offset == 0)
        {
            copy.Segments[at.Segment].Sync();
            copy.RemoveGaps(bytes);
        }
        foreach (var record in records)
            if (record.Kind == RecordKind.Write)
                _visible[record.Number] = record.Value;
        _localEnd = at.Plus(bytes.Length);
        EndWrites();
    }

    private void EndWrites()
    {
        var upTo = _world.Has(Defect.WriteIsNotAwaited) || _acknowledged > _localEnd ? _localEnd : _acknowledged;
        while (!_isEnded && _writes.Count > 0 && _writes[0].End <= upTo)
        {
            var done = _writes[0].Done;
            _writes.RemoveAt(0);
            done();
        }
    }

    private void Flush(Action done)
    {
        var upTo = _head;
        _flushes.Add((upTo, done));
        _server.OnDisk(
            Layer,
            isSync: true,
            () =>
            {
                if (_isEnded)
                    return;
                if (_server.Sync(Layer) != DiskOutcome.Done)
                {
                    End("a sync of its own copy failed");
                    return;
                }
                if (upTo > _localSynced)
                    _localSynced = upTo;
                EndFlushes();
            }
        );
        _core.Sync(upTo, _world.Time.Now);
        EndFlushes();
    }

    private void EndFlushes()
    {
        var upTo = _world.Has(Defect.FlushIsNotMirrored) || _mirrorSynced > _localSynced ? _localSynced : _mirrorSynced;
        for (var i = 0; i < _flushes.Count && !_isEnded; )
        {
            if (_flushes[i].UpTo > upTo)
            {
                i++;
                continue;
            }
            var done = _flushes[i].Done;
            _flushes.RemoveAt(i);
            done();
        }
    }

    /// <summary>What is still needed of the oldest segment is appended again and flushed; then a header says that it is gone.</summary>
    private void Compact()
    {
        var oldest = _segments.Min;
        if (_isCompacting || _isHeld || _isEnded || _segments.Count < 4)
            return;
        _isCompacting = true;
        var live = _written.Where(w => w.Value.Segment == oldest).OrderBy(w => w.Key).ToArray();
        foreach (var (block, (value, _)) in live)
            Append([new(RecordKind.Write, block, value, Epoch.Value)]);
        Flush(() =>
        {
            _isCompacting = false;
            Later(() =>
            {
                if (!_isHeld)
                    Begin([oldest]);
            });
        });
    }

    private byte[] Closed(int segment)
    {
        var bytes = Copy.Segments[segment].Bytes;
        var next = _segments.FirstOrDefault(s => s > segment);
        if (next == 0 || !Copy.Segments.TryGetValue(next, out var after))
            return bytes.ToArray();
        var header = SimulatedRecord.Read(after.Bytes);
        return header.Number == segment ? bytes[..(int)header.Value].ToArray() : bytes.ToArray();
    }
}
