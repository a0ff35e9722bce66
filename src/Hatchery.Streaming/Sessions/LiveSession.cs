using Hatchery.Devices;
using Hatchery.Disks;

namespace Hatchery.Streaming;

/// <summary>One epoch of a device's disk at this server, and the connections that share it.</summary>
internal sealed class LiveSession(SessionGrant grant, IDisk disk, Action<LiveSession> onReleased) : IAsyncDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private int _shares;
    private bool _isEnding;

    public SessionGrant Grant => grant;

    /// <summary>Its connections are being ended, and nobody new is let in.</summary>
    public bool IsEnding
    {
        get
        {
            lock (_gate)
                return _isEnding;
        }
    }

    public int Shares
    {
        get
        {
            lock (_gate)
                return _shares;
        }
    }

    /// <summary>How many logins this session has answered.</summary>
    public int Logins { get; private set; }

    public ISession Share()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isEnding, this);
            _shares++;
            Logins++;
        }
        return new SessionShare(this, disk);
    }

    /// <summary>Ends every connection, waits until each has given its share back (so that nothing is in flight), and closes the disk.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_isEnding)
                return;
            _isEnding = true;
            if (_shares == 0)
                _idle.TrySetResult();
        }
        await _ended.CancelAsync();
        await _idle.Task;
        await disk.DisposeAsync();
        _ended.Dispose();
    }

    private void Release()
    {
        lock (_gate)
        {
            if (--_shares == 0 && _isEnding)
                _idle.TrySetResult();
        }
        onReleased(this);
    }

    private sealed class SessionShare(LiveSession session, IDisk disk) : ISession
    {
        private int _isReleased;

        public DeviceId Device => session.Grant.Device;

        public Epoch Epoch => session.Grant.Epoch;

        public IDisk Disk => disk;

        public CancellationToken Ended { get; } = session._ended.Token;

        public ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref _isReleased, 1) == 0)
                session.Release();
            return ValueTask.CompletedTask;
        }
    }
}
