using System.Collections.Immutable;
using System.Threading.Channels;
using Hatchery.Disks;
using Microsoft.Extensions.Logging;

namespace Hatchery.Mirroring;

/// <summary>
/// Drives one copy: its core on whichever thread brings something and finds nobody at work, its files on a queue, so that a slow disk keeps nobody
/// from being told that this server is there. What waits is bounded by what the connections may have under way.
/// </summary>
internal sealed class MemberCopy : IMemberPort, IAsyncDisposable
{
    private const int ReadBytes = 1 << 20;

    private readonly CacheCopy _copy;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Lock _gate = new();
    private readonly Queue<Action> _events = new();
    private readonly Channel<Func<ValueTask>> _work = Channel.CreateUnbounded<Func<ValueTask>>(
        new UnboundedChannelOptions { SingleReader = true }
    );
    private readonly Dictionary<long, IMirrorPeer> _peers = [];
    private readonly Task _working;
    private readonly MemberCore _core;

    // Of whoever works: what is appended to a segment does not wait for it.
    private Task _syncing = Task.CompletedTask;
    private bool _isDriven;
    private bool _isOver;
    private IMirrorPeer? _from;
    private bool _isTaken;
    private WriteBatch? _writes;
    private int _connected;
    private long _usedAt;

    public MemberCopy(CacheCopy copy, TimeProvider time, ILogger log)
    {
        (_copy, _time, _log, _usedAt) = (copy, time, log, time.GetTimestamp());
        // How much of the copy there is, is looked at when a promise is asked for, which comes first.
        _core = new(this, copy.Promised ?? default, new(CopyCondition.Missing, default));
        _working = Task.Run(WorkAsync);
    }

    public bool IsIdle(TimeSpan since) =>
        Volatile.Read(ref _connected) == 0 && _time.GetElapsedTime(Volatile.Read(ref _usedAt)) >= since;

    public bool Hears(TimeSpan within) =>
        Volatile.Read(ref _connected) > 0 && _time.GetElapsedTime(Volatile.Read(ref _usedAt)) < within;

    public void Receive(IMirrorPeer from, MirrorMessage message)
    {
        Volatile.Write(ref _usedAt, _time.GetTimestamp());
        if (!Post(() => Take(from, message)))
            Release(from, message);
    }

    public void Disconnected(IMirrorPeer peer) =>
        Post(() =>
        {
            if (!_peers.Remove(peer.Connection))
                return;
            Volatile.Write(ref _usedAt, _time.GetTimestamp());
            Volatile.Write(ref _connected, _peers.Count);
            _core.Disconnected(peer.Connection);
        });

    /// <summary>See <see cref="MemberCopies.Replace"/>. False: the copy is being closed.</summary>
    public bool Replace(
        Epoch epoch,
        int segment,
        long offset,
        ReadOnlyMemory<byte> bytes,
        long lengthBytes,
        Action<long, DiskOutcome> done
    ) =>
        _work.Writer.TryWrite(async () =>
        {
            await _syncing;
            var (next, outcome) =
                _copy.Promised == epoch
                    ? _copy.ReplaceSegment(segment, offset, bytes, lengthBytes)
                    : (0, DiskOutcome.NotWritten);
            done(next, outcome);
        });

    /// <summary>What was begun is finished, and nobody hears of it.</summary>
    public async ValueTask DisposeAsync()
    {
        Close();
        _work.Writer.TryComplete();
        await _working;
        await _syncing;
        _copy.Dispose();
    }

    void IMemberPort.Send(long connection, MirrorMessage message)
    {
        if (_peers.TryGetValue(connection, out var peer))
            peer.Send(_copy.Layer, message);
    }

    void IMemberPort.StorePromise(Epoch epoch) =>
        Work(async () =>
        {
            var state = await _copy.PromiseAsync(epoch);
            return () => _core.PromiseStored(epoch, state);
        });

    void IMemberPort.Write(CachePosition at, ReadOnlyMemory<byte> bytes)
    {
        var from = Keep();
        if (_writes?.TryAdd(from, at, bytes) == true)
            return;
        var writes = new WriteBatch(from, at, bytes);
        Work(
            () =>
            {
                var (end, outcome) = writes.Write(_copy);
                return new(() => _core.Written(end, writes.Count, outcome));
            },
            isBesideSync: at.Offset > 0
        );
        _writes = writes;
    }

    void IMemberPort.Sync(CachePosition upTo)
    {
        _writes = null;
        _work.Writer.TryWrite(async () =>
        {
            await _syncing;
            var sync = _copy.BeginSync(upTo);
            _syncing = Task.Run(() => Sync(upTo, sync));
        });
    }

    void IMemberPort.Seal(CachePosition at) =>
        Work(() =>
        {
            var outcome = _copy.Seal(at);
            return () => _core.SealEnded(at, outcome);
        });

    void IMemberPort.PrepareJoin(CopyIdentity identity) =>
        Work(() =>
        {
            var outcome = _copy.Prepare();
            return () => _core.JoinPrepared(outcome);
        });

    void IMemberPort.Match(int segment, long lengthBytes, ImmutableArray<byte> sha256) =>
        Work(() =>
        {
            var isThere = _copy.Matches(segment, lengthBytes, sha256.AsSpan());
            return () => _core.Matched(segment, lengthBytes, isThere);
        });

    void IMemberPort.WriteCopy(
        int segment,
        long offset,
        ReadOnlyMemory<byte> bytes,
        long lengthBytes,
        ImmutableArray<byte> sha256
    )
    {
        var from = Keep();
        Work(() =>
        {
            var (next, outcome) = _copy.CopySegment(segment, offset, bytes, lengthBytes, sha256.AsSpan());
            from.Release(bytes);
            return () => _core.CopyWritten(segment, next, outcome);
        });
    }

    void IMemberPort.Read(long connection, int segment, long offset) =>
        Work(() =>
        {
            var bytes = new byte[ReadBytes];
            var read = _copy.Read(segment, offset, bytes);
            return () =>
                _core.ReadEnded(connection, segment, offset, read?.LengthBytes, bytes.AsMemory(0, read?.Count ?? 0));
        });

    private void Take(IMirrorPeer from, MirrorMessage message)
    {
        _peers[from.Connection] = from;
        Volatile.Write(ref _connected, _peers.Count);
        (_from, _isTaken) = (from, false);
        if (_copy.IsOutOfReach)
            _core.OutOfReach();
        _core.Receive(from.Connection, message);
        if (!_isTaken)
            Release(from, message);
    }

    private static void Release(IMirrorPeer from, MirrorMessage message)
    {
        if (MirrorCodec.BytesOf(message) is { IsEmpty: false } bytes)
            from.Release(bytes);
    }

    /// <summary>The bytes of the message that is looked at are needed until the disk has them.</summary>
    private IMirrorPeer Keep()
    {
        _isTaken = true;
        return _from!;
    }

    private void Work(Func<Action> work) => Work(() => new ValueTask<Action>(work()));

    private void Work(Func<ValueTask<Action>> work, bool isBesideSync = false)
    {
        // What is written from now on comes behind this.
        _writes = null;
        _work.Writer.TryWrite(async () =>
        {
            if (!isBesideSync)
                await _syncing;
            var ended = await work();
            Post(ended);
        });
    }

    private void Sync(CachePosition upTo, Func<DiskOutcome> sync)
    {
        try
        {
            var outcome = sync();
            Post(() => _core.SyncEnded(upTo, outcome));
        }
        catch (Exception unexpected)
        {
            Fail(unexpected);
        }
    }

    /// <summary>False: nothing is taken any more.</summary>
    private bool Post(Action step)
    {
        lock (_gate)
        {
            if (_isOver)
                return false;
            _events.Enqueue(step);
            if (_isDriven)
                return true;
            _isDriven = true;
        }
        while (Next() is { } next)
            Run(next);
        return true;
    }

    private Action? Next()
    {
        lock (_gate)
        {
            if (_events.TryDequeue(out var next))
                return next;
            _isDriven = false;
            return null;
        }
    }

    private void Close()
    {
        lock (_gate)
            _isOver = true;
    }

    private async Task WorkAsync()
    {
        await foreach (var work in _work.Reader.ReadAllAsync())
            try
            {
                await work();
            }
            catch (Exception unexpected)
            {
                Fail(unexpected);
            }
    }

    private void Run(Action step)
    {
        try
        {
            step();
        }
        catch (Exception unexpected)
        {
            Fail(unexpected);
        }
    }

    /// <summary>A defect of ours: nothing is answered for this copy any more, so its streamer goes on without it.</summary>
    private void Fail(Exception unexpected)
    {
        Log.CopyFailed(_log, _copy.Layer, unexpected.ToString());
        Close();
    }
}
