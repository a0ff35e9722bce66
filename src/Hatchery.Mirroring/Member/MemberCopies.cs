using Hatchery.Disks;
using Microsoft.Extensions.Logging;

namespace Hatchery.Mirroring;

/// <summary>The copies of write caches in one store that other servers, or this one, are connected to. Thread-safe.</summary>
public sealed class MemberCopies : IAsyncDisposable
{
    private readonly Store _store;
    private readonly LinkOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Lock _gate = new();
    private readonly Dictionary<LayerId, MemberCopy> _open = [];
    private readonly HashSet<IMirrorPeer> _servers = [];
    private readonly ITimer _sweep;
    private bool _isDisposed;

    public MemberCopies(Store store, LinkOptions options, TimeProvider time, ILogger<MemberCopies> log)
    {
        (_store, _options, _time, _log) = (store, options, time, log);
        _sweep = time.CreateTimer(_ => Sweep(), null, options.CopyIdleTimeout, options.CopyIdleTimeout);
    }

    /// <summary>Copies that are open.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _open.Count;
        }
    }

    /// <summary>Whether whoever appends to a copy here has sent something within so long: a streamer that lives does so all the time.</summary>
    public bool Hears(LayerId cache, TimeSpan within)
    {
        lock (_gate)
            return _open.TryGetValue(cache, out var copy) && copy.Hears(within);
    }

    /// <summary>Another server has connected, to append to copies that lie here.</summary>
    public void Connected(IMirrorPeer server)
    {
        lock (_gate)
            _servers.Add(server);
    }

    /// <summary>The servers that are connected and have sent nothing for so long: one that streams and lives does so all the time.</summary>
    public IReadOnlySet<string> Unheard(TimeSpan within)
    {
        lock (_gate)
            return _servers
                .GroupBy(s => s.Server, StringComparer.Ordinal)
                .Where(connections => connections.All(c => _time.GetElapsedTime(c.HeardAt) >= within))
                .Select(connections => connections.Key)
                .ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Gives a message to the copy that it is for; the answers go to who sent it.</summary>
    public void Received(IMirrorPeer from, LayerId cache, MirrorMessage message)
    {
        MemberCopy? copy;
        lock (_gate)
            copy = Find(cache, message);
        if (copy is not null)
        {
            copy.Receive(from, message);
            return;
        }
        var bytes = MirrorCodec.BytesOf(message);
        if (!bytes.IsEmpty)
            from.Release(bytes);
        from.Send(cache, new MirrorMessage.Refused(MirrorRefusal.Missing) { Epoch = message.Epoch });
    }

    /// <summary>Writes bytes of a segment of another member's longer copy in place of what this one has, as <see cref="CacheCopy.ReplaceSegment"/> does.</summary>
    /// <param name="epoch">The one that was promised last; with a higher one nothing is written.</param>
    /// <param name="done">Told, on any thread, how much of the segment is there.</param>
    internal void Replace(
        LayerId cache,
        Epoch epoch,
        int segment,
        long offset,
        ReadOnlyMemory<byte> bytes,
        long lengthBytes,
        Action<long, DiskOutcome> done
    )
    {
        MemberCopy? copy;
        lock (_gate)
            copy = _open.GetValueOrDefault(cache);
        if (copy is null || !copy.Replace(epoch, segment, offset, bytes, lengthBytes, done))
            done(0, DiskOutcome.NotWritten);
    }

    public void Disconnected(IMirrorPeer peer)
    {
        MemberCopy[] open;
        lock (_gate)
        {
            _servers.Remove(peer);
            open = [.. _open.Values];
        }
        foreach (var copy in open)
            copy.Disconnected(peer);
    }

    /// <summary>Closes a copy that nobody is connected to now, and not when it was idle for long.</summary>
    public async ValueTask ReleaseAsync(LayerId cache)
    {
        MemberCopy? idle = null;
        lock (_gate)
            if (_open.TryGetValue(cache, out var copy) && copy.IsIdle(TimeSpan.Zero))
            {
                _open.Remove(cache);
                idle = copy;
            }
        if (idle is not null)
            await idle.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _sweep.DisposeAsync();
        MemberCopy[] open;
        lock (_gate)
        {
            _isDisposed = true;
            open = [.. _open.Values];
            _open.Clear();
        }
        foreach (var copy in open)
            await copy.DisposeAsync();
    }

    /// <summary>A copy is opened by whoever promises or joins.</summary>
    private MemberCopy? Find(LayerId cache, MirrorMessage message)
    {
        if (_open.TryGetValue(cache, out var copy))
            return copy;
        if (
            _isDisposed
            || message is not (MirrorMessage.Promise or MirrorMessage.Join)
            || _open.Count >= _options.CopiesMax
            || _store.OpenCopy(cache) is not { } opened
        )
            return null;
        copy = new(opened, _time, _log);
        _open.Add(cache, copy);
        return copy;
    }

    private void Sweep()
    {
        List<MemberCopy> idle = [];
        lock (_gate)
            foreach (var (cache, copy) in _open.ToArray())
                if (copy.IsIdle(_options.CopyIdleTimeout))
                {
                    _open.Remove(cache);
                    idle.Add(copy);
                }
        foreach (var copy in idle)
            _ = copy.DisposeAsync().AsTask();
    }
}
