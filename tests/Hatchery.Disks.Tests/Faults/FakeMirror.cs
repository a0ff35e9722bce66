using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Hatchery.Disks.Tests;

/// <summary>
/// Another copy of a write cache, which gets what was appended when a test says so, and says what it has when the test says so. It checks what it is
/// called with: one call at a time, in the order of the files, nothing that the own file does not have, nothing durable that is not so here.
/// </summary>
/// <param name="own">The files of the write cache.</param>
/// <param name="copy">Where the bytes go; null: nowhere.</param>
internal sealed class FakeMirror(SimulatedFileSystem own, string folder, CacheCopy? copy = null) : ICacheMirror
{
    private const int SectorBytes = 512;

    private readonly Lock _gate = new();
    private readonly Queue<(CachePosition At, byte[]? Bytes)> _sent = new();
    private readonly SemaphoreSlim _signal = new(0);
    private readonly Dictionary<uint, CachePosition> _ends = [];
    private CachePosition _delivered;
    private CachePosition _synced;
    private CachePosition _settledAt;
    private TaskCompletionSource<int>? _joining;
    private TaskCompletionSource? _settling;
    private bool _takes = true;
    private int _calls;

    public IMirroredCache Cache { get; private set; } = null!;

    /// <summary>False: no other copy is waited for, and every call is answered at once.</summary>
    public bool IsRequired { get; set; } = true;

    public long RoomBytes { get; set; } = long.MaxValue;

    /// <summary>Called after each call of the cache.</summary>
    public Action? Called { get; set; }

    /// <summary>The first thing that was not as it has to be.</summary>
    public string? Wrong { get; private set; }

    public CachePosition Head { get; private set; }

    /// <summary>What the cache was told last.</summary>
    public CachePosition Acknowledged { get; private set; }

    public CachePosition Synced { get; private set; }

    public CachePosition? SyncAsked { get; private set; }

    public List<(CachePosition At, int Bytes)> Appends { get; } = [];

    public long PendingBytes { get; private set; }

    public bool HasRoom => PendingBytes < RoomBytes;

    public bool IsElsewhere { get; set; }

    public void Begin(IMirroredCache cache)
    {
        Note(Cache is null ? null : "begun twice");
        Cache = cache;
    }

    public bool Append(CachePosition at, IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        var bytes = SimulatedFileSystem.Joined(parts);
        bool isDone;
        lock (_gate)
        {
            Note(Interlocked.Increment(ref _calls) == 1 ? null : "two calls at once");
            Note(Judge(at, bytes));
            Head = at.Plus(bytes.Length);
            Appends.Add((at, bytes.Length));
            foreach (var stamp in Stamps(bytes))
                _ends.TryAdd(stamp, Head);
            if (_joining is { } joining && at.Offset == 0 && !_takes)
            {
                _takes = true;
                joining.SetResult(at.Segment);
            }
            if (copy is not null && _takes)
                _sent.Enqueue((at, bytes));
            PendingBytes += bytes.Length;
            isDone = !IsRequired;
            if (isDone)
                (Acknowledged, PendingBytes) = (Head, 0);
        }
        Interlocked.Decrement(ref _calls);
        _signal.Release();
        Called?.Invoke();
        return isDone;
    }

    public bool Sync(CachePosition upTo)
    {
        bool isDone;
        lock (_gate)
        {
            Note(Interlocked.Increment(ref _calls) == 1 ? null : "two calls at once");
            Note(upTo <= Head ? null : $"a sync of {upTo}, beyond {Head}");
            SyncAsked = upTo;
            if (_takes)
                _sent.Enqueue((upTo, null));
            isDone = !IsRequired;
            if (isDone && upTo > Synced)
                Synced = upTo;
        }
        Interlocked.Decrement(ref _calls);
        _signal.Release();
        Called?.Invoke();
        return isDone;
    }

    /// <summary>The copy gets the next of what was sent. False: there is nothing.</summary>
    public bool Deliver()
    {
        lock (_gate)
        {
            if (!_sent.TryDequeue(out var next))
                return false;
            var outcome =
                copy is null ? DiskOutcome.Done
                : next.Bytes is null ? copy.BeginSync(next.At)()
                : copy.Append(next.At, next.Bytes);
            Note(outcome == DiskOutcome.Done ? null : $"{next.At} is {outcome}");
            if (next.Bytes is not null)
                _delivered = next.At.Plus(next.Bytes.Length);
            else if (next.At > _synced)
                _synced = next.At;
            if (_synced >= _settledAt)
                _settling?.TrySetResult();
            return true;
        }
    }

    /// <summary>Says what the copy has. False: that was said.</summary>
    public bool Acknowledge()
    {
        lock (_gate)
        {
            if (_delivered <= Acknowledged)
                return false;
            Acknowledged = _delivered;
            PendingBytes = _sent.Sum(s => s.Bytes?.Length ?? 0);
        }
        Cache.Acknowledged(Acknowledged);
        return true;
    }

    /// <summary>Says what of the copy is durable. False: that was said.</summary>
    public bool AnswerSync()
    {
        lock (_gate)
        {
            if (_synced <= Synced)
                return false;
            Synced = _synced;
        }
        Cache.Synced(Synced);
        return true;
    }

    /// <summary>Delivers and answers with delays, until it is cancelled; from then on nothing more is said.</summary>
    public async Task RunAsync(Random random, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            var isDone = random.Next(4) switch
            {
                0 => Acknowledge(),
                1 => AnswerSync(),
                _ => Deliver(),
            };
            if (!isDone && IsIdle)
                await _signal.WaitAsync(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            else if (random.Next(3) == 0)
                await Task.Yield();
        }
    }

    /// <summary>From the next segment on the copy gets what is appended. Nobody waits for it before <see cref="RequireAsync"/>.</summary>
    /// <returns>When that has begun: its number.</returns>
    public Task<int> JoinAsync()
    {
        lock (_gate)
        {
            (IsRequired, _takes) = (false, false);
            _joining = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        Cache.BeginSegment();
        return _joining.Task;
    }

    /// <summary>From now on nothing is acknowledged that the copy does not have.</summary>
    /// <returns>When it has all of before, durably.</returns>
    public Task RequireAsync()
    {
        lock (_gate)
        {
            (IsRequired, _settledAt, _settling) = (true, Head, new(TaskCreationOptions.RunContinuationsAsynchronously));
            _sent.Enqueue((Head, null));
        }
        _signal.Release();
        return _settling.Task;
    }

    /// <summary>Uses the copy, between what it gets.</summary>
    public T OnCopy<T>(Func<CacheCopy, T> use)
    {
        lock (_gate)
            return use(copy!);
    }

    /// <summary>The cache was told that the copy has data of that stamp, as <see cref="CacheModel.NewData"/> makes them.</summary>
    public bool HasAcknowledged(uint stamp)
    {
        lock (_gate)
            return _ends[stamp] <= Acknowledged || _ends[stamp] <= Synced;
    }

    /// <summary>The cache was told that they are durable.</summary>
    public bool HasSynced(uint stamp)
    {
        lock (_gate)
            return _ends[stamp] <= Synced;
    }

    public override string ToString() =>
        $"head {Head}, delivered {_delivered}, acknowledged {Acknowledged}, sync asked {SyncAsked}, synced {_synced}, told {Synced}, "
        + $"{_sent.Count} on the way, {PendingBytes} of {RoomBytes} bytes, {_calls} calls";

    private bool IsIdle
    {
        get
        {
            lock (_gate)
                return _sent.Count == 0 && _delivered <= Acknowledged && _synced <= Synced;
        }
    }

    private string? Judge(CachePosition at, byte[] bytes)
    {
        if (at != Head && (at.Offset != 0 || at.Segment <= Head.Segment))
            return $"{at} does not follow {Head}";
        var file = own.Bytes(Path.Combine(folder, SegmentName.Of(at.Segment))).AsSpan();
        if (file.Length < at.Offset + bytes.Length || !file.Slice((int)at.Offset, bytes.Length).SequenceEqual(bytes))
            return $"the own file has something else at {at}";
        if (at.Offset == 0)
            return null;
        var durable = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(32));
        if (durable > SegmentHeader.SizeBytes && new CachePosition(at.Segment, durable) > Synced)
            return $"the record at {at} calls {durable} durable, and {Synced} is";
        return null;
    }

    private static IEnumerable<uint> Stamps(byte[] bytes)
    {
        for (var at = 0; at + SectorBytes <= bytes.Length; at += SectorBytes)
        {
            var words = MemoryMarshal.Cast<byte, uint>(bytes.AsSpan(at, SectorBytes));
            if (words[0] != CacheModel.Zeroes && !words.ContainsAnyExcept(words[0]))
                yield return words[0];
        }
    }

    private void Note(string? wrong) => Wrong ??= wrong;
}
