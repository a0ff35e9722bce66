using System.Buffers;
using System.Collections.Immutable;
using Hatchery.Disks;

namespace Hatchery.Mirroring;

/// <summary>What the core does to the world. Called by whoever drives it; what comes of it is queued.</summary>
public sealed partial class MirroredSession : IStreamerPort
{
    private const int ReadBytes = 1 << 20;

    private readonly Dictionary<string, Member> _members = new(StringComparer.Ordinal);
    private readonly Queue<(CachePosition End, FrameBytes Frame)> _kept = new();
    private FrameBytes? _appending;
    private readonly Queue<Action> _news = new();
    private readonly List<(int Asked, TaskCompletionSource<bool> Confirmed)> _confirms = [];
    private readonly SemaphoreSlim _disk = new(1);

    // No copy is made there while another server can have it.
    private readonly HashSet<string> _failed = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CachePosition _acknowledged;
    private CachePosition _toldAcknowledged;
    private CachePosition _synced;
    private CachePosition _toldSynced;
    private long _keptBytes;
    private int _confirmed;
    private bool _hasJoinTurn;

    /// <summary>Somebody is to be told something.</summary>
    private bool HasNews => _acknowledged > _toldAcknowledged || _synced > _toldSynced || _news.Count > 0;

    void IStreamerPort.Connect(string server)
    {
        var member = new Member(this, server);
        _members[server] = member;
        _mirrors.Dialer.Connect(server, _row.Cache, member);
    }

    void IStreamerPort.Disconnect(string server)
    {
        if (_members.Remove(server, out var member))
            _mirrors.Dialer.Disconnect(server, _row.Cache, member);
    }

    void IStreamerPort.Send(string server, MirrorMessage message)
    {
        if (_members.TryGetValue(server, out var member))
            _mirrors.Dialer.Send(
                server,
                _row.Cache,
                member,
                message,
                message is MirrorMessage.Append ? _appending : null
            );
    }

    void IStreamerPort.Acknowledged(CachePosition upTo)
    {
        _acknowledged = upTo;
        while (_kept.TryPeek(out var kept) && kept.End <= upTo)
        {
            _kept.Dequeue();
            Release(kept.Frame);
        }
    }

    void IStreamerPort.Synced(CachePosition upTo) => _synced = upTo;

    void IStreamerPort.Confirmed(int upTo) => _confirmed = upTo;

    void IStreamerPort.End(string reason) => Over(reason);

    void IStreamerPort.Raise(MirrorNotice notice)
    {
        if (notice is MirrorNotice.MemberFailed or MirrorNotice.JoinFailed)
            _failed.Add(notice.Server);
        _news.Enqueue(() => _onNotice(notice));
    }

    void IStreamerPort.AskForMember(string? target)
    {
        string[] failed = [.. _failed];
        Ask(
            async () =>
            {
                await _mirrors.Joins.WaitAsync();
                return _isEnded
                    ? null
                    : target
                        ?? await _directory.ChooseMemberAsync(_row.Device, _row.Epoch, [.. _row.Members, .. failed]);
            },
            server =>
            {
                _hasJoinTurn = true;
                if (server is null)
                    _failed.Clear();
                if (!_isEnded)
                    _core.MemberChosen(server, _mirrors.Now);
            }
        );
    }

    void IStreamerPort.OfferMember(string server, Epoch epoch, long revision) =>
        Ask(
            () => _directory.AddMemberAsync(_row.Device, epoch, server, revision),
            answer =>
            {
                if (!_isEnded)
                    _core.OfferAnswered(answer, _mirrors.Now);
            }
        );

    void IRowPort.Swap(SessionRow row) => Ask(() => _directory.SwapAsync(row), Heard);

    void IRowPort.ReadRow() => Ask(() => _directory.ReadAsync(_row.Device), Heard);

    void IStreamerPort.HoldCompaction(bool isHeld) => _news.Enqueue(() => _cache?.HoldCompaction(isHeld));

    void IStreamerPort.BeginSegment() => _news.Enqueue(() => _cache?.BeginSegment());

    void IStreamerPort.HashSegment(int join, int above, int below) =>
        OnDisk(cache =>
        {
            var segment = cache.HashSegment(above, below);
            Post(() =>
                _core.SegmentHashed(
                    join,
                    segment?.Number,
                    segment?.LengthBytes ?? 0,
                    ImmutableArray.Create(segment?.Sha256 ?? []),
                    _mirrors.Now
                )
            );
        });

    void IStreamerPort.ReadSegment(int join, int segment, long offset)
    {
        if (_rate is not { } rate)
            Read(join, segment, offset);
        else
            _ = Task.Run(async () =>
            {
                await rate.TakeAsync(ReadBytes, CancellationToken.None);
                Read(join, segment, offset);
            });
    }

    private void Read(int join, int segment, long offset) =>
        OnDisk(cache =>
        {
            var bytes = ArrayPool<byte>.Shared.Rent(ReadBytes);
            var count = cache.ReadSegment(segment, offset, bytes.AsSpan(0, ReadBytes));
            Post(() =>
            {
                _core.SegmentRead(
                    join,
                    segment,
                    offset,
                    count is { } read ? bytes.AsMemory(0, read) : null,
                    _mirrors.Now
                );
                ArrayPool<byte>.Shared.Return(bytes);
            });
        });

    private void Heard(RowAnswer answer)
    {
        if (!_isEnded)
            _core.RowAnswered(answer, _mirrors.Now);
    }

    private bool IsCurrent(Member member) => _members.GetValueOrDefault(member.Server) == member;

    private void Ask(TaskCompletionSource<bool> confirmed)
    {
        if (_isEnded)
            confirmed.SetResult(false);
        else
            _confirms.Add((_core.Confirm(_mirrors.Now), confirmed));
    }

    /// <summary>What waits for others is not for whoever drives the core.</summary>
    private void Ask<T>(Func<Task<T>> ask, Action<T> heard) =>
        _ = Task.Run(async () =>
        {
            var answer = await ask();
            PostLast(() => heard(answer));
        });

    /// <summary>One at a time.</summary>
    private void OnDisk(Action<IMirroredCache> work) =>
        _ = Task.Run(async () =>
        {
            await _disk.WaitAsync();
            try
            {
                if (!_isEnded && _cache is { } cache)
                    work(cache);
            }
            finally
            {
                _disk.Release();
            }
        });

    /// <summary>What came of what the core was told.</summary>
    private void Look()
    {
        (_row, _isJoining) = (_core.Row, _core.IsJoining);
        // Nothing may be left out from before anybody is told to begin a segment.
        if (!_core.IsAlone)
            _isAlone = false;
        foreach (var (asked, confirmed) in _confirms)
            if (asked <= _confirmed)
                confirmed.SetResult(true);
        _confirms.RemoveAll(c => c.Asked <= _confirmed);
        if (_hasJoinTurn && (_isEnded || !_core.IsJoining))
        {
            _hasJoinTurn = false;
            _mirrors.Joins.Release();
        }
    }

    private void Tell()
    {
        if (_acknowledged > _toldAcknowledged)
            _cache?.Acknowledged(_toldAcknowledged = _acknowledged);
        if (_synced > _toldSynced)
            _cache?.Synced(_toldSynced = _synced);
        while (_news.TryDequeue(out var news))
            news();
    }

    /// <param name="reason">Null: whoever began the session ends it.</param>
    private void Over(string? reason)
    {
        if (_isEnded)
            return;
        (_isEnded, _isAlone) = (true, false);
        _mirrors.Remove(this);
        foreach (var (server, member) in _members)
            _mirrors.Dialer.Disconnect(server, _row.Cache, member);
        _members.Clear();
        foreach (var kept in _kept)
            Release(kept.Frame);
        _kept.Clear();
        foreach (var (_, confirmed) in _confirms)
            confirmed.SetResult(false);
        _confirms.Clear();
        _news.Enqueue(() =>
        {
            _cache?.Fence();
            if (reason is not null)
                _onEnd(reason);
            _over.SetResult();
        });
    }

    private void Release(FrameBytes frame)
    {
        Interlocked.Add(ref _keptBytes, -frame.Length);
        frame.Release();
    }

    /// <summary>One attempt at a connection to another server.</summary>
    private sealed class Member(MirroredSession session, string server) : IMemberEvents
    {
        public string Server => server;

        void IMemberEvents.Connected(string name) =>
            session.Post(() =>
            {
                if (session.IsCurrent(this))
                    session._core.Connected(server, session._mirrors.Now);
            });

        void IMemberEvents.Disconnected(string name, string reason) =>
            session.Post(() =>
            {
                if (session.IsCurrent(this))
                    session._core.Disconnected(server, reason, session._mirrors.Now);
            });

        void IMemberEvents.Received(string name, MirrorMessage message)
        {
            if (session.Post(new(StepKind.Received, default, message, this), Driving.Here))
                return;
            session._mirrors.Dialer.Disconnect(server, session._row.Cache, this);
            ((IMemberEvents)this).Disconnected(server, "it answers more than it was asked");
        }
    }
}
