using System.Collections.Immutable;
using System.Security.Cryptography;
using Hatchery.Disks;

namespace Hatchery.Mirroring.Simulation;

/// <summary>What the core does to the simulated world.</summary>
internal sealed partial class SimulatedStreamer : IStreamerPort
{
    private const int ReadBytes = 320;

    private readonly Dictionary<string, Connection> _members = new(StringComparer.Ordinal);
    private readonly Queue<Action> _waiting = new();
    private readonly HashSet<string> _failed = new(StringComparer.Ordinal);
    private CachePosition _acknowledged;
    private CachePosition _mirrorSynced;

    public void Confirmed(int upTo)
    {
        foreach (var (_, client) in _logins.Where(l => l.Asked <= upTo))
            Admit(client);
        _logins.RemoveAll(l => l.Asked <= upTo);
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

    public void Raise(MirrorNotice notice)
    {
        _world.Trace($"{_server.Name}: {notice}");
        if (notice is MirrorNotice.MemberFailed failed)
            _failed.Add(failed.Server);
        else
            _failed.Remove(notice.Server);
    }

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
        var leaving = _core.Row.Members.Except(row.Members, StringComparer.Ordinal).Except(_failed).FirstOrDefault();
        if (leaving is not null)
            _world.OneLeaves(_core.Row, leaving);
        var isNotAwaited =
            _world.Has(Defect.RemovalIsNotAwaited) || (_world.Has(Defect.ReleaseIsNotAwaited) && leaving is not null);
        if (isNotAwaited || _world.Has(Defect.RowIsNotLookedAt))
        {
            if (isNotAwaited)
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
}
