using System.Collections.Concurrent;
using Hatchery.Disks;
using Microsoft.Extensions.Logging;

namespace Hatchery.Mirroring;

/// <summary>What mirrors the write caches that one server streams: its sessions, the openings of their epochs, and the time that they share. Thread-safe.</summary>
/// <param name="self">This server's name.</param>
/// <param name="copies">Of this server: its own copy of a write cache is asked as any other's.</param>
/// <param name="dialer">To the other servers.</param>
/// <param name="time">Only its monotonic clock and its timers are used.</param>
public sealed class Mirrors : IAsyncDisposable
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<ITicked, bool> _ticked = new();
    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly ITimer _timer;

    public Mirrors(
        string self,
        MemberCopies copies,
        MirrorDialer dialer,
        MirrorSettings settings,
        TimeProvider time,
        ILoggerFactory logs
    )
    {
        (Self, Copies, Dialer, Settings, _time) = (self, copies, dialer, settings, time);
        (Log, Joins) = (logs.CreateLogger<Mirrors>(), new(settings.JoinsMax));
        KeptRate = new(settings.KeptBytesPerSecond, time);
        _started = time.GetTimestamp();
        _timer = time.CreateTimer(_ => Tick(), null, s_tick, s_tick);
    }

    internal string Self { get; }

    internal MemberCopies Copies { get; }

    internal MirrorDialer Dialer { get; }

    internal MirrorSettings Settings { get; }

    internal TimeProvider Time => _time;

    internal ILogger Log { get; }

    /// <summary>Taken while a further copy is made.</summary>
    internal SemaphoreSlim Joins { get; }

    /// <summary>Of copies that no machine waits for.</summary>
    internal ByteRate KeptRate { get; }

    internal TimeSpan Now => _time.GetElapsedTime(_started);

    /// <summary>Whether a server that streams the write cache has just sent something for the copy here.</summary>
    public bool Hears(LayerId cache) => Copies.Hears(cache, Settings.MemberTimeout);

    /// <summary>Closes this server's own copy of a write cache that nobody is connected to now.</summary>
    public ValueTask ReleaseAsync(LayerId cache) => Copies.ReleaseAsync(cache);

    /// <summary>Opens the epoch in which a boot goes on. Takes no longer than <see cref="MirrorSettings.OpeningTimeout"/>.</summary>
    /// <param name="row">As the keeper swapped it in: <see cref="SessionPhase.Opening"/>, with this server as its streamer.</param>
    /// <param name="isNewBoot">The machine begins anew on what an earlier boot has left.</param>
    /// <exception cref="OperationCanceledException">The row may be open all the same.</exception>
    public async Task<OpeningOutcome> OpenAsync(
        SessionRow row,
        ISessionDirectory directory,
        bool isNewBoot,
        CancellationToken cancellation
    )
    {
        var opening = new OpeningHost(this, row, directory, isNewBoot);
        _ticked[opening] = true;
        try
        {
            return await opening.RunAsync(cancellation);
        }
        finally
        {
            _ticked.TryRemove(opening, out _);
        }
    }

    /// <summary>The mirror of a session, made before its write cache is created or opened.</summary>
    /// <param name="row">For a new boot as it was granted; for one that goes on as <see cref="OpeningOutcome.Opened"/> has it.</param>
    /// <param name="seal">As <see cref="OpeningOutcome.Opened"/> has it; nothing for a new boot.</param>
    /// <param name="onNotice">Told what happens to the copies; must not block.</param>
    /// <param name="onEnd">Told once, when the session is over for a reason of its own, after the write cache was fenced; must not block. That the write cache was closed is such a reason, too.</param>
    /// <param name="isUnattended">No machine has it: copies are made no faster than <see cref="MirrorSettings.KeptBytesPerSecond"/>.</param>
    public MirroredSession Begin(
        SessionRow row,
        CopyIdentity identity,
        CachePosition seal,
        ISessionDirectory directory,
        Action<MirrorNotice> onNotice,
        Action<string> onEnd,
        bool isUnattended = false
    ) => new(this, row, identity, seal, directory, onNotice, onEnd, isUnattended ? KeptRate : null);

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        foreach (var session in _ticked.Keys.OfType<MirroredSession>())
            await session.DisposeAsync();
    }

    internal void Add(ITicked ticked) => _ticked[ticked] = true;

    internal void Remove(ITicked ticked) => _ticked.TryRemove(ticked, out _);

    private void Tick()
    {
        foreach (var (ticked, _) in _ticked)
            ticked.Tick();
    }
}

/// <summary>Told about ten times a second; may be told on several threads, and must not block.</summary>
internal interface ITicked
{
    void Tick();
}
