using Hatchery.Disks;

namespace Hatchery.Mirroring;

/// <summary>
/// The mirror of one session: drives a <see cref="StreamerCore"/>. What happens is queued, and whoever finds nobody at work sees to it for all,
/// so that the core has one thread at a time and no lock is held while anything is called. Thread-safe.
/// </summary>
/// <remarks>What waits is bounded: appends by <see cref="HasRoom"/>, everything else by what the core has asked for.</remarks>
public sealed partial class MirroredSession
    : ICacheMirror,
        IMirroredCopies,
        IAsyncDisposable,
        ITicked,
        IThreadPoolWorkItem
{
    // A member that says more than this before it was heard is none that answers what it is asked.
    private const int StepsMax = 1 << 16;

    // Whoever has another's work to do does so for so long; then the thread pool takes over.
    private const int RoundsAtOnce = 4;

    private readonly Mirrors _mirrors;
    private readonly ISessionDirectory _directory;
    private readonly Action<MirrorNotice> _onNotice;
    private readonly Action<string> _onEnd;
    private readonly StreamerCore _core;
    private readonly Lock _gate = new();
    private Queue<Step> _steps = new();
    private Queue<Step> _taken = new();
    private bool _isDriven;
    private volatile bool _isAlone;
    private volatile bool _isEnded;
    private volatile bool _isJoining;
    private readonly ByteRate? _rate;
    private volatile SessionRow _row;
    private volatile IMirroredCache? _cache;
    private int _isTickQueued;
    private (IReadOnlySet<string> Unwanted, string? Target) _wanted = (
        new HashSet<string>(StringComparer.Ordinal),
        null
    );

    internal MirroredSession(
        Mirrors mirrors,
        SessionRow row,
        CopyIdentity identity,
        CachePosition seal,
        ISessionDirectory directory,
        Action<MirrorNotice> onNotice,
        Action<string> onEnd,
        ByteRate? rate
    )
    {
        (_mirrors, _row, _directory, _onNotice, _onEnd) = (mirrors, row, directory, onNotice, onEnd);
        _rate = rate;
        _acknowledged = _toldAcknowledged = _synced = _toldSynced = seal;
        _core = new(mirrors.Self, row, identity, seal, mirrors.Settings, this, mirrors.Now);
        _isAlone = _core.IsAlone;
    }

    /// <summary>The session row as far as is known.</summary>
    public SessionRow Row => _row;

    public bool IsJoining => _isJoining;

    public bool HasRoom => Volatile.Read(ref _keptBytes) < _mirrors.Settings.WindowBytes;

    public bool IsElsewhere => _row.Members.Any(m => m != _mirrors.Self && _directory.HasRoomAt(m));

    /// <summary>From now on members are connected to, and asked for. Comes after <see cref="Begin"/>.</summary>
    /// <param name="open">The row, confirmed to be open.</param>
    public void Start(SessionRow open)
    {
        Post(() => _core.Start(open, _mirrors.Now));
        _mirrors.Add(this);
    }

    public void Begin(IMirroredCache cache) => _cache = cache;

    public void Want(IReadOnlySet<string> unwanted, string? target)
    {
        var (before, last) = _wanted;
        if (target == last && unwanted.SetEquals(before))
            return;
        _wanted = (unwanted, target);
        Post(() => _core.Want(unwanted, target, _mirrors.Now));
    }

    public bool Append(CachePosition at, IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        if (_isAlone)
            return true;
        if (_isEnded)
            return false;
        var length = 0;
        for (var i = 0; i < parts.Count; i++)
            length += parts[i].Length;
        var frame = new FrameBytes(length);
        var to = frame.Bytes.Span;
        for (var i = 0; i < parts.Count; i++)
        {
            parts[i].Span.CopyTo(to);
            to = to[parts[i].Length..];
        }
        Interlocked.Add(ref _keptBytes, length);
        Post(new(StepKind.Append, at, frame, null), Driving.WithinCache);
        return false;
    }

    public bool Sync(CachePosition upTo)
    {
        if (_isAlone)
            return true;
        if (!_isEnded)
            Post(new(StepKind.Sync, upTo, null, null), Driving.WithinCache);
        return false;
    }

    /// <summary>
    /// Is this still the device's newest epoch? Each other member is asked: only then may a login share the session, and so read.
    /// </summary>
    /// <returns>False when the session is over, or nothing was confirmed within <see cref="MirrorSettings.OpeningTimeout"/>.</returns>
    public async Task<bool> ConfirmAsync(CancellationToken cancellation)
    {
        var confirmed = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        PostLast(() => Ask(confirmed));
        try
        {
            return await confirmed.Task.WaitAsync(_mirrors.Settings.OpeningTimeout, _mirrors.Time, cancellation);
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Ends the mirroring; comes after the write cache was closed, or that is fenced. What members have they keep.</summary>
    public async ValueTask DisposeAsync()
    {
        PostLast(() => Over(null));
        await _over.Task;
        // What is being read of the write cache ends first.
        await _disk.WaitAsync();
        _disk.Release();
    }

    void ITicked.Tick()
    {
        if (Interlocked.Exchange(ref _isTickQueued, 1) == 0)
            Post(new(StepKind.Tick, default, null, null), Driving.Here);
    }

    void IThreadPoolWorkItem.Execute() => Drive(isWithinCache: false);

    private void Post(Action step) => Post(new(StepKind.Other, default, step, null), Driving.Elsewhere);

    /// <summary>Also after the end.</summary>
    private void PostLast(Action step) => Post(new(StepKind.Last, default, step, null), Driving.Elsewhere);

    /// <summary>False: too much waits.</summary>
    private bool Post(in Step step, Driving driving)
    {
        lock (_gate)
        {
            if (step.Kind == StepKind.Received && _steps.Count >= StepsMax)
                return false;
            _steps.Enqueue(step);
            if (_isDriven)
                return true;
            _isDriven = true;
        }
        if (driving == Driving.Elsewhere)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        else
            Drive(driving == Driving.WithinCache);
        return true;
    }

    private void Drive(bool isWithinCache)
    {
        for (var round = 1; ; round++)
        {
            lock (_gate)
                (_steps, _taken) = (_taken, _steps);
            while (_taken.TryDequeue(out var step))
                Run(step);
            Look();
            if (!isWithinCache)
                Tell();
            lock (_gate)
                if (_steps.Count == 0 && !HasNews)
                {
                    _isAlone = _core.IsAlone && !_isEnded;
                    _isDriven = false;
                    return;
                }
            if (isWithinCache || round == RoundsAtOnce)
            {
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                return;
            }
        }
    }

    private void Run(in Step step)
    {
        try
        {
            if (step.Kind != StepKind.Last && _cache is { State: not DiskStatus.Ok and var state })
                Over($"its own write cache is over: {state}");
            if (!_isEnded || step.Kind == StepKind.Last)
                Take(step);
        }
        catch (Exception unexpected)
        {
            // A defect of ours: better no session than one that is not mirrored as it says.
            Log.SessionFailed(_mirrors.Log, _row.Cache, unexpected.ToString());
            Over("its mirroring failed");
        }
    }

    private void Take(in Step step)
    {
        var now = _mirrors.Now;
        switch (step.Kind)
        {
            case StepKind.Append:
                var frame = (FrameBytes)step.What!;
                _kept.Enqueue((step.At.Plus(frame.Length), frame));
                _appending = frame;
                _core.Append(step.At, frame.Bytes, now);
                _appending = null;
                break;
            case StepKind.Sync:
                _core.Sync(step.At, now);
                break;
            case StepKind.Received when IsCurrent(step.From!):
                _core.Received(step.From!.Server, (MirrorMessage)step.What!, now);
                break;
            case StepKind.Tick:
                Volatile.Write(ref _isTickQueued, 0);
                _core.Tick(now);
                break;
            case StepKind.Other or StepKind.Last:
                ((Action)step.What!)();
                break;
        }
    }

    private enum StepKind
    {
        Append,
        Sync,
        Received,
        Tick,
        Other,

        /// <summary>It is seen to after the end, too.</summary>
        Last,
    }

    /// <summary>Who may do the work that was queued, when nobody does yet.</summary>
    private enum Driving
    {
        Here,

        /// <summary>The caller, but for what others are to be told.</summary>
        WithinCache,

        /// <summary>The thread pool.</summary>
        Elsewhere,
    }

    /// <param name="What">A frame's bytes, a message, or what is to be done.</param>
    private readonly record struct Step(StepKind Kind, CachePosition At, object? What, Member? From);
}
