using System.Collections.Concurrent;

namespace Hatchery.Streaming.Transport;

internal enum EngineState
{
    Open,

    /// <summary>No more requests; what is under way ends, its replies leave, then the connection closes.</summary>
    Draining,

    /// <summary>No more requests and no more replies; the connection closes at once.</summary>
    Aborted,
}

/// <summary>
/// A protocol's server side for one connection: bytes in, bytes out, no socket. All members but <see cref="Post"/>,
/// <see cref="RequestTick"/> and <see cref="RequestEnd"/> are called by one thread at a time.
/// </summary>
internal abstract class ConnectionEngine(ConnectionLimits limits)
{
    private readonly ConcurrentQueue<PendingWork> _ended = new();
    private readonly Lock _detachedGate = new();
    private Action? _wake;
    private int _signalled;
    private bool _detached;
    private bool _closed;
    private int _works;
    private ReceivedBatch? _batch;
    private int _served;
    private long _publishedBytes;

    public EngineState State { get; private set; }

    public OutputQueue Output { get; } = new();

    /// <summary>Ends when the connection is over and nothing of it is under way any more.</summary>
    public TaskCompletionSource Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Bytes of requests that wait for the disk.</summary>
    protected long ExecutingBytes { get; set; }

    protected int ExecutingRequests { get; set; }

    /// <summary>A login waits for the gate: whatever the peer sends meanwhile waits too.</summary>
    protected bool IsHeld { get; set; }

    /// <summary>Behind the request that is being served another one has come.</summary>
    protected bool HasMore => _batch is { Bytes.Length: var length } && _served < length;

    /// <summary>How requests are framed depends on the answer to the one before.</summary>
    public abstract bool IsOneAtATime { get; }

    public bool CanServe =>
        State == EngineState.Open
        && !IsHeld
        && ExecutingRequests < limits.MaxRequests
        && UnderWayBytes < limits.MaxBytes
        && (UnderWayBytes < ByteBudget.ShareBytes || limits.Budget is not { IsSpent: true });

    /// <summary>Called once, by the connection's thread, when the peer has proved to be one of ours.</summary>
    public Action? LoggedIn { get; set; }

    private long UnderWayBytes => ExecutingBytes + Output.PendingBytes;

    public bool WantsInput => _batch is null && CanServe;

    /// <summary>Nothing left to wait for or to send; an aborted connection waits for nothing, and what it has at the disk ends after it.</summary>
    public bool IsFinished =>
        State == EngineState.Aborted || (State == EngineState.Draining && _works == 0 && Output.IsEmpty);

    /// <summary>The length of the request that starts here, 0 while its header is not whole. Total: what is malformed is a header long.</summary>
    public abstract int Measure(ReadOnlySpan<byte> received);

    /// <summary>Says what the protocol has the server say first.</summary>
    public virtual void Start() { }

    /// <summary>Called about once a second.</summary>
    public virtual void Tick() { }

    /// <param name="wake">Called from any thread when <see cref="Pump"/> has something to do.</param>
    public void Attach(Action wake) => _wake = wake;

    /// <summary>Nobody pumps any more; what is under way is finished by whoever ends it.</summary>
    public void Detach()
    {
        lock (_detachedGate)
        {
            _detached = true;
            Abort();
            DrainEnded();
            CloseIfFinished();
        }
    }

    /// <summary>Takes over the batch's hold.</summary>
    public void Accept(ReceivedBatch batch)
    {
        _batch = batch;
        _served = 0;
    }

    /// <summary>Finishes what ended and serves what may be served.</summary>
    public void Pump()
    {
        DrainEnded();
        while (_batch is not null && CanServe)
        {
            try
            {
                ServeBatch();
            }
            finally
            {
                OnServed();
            }
        }
        if (State != EngineState.Open)
            DropBatch();
        Publish();
        if (UnderWayBytes >= ByteBudget.ShareBytes && limits.Budget is { IsSpent: true } budget)
            budget.Held();
    }

    // Small changes stay here: connections that move little never touch what all share.
    private void Publish()
    {
        const long Noticeable = ByteBudget.ShareBytes / 4;
        var change = UnderWayBytes - _publishedBytes;
        if (limits.Budget is { } budget && !_closed && Math.Abs(change) >= Noticeable)
        {
            budget.Add(change);
            _publishedBytes += change;
        }
    }

    private void ServeBatch()
    {
        while (_batch is { Bytes: var bytes } && CanServe)
        {
            var length = Measure(bytes.Span[_served..]);
            if (length <= 0 || length > bytes.Length - _served)
            {
                DropBatch();
                break;
            }
            var at = bytes.Offset + _served;
            _served += length;
            Serve(bytes with { Offset = at, Length = length });
            Publish();
            if (_served == bytes.Length)
                DropBatch();
        }
    }

    /// <summary>Hands ended work to the connection's thread.</summary>
    public void Post(PendingWork work)
    {
        _ended.Enqueue(work);
        if (Volatile.Read(ref _detached))
        {
            lock (_detachedGate)
            {
                DrainEnded();
                CloseIfFinished();
            }
            return;
        }
        if (Interlocked.Exchange(ref _signalled, 1) == 0)
            _wake?.Invoke();
    }

    /// <summary>Asks the connection to end, from any thread; <see cref="Completion"/> says when it has.</summary>
    public void RequestEnd() => Post(new EndRequest(this));

    /// <summary>Has <see cref="Tick"/> called on the connection's thread.</summary>
    public void RequestTick() => Post(new TickRequest(this));

    public void Drain()
    {
        if (State == EngineState.Open)
            State = EngineState.Draining;
    }

    public void Abort()
    {
        if (_closed)
            return;
        State = EngineState.Aborted;
        Output.Clear();
        DropBatch();
        OnAborted();
    }

    internal void WorkStarted() => _works++;

    internal void WorkEnded() => _works--;

    /// <summary>One whole request; the segment's hold stays with the caller, so keep an own one for longer use.</summary>
    protected abstract void Serve(Segment request);

    /// <summary>The requests at hand, or as many as may be under way, have been served.</summary>
    protected virtual void OnServed() { }

    /// <summary>Lets go of whatever waits for more from the peer.</summary>
    protected virtual void OnAborted() { }

    /// <summary>Gives back what the connection had; called once, when nothing is under way.</summary>
    protected abstract ValueTask CloseAsync();

    private void DrainEnded()
    {
        Interlocked.Exchange(ref _signalled, 0);
        while (_ended.TryDequeue(out var work))
            work.Finish();
    }

    private void DropBatch()
    {
        _batch?.Bytes.Release();
        _batch = null;
    }

    private void CloseIfFinished()
    {
        if (_works != 0 || _closed)
            return;
        _closed = true;
        limits.Budget?.Add(-_publishedBytes);
        _publishedBytes = 0;
        _ = CloseAndCompleteAsync();
    }

    private async Task CloseAndCompleteAsync()
    {
        try
        {
            await CloseAsync();
            Completion.TrySetResult();
        }
        // Carried to whoever waits for the end.
        catch (Exception failure)
        {
            Completion.TrySetException(failure);
        }
    }

    private sealed class TickRequest(ConnectionEngine engine) : PendingWork
    {
        public override void Finish()
        {
            if (engine.State == EngineState.Open)
                engine.Tick();
        }
    }

    private sealed class EndRequest(ConnectionEngine engine) : PendingWork
    {
        public override void Finish() => engine.Abort();
    }
}
