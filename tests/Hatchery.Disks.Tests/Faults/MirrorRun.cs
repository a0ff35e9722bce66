namespace Hatchery.Disks.Tests;

/// <summary>
/// A write cache on one simulated host and a copy on another, which gets all that is appended, answers when it likes, and is the next cache: random
/// work, several requests at once, until the session ends in one of many ways. Then the copy is opened and read, and another one joins that.
/// </summary>
internal sealed class MirrorRun
{
    private const int Rounds = 3;

    // Nothing here takes a hundredth of it; a run that hangs is to name its seed.
    private static readonly TimeSpan s_hangs = TimeSpan.FromMinutes(2);

    private readonly Random _random;
    private readonly Counts _seen;
    private readonly CacheModel _model = new(CopyNode.Sectors);
    private readonly List<Task> _pending = [];
    private readonly List<uint> _acknowledged = [];
    private CopyNode _streamer;
    private CopyNode _member;
    private FakeMirror _mirror = null!;
    private WriteCache _cache = null!;
    private CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;
    private Task _compacting = Task.CompletedTask;
    private Epoch _epoch = new(1);
    private bool _isJoined;
    private string? _wrong;

    public MirrorRun(Random random, Counts seen)
    {
        (_random, _seen) = (random, seen);
        (_streamer, _member) = (NewNode("0"), NewNode("1"));
    }

    /// <summary>What ends a session.</summary>
    private enum Ending
    {
        Fence,
        Promise,
        Death,
        FailedSync,
        CleanEnd,
        PowerLossOfMember,
    }

    /// <summary>Null, or what was wrong.</summary>
    public async Task<string?> RunAsync()
    {
        try
        {
            return await RunRoundsAsync();
        }
        catch (TimeoutException hung)
        {
            return $"it hangs: cache {_cache.State}, {_mirror}, pump {_running.Status} {_running.Exception}; {hung}";
        }
    }

    private async Task<string?> RunRoundsAsync()
    {
        await MirrorAsync();
        _cache = _streamer.Create(_epoch, Options()).Value!;
        _isJoined = true;
        // A copy that has nothing yet could not take over.
        await WriteAsync().WaitAsync(s_hangs);
        for (var round = 0; round < Rounds; round++)
        {
            var ending = (Ending)_random.Next(6);
            if (await RoundAsync(ending) is { } fault)
                return $"round {round}, {ending}: {fault}";
        }
        await EndAsync(Ending.Fence);
        return null;
    }

    private async Task<string?> RoundAsync(Ending ending)
    {
        if (!_isJoined)
        {
            var joining = JoinAsync(_random.Next());
            await WorkAsync(isCalm: true);
            await joining.WaitAsync(s_hangs);
        }
        if (ending == Ending.Death)
        {
            // Counted from now.
            _streamer.Files.Restart();
            _streamer.Files.DiesAt = _random.Next(1, 60);
        }
        await WorkAsync(isCalm: false);
        if (ending == Ending.FailedSync)
        {
            _streamer.Files.NextSyncFails = true;
            _pending.Add(FlushAsync());
            await WorkAsync(isCalm: true);
        }
        await EndAsync(ending);
        return _wrong ?? _mirror.Wrong ?? await FailOverAsync(ending == Ending.PowerLossOfMember);
    }

    private async Task EndAsync(Ending ending)
    {
        if (ending == Ending.CleanEnd)
        {
            await _cache.DisposeAsync().AsTask().WaitAsync(s_hangs);
            if (_cache.IsSealed && _mirror.Acknowledged < _mirror.Head && _mirror.Synced < _mirror.Head)
                _wrong ??= $"it has ended, and the copy has {_mirror.Acknowledged} of {_mirror.Head}";
            _seen.CleanEnds += _cache.IsSealed ? 1 : 0;
        }
        await _stopping.CancelAsync();
        await _running.WaitAsync(s_hangs);
        if (ending == Ending.Promise)
            await _cache.FenceAsync(_epoch.Next());
        _mirror.Cache.Fence();
        await Task.WhenAll(_pending).WaitAsync(s_hangs);
        await _compacting.WaitAsync(s_hangs);
        await _cache.DisposeAsync().AsTask().WaitAsync(s_hangs);
        _pending.Clear();
        _acknowledged.Clear();
        _seen.FailedSyncs += _cache.IsLost ? 1 : 0;
        _seen.Deaths += _streamer.Files.IsDead ? 1 : 0;
        _streamer.Files.Restart();
    }

    /// <summary>The copy becomes the write cache.</summary>
    private async Task<string?> FailOverAsync(bool lostPower)
    {
        _epoch = _epoch.Next().Next();
        if (lostPower)
        {
            _seen.PowerLosses++;
            _member.Files.LosePower();
        }
        var copy = _member.Copy();
        if (await copy.PromiseAsync(_epoch) is not { } state)
            return "no promise";
        if (state.Condition != CopyCondition.Whole && !(lostPower && state.Condition == CopyCondition.PowerLost))
            return $"the copy is {state}";
        if (copy.Seal(state.End) is var outcome and not DiskOutcome.Done)
            return $"not sealed at {state.End}: {outcome}";
        if (_member.DifferenceFrom(_streamer) is { } differs)
            return differs;
        (_streamer, _member) = (_member, NewNode($"{_epoch}"));
        await MirrorAsync();
        _mirror.IsRequired = _isJoined = false;
        var opened = _streamer.Open(_epoch, Options());
        if (opened.Value is not { } cache)
            return opened.Fault!.ToString();
        _cache = cache;
        _seen.FailOvers++;
        return _model.Check(SimulatedCache.ReadAll(cache), lostPower);
    }

    private async Task MirrorAsync()
    {
        var copy = _member.Copy();
        await copy.PromiseAsync(_epoch);
        copy.Prepare();
        _mirror = new(_streamer.Files, _streamer.Folder, copy) { RoomBytes = _random.Next(4, 200) << 10 };
        _stopping = new();
        var (mirror, random, cancellation) = (_mirror, new Random(_random.Next()), _stopping.Token);
        _running = Task.Run(() => mirror.RunAsync(random, cancellation), CancellationToken.None);
    }

    /// <summary>A further copy: new segments live, the closed ones by hash.</summary>
    private async Task JoinAsync(int seed)
    {
        var random = new Random(seed);
        var cache = _mirror.Cache;
        cache.HoldCompaction(isHeld: true);
        var below = await _mirror.JoinAsync();
        var above = 0;
        while (cache.HashSegment(above, below) is { } segment)
        {
            Copy(segment.Number, segment.LengthBytes, segment.Sha256, random);
            above = segment.Number;
        }
        await _mirror.RequireAsync();
        cache.HoldCompaction(isHeld: false);
        _isJoined = true;
        _seen.Joins++;
    }

    private void Copy(int segment, long length, byte[] hash, Random random)
    {
        var buffer = new byte[random.Next(1, 40_000)];
        for (long at = 0; at < length; )
        {
            var read = _mirror.Cache.ReadSegment(segment, at, buffer)!.Value;
            var piece = buffer.AsMemory(0, read);
            var (next, outcome) = _mirror.OnCopy(c => c.CopySegment(segment, at, piece, length, hash));
            if (outcome != DiskOutcome.Done || next != at + read)
            {
                _wrong ??= $"segment {segment} is not copied at {at}: {outcome}, {next}";
                return;
            }
            at = next;
        }
        _seen.Copied++;
    }

    /// <param name="isCalm">The disk does not fill up.</param>
    private async Task WorkAsync(bool isCalm)
    {
        for (var step = _random.Next(10, 60); step > 0 && _cache.State == DiskStatus.Ok; step--)
            switch (_random.Next(32))
            {
                case < 4:
                    _pending.Add(FlushAsync());
                    break;
                case < 7 when _compacting.IsCompleted:
                    _compacting = CompactAsync();
                    break;
                case 7:
                    _mirror.Cache.BeginSegment();
                    break;
                case 8 when !isCalm:
                    _streamer.Files.SpaceBytes = _streamer.Files.UsedBytes + _random.Next(60_000);
                    break;
                case 9:
                    _streamer.Files.SpaceBytes = long.MaxValue;
                    break;
                case < 16:
                    await Task.WhenAll(_pending).WaitAsync(s_hangs);
                    _pending.Clear();
                    if (_random.Next(4) == 0)
                        Read();
                    break;
                default:
                    _pending.Add(WriteAsync());
                    break;
            }
        _streamer.Files.SpaceBytes = long.MaxValue;
    }

    private void Read()
    {
        var bytes = new byte[_cache.LengthBytes];
        if (_cache.Read(0, bytes) == DiskStatus.Ok)
            _wrong ??= _model.Compare(bytes);
    }

    private async Task CompactAsync()
    {
        var closed = _cache.ClosedSegments;
        await _cache.CompactAsync(closed.Select(s => s.Number).Where(_ => _random.Next(2) == 0).ToHashSet());
        _seen.Removals += closed.Except(_cache.ClosedSegments).Any() ? 1 : 0;
    }

    private async Task WriteAsync()
    {
        var first = _random.Next(CopyNode.Sectors);
        var count = Math.Min(_random.Next(1, _random.Next(10) == 0 ? 100 : 12), CopyNode.Sectors - first);
        var zeroes = _random.Next(5) == 0;
        byte[] data;
        (int, int[]) write;
        lock (_model)
        {
            data = _model.NewData(count);
            write = _model.Begin(first, count, zeroes);
        }
        var status = zeroes
            ? await _cache.ZeroAsync(first * 512L, data.Length, CancellationToken.None)
            : await _cache.WriteAsync(first * 512L, data, CancellationToken.None);
        lock (_model)
            switch (status)
            {
                case DiskStatus.Ok:
                    _model.Acknowledge(write);
                    Acknowledged(zeroes ? null : BitConverter.ToUInt32(data));
                    break;
                case DiskStatus.NoSpace:
                    _model.Withdraw(write);
                    _seen.Refused++;
                    break;
                case DiskStatus.Fenced:
                    _seen.Fenced++;
                    break;
            }
    }

    private void Acknowledged(uint? stamp)
    {
        _seen.Writes++;
        if (stamp is not { } one)
            return;
        _acknowledged.Add(one);
        if (!_mirror.HasAcknowledged(one))
            _wrong ??= "a write is acknowledged that the copy does not have";
    }

    private async Task FlushAsync()
    {
        int[] before;
        uint[] stamps;
        lock (_model)
            (before, stamps) = (_model.BeforeFlush(), [.. _acknowledged]);
        if (await _cache.FlushAsync() != DiskStatus.Ok)
            return;
        lock (_model)
        {
            _model.Flushed(before);
            _seen.Flushes++;
            if (!stamps.All(_mirror.HasSynced))
                _wrong ??= "a write is flushed that the copy did not sync";
        }
    }

    private WriteCacheOptions Options()
    {
        var salts = new Random(_random.Next());
        return new()
        {
            SegmentSizeBytes = _random.Next(12, 60) << 10,
            UnsyncedMaxBytes = 96 << 10,
            Salt = () => (uint)salts.Next(),
            Mirror = _mirror,
        };
    }

    private CopyNode NewNode(string name) => new(new Random(_random.Next()), name);

    /// <summary>What happened in all runs together.</summary>
    public sealed record Counts
    {
        public int Writes { get; set; }
        public int Flushes { get; set; }
        public int Fenced { get; set; }
        public int Refused { get; set; }
        public int Removals { get; set; }
        public int Joins { get; set; }
        public int Copied { get; set; }
        public int FailOvers { get; set; }
        public int Deaths { get; set; }
        public int FailedSyncs { get; set; }
        public int PowerLosses { get; set; }
        public int CleanEnds { get; set; }
    }
}
