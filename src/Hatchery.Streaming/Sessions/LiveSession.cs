using Hatchery.Devices;
using Hatchery.Disks;
using Microsoft.Extensions.Logging;

namespace Hatchery.Streaming;

/// <summary>One epoch of a device's disk at this server, and the connections that share it.</summary>
internal sealed class LiveSession(SessionGrant grant, ISessionDisk disk, Action<LiveSession> onReleased, ILogger log)
    : IAsyncDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private int _shares;
    private Task? _ending;

    public SessionGrant Grant => grant;

    /// <summary>Its machine is off, and it is open for the sake of its copies alone.</summary>
    public bool IsUnattended { get; init; }

    public IDisk Disk => disk.Disk;

    /// <summary>The copy here is over, and another server has one.</summary>
    public bool GoesOnElsewhere => disk.GoesOnElsewhere;

    /// <summary>Its connections are being ended, and nobody new is let in.</summary>
    public bool IsEnding
    {
        get
        {
            lock (_gate)
                return _ending is not null;
        }
    }

    /// <summary>Its disk is closed.</summary>
    public bool IsClosed
    {
        get
        {
            lock (_gate)
                return _ending is { IsCompleted: true };
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

    /// <summary>Whether a further login may have the disk: this still is the newest epoch. Not known before it ends: false.</summary>
    public async Task<bool> ConfirmAsync()
    {
        try
        {
            return await disk.ConfirmAsync(_ended.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    public Task PrepareMoveAsync(CancellationToken cancellation) => disk.PrepareMoveAsync(cancellation);

    public ISession Share()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_ending is not null, this);
            _shares++;
        }
        return new SessionShare(this);
    }

    /// <summary>Ends every connection, waits until each has given its share back (so that nothing is in flight), and closes the disk. Never fails; every caller waits for the end.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_ending is null && _shares == 0)
                _idle.TrySetResult();
            return new(_ending ??= Task.Run(EndAsync));
        }
    }

    private async Task EndAsync()
    {
        await _ended.CancelAsync();
        await _idle.Task;
        try
        {
            await disk.DisposeAsync();
        }
        catch (Exception failure)
        {
            Log.DiskNotClosed(log, failure, grant.Device, grant.Epoch);
        }
        _ended.Dispose();
    }

    private void Release()
    {
        lock (_gate)
        {
            if (--_shares == 0 && _ending is not null)
                _idle.TrySetResult();
        }
        onReleased(this);
    }

    private sealed class SessionShare(LiveSession session) : ISession
    {
        private int _isReleased;

        public DeviceId Device => session.Grant.Device;

        public Epoch Epoch => session.Grant.Epoch;

        public IDisk Disk { get; } = session.Disk;

        public bool GoesOnElsewhere => session.GoesOnElsewhere;

        public CancellationToken Ended { get; } = session._ended.Token;

        public ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref _isReleased, 1) == 0)
                session.Release();
            return ValueTask.CompletedTask;
        }
    }
}
