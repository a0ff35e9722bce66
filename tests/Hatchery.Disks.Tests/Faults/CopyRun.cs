namespace Hatchery.Disks.Tests;

/// <summary>
/// A write cache on one simulated host and its copy on another. Random work, with everything that is appended given to the copy; the copy's host dies
/// or loses power in the middle of any call to its files, or one of its syncs fails. Then it is sealed, opened as a write cache and compared, and the
/// first host's copy becomes a copy of that, sealed in the same place.
/// </summary>
internal sealed class CopyRun
{
    private const int Sectors = CopyNode.Sectors;
    private const int Rounds = 4;

    private readonly Random _random;
    private readonly Counts _seen;
    private CopyNode _streamer;
    private CopyNode _member;
    private WriteCache _cache = null!;
    private CacheCopy _copy = null!;
    private Epoch _epoch = new(1);
    private CachePosition _sent;
    private CachePosition _done;
    private CachePosition _synced;
    private DiskOutcome _failed;

    public CopyRun(Random random, Counts seen)
    {
        (_random, _seen) = (random, seen);
        (_streamer, _member) = (new(random, "a"), new(random, "b"));
    }

    /// <summary>Null, or what was wrong.</summary>
    public async Task<string?> RunAsync()
    {
        _cache = _streamer.Create(_epoch, Options(_random)).Value!;
        if (await JoinAsync() is { } wrong)
            return $"at first: {wrong}";
        for (var round = 0; round < Rounds; round++)
            if (await RoundAsync() is { } fault)
                return $"round {round}: {fault}";
        return null;
    }

    private async Task<string?> RoundAsync()
    {
        _failed = DiskOutcome.Done;
        _member.Files.DiesAt = _random.Next(3) == 0 ? null : _random.Next(1, 120);
        if (_random.Next(8) == 0)
            _member.Files.NextSyncFails = true;
        // What a record calls durable is so in every copy.
        _streamer.Files.BeforeSync = () =>
        {
            Pull();
            Sync();
        };
        for (var step = 0; step < 40 && _failed == DiskOutcome.Done; step++)
        {
            await WorkAsync();
            Pull();
            if (_failed == DiskOutcome.Done && _random.Next(5) == 0)
                Sync();
        }
        _streamer.Files.BeforeSync = null;
        return await RecoverAsync();
    }

    private async Task<string?> RecoverAsync()
    {
        var isDead = _member.Files.IsDead;
        (_member.Files.NextSyncFails, _member.Files.DiesAt) = (false, null);
        var lostPower = isDead && _random.Next(2) == 0;
        if (lostPower)
            _member.Files.LosePower();
        else if (isDead)
            _member.Files.Restart();
        if (isDead)
        {
            _seen.Deaths++;
            _seen.PowerLosses += lostPower ? 1 : 0;
            _copy = _member.Copy();
        }
        _epoch = _epoch.Next();
        if (await _copy.PromiseAsync(_epoch) is not { } state)
            return "no promise";
        if (_failed == DiskOutcome.Lost)
            return isDead || state.Condition == CopyCondition.Lost ? await BeginAnewAsync() : $"a lost copy is {state}";
        if (Judge(state, lostPower, isDead) is { } wrong)
            return wrong;
        return await FailOverAsync(state.End);
    }

    private string? Judge(CopyState state, bool lostPower, bool isDead)
    {
        // It was cut down to what was synced, or to more.
        var (least, most) = (lostPower ? _synced : _done, isDead ? _sent : _done);
        var isExpected =
            state.Condition == CopyCondition.Whole || (lostPower && state.Condition == CopyCondition.PowerLost);
        return isExpected && state.End >= least && state.End <= most
            ? null
            : $"{state}, where {least} has to be there and {most} was sent ({(lostPower ? "power lost" : "killed")})";
    }

    /// <summary>The copy becomes the write cache, and the write cache a copy.</summary>
    private async Task<string?> FailOverAsync(CachePosition seal)
    {
        _seen.FailOvers++;
        if (_copy.Seal(seal) is var sealedAs and not DiskOutcome.Done)
            return $"not sealed at {seal}: {sealedAs}";
        if (_random.Next(2) == 0)
        {
            // Sealed is sealed, also when power is lost right after.
            _member.Files.LosePower();
            _copy = _member.Copy();
            if (await _copy.PromiseAsync(_epoch) is not { } again || again.End != seal)
                return $"sealed at {seal}, and after a loss of power something else";
            if (_copy.Seal(seal) != DiskOutcome.Done)
                return "not sealed again";
        }
        if (Differs(seal) is { } differs)
            return differs;
        var old = _streamer.Copy(_cache);
        if (await old.PromiseAsync(_epoch) is not { Condition: CopyCondition.Whole } length || length.End < seal)
            return "the write cache is shorter than its copy";
        var lacksSome = _member.Segments.Except(_streamer.Segments).Any();
        var outcome = old.Seal(seal);
        // What it compacted away behind the seal it does not have any more.
        var gone = outcome == DiskOutcome.NotWritten && lacksSome;
        if (outcome != DiskOutcome.Done && !gone)
            return $"the write cache is sealed at {seal}: {outcome}";
        var expected = gone ? null : ReadAll(_streamer, _epoch);
        var opened = Open(_member, _epoch);
        if (opened.Value is not { } cache)
            return opened.Fault!.ToString();
        if (cache.Recovery.LostPower)
            return "a sealed copy counts as one that lost power";
        if (expected is not null && !SimulatedCache.ReadAll(cache).AsSpan().SequenceEqual(expected))
            return $"sealed at {seal}, the copy reads otherwise than the write cache";
        (_streamer, _member, _cache, _copy) = (_member, _streamer, cache, old);
        (_sent, _done, _synced) = (seal, seal, seal);
        return gone ? await JoinAsync() : null;
    }

    /// <summary>The copy is lost: the streamer goes on in a new epoch, and another copy is made where something of the old one lies.</summary>
    private async Task<string?> BeginAnewAsync()
    {
        _seen.LostCopies++;
        await _cache.DisposeAsync();
        if (Open(_streamer, _epoch).Value is not { } cache)
            return "the write cache does not open again";
        _cache = cache;
        return await JoinAsync();
    }

    private async Task<string?> JoinAsync()
    {
        _copy = _member.Copy();
        if (await _copy.PromiseAsync(_epoch) is null || _copy.Prepare() != DiskOutcome.Done)
            return "not prepared";
        var closed = _cache.ClosedSegments;
        // What is written next begins a segment.
        _failed = DiskOutcome.Done;
        _sent = closed.Count > 0 ? new(closed[^1].Number, closed[^1].Length) : default;
        await WriteAsync();
        Pull();
        foreach (var segment in closed)
        {
            var bytes = _streamer.Files.Bytes(_streamer.PathOf(segment.Number)).AsMemory(0, (int)segment.Length);
            var hash = System.Security.Cryptography.SHA256.HashData(bytes.Span);
            if (_copy.Matches(segment.Number, segment.Length, hash))
            {
                _seen.Matched++;
                continue;
            }
            for (var at = 0; at < bytes.Length; )
            {
                var piece = bytes.Slice(at, Math.Min(_random.Next(1, 20_000), bytes.Length - at));
                var (next, outcome) = _copy.CopySegment(segment.Number, at, piece, bytes.Length, hash);
                if (outcome != DiskOutcome.Done || next != at + piece.Length)
                    return $"segment {segment.Number} is not copied: {next}, {outcome}";
                at += piece.Length;
            }
            _seen.Copied++;
        }
        if (_copy.BeginSync(_done)() != DiskOutcome.Done)
            return "not synced";
        _synced = _done;
        return _failed == DiskOutcome.Done ? null : $"nothing is appended: {_failed}";
    }

    private async Task WorkAsync()
    {
        switch (_random.Next(8))
        {
            case 0:
                await _cache.FlushAsync();
                break;
            case 1 when _cache.SegmentsToCompact(urgent: true) is { Count: > 0 } segments:
                // Closing the segment that is written comes with it: what it is then has to be sent before it may go.
                Pull();
                if (await _cache.CompactAsync(segments) == DiskStatus.Ok)
                    _seen.Compactions++;
                break;
            default:
                await WriteAsync();
                break;
        }
    }

    private async Task WriteAsync()
    {
        var first = _random.Next(Sectors);
        var data = new byte[Math.Min(_random.Next(1, 40), Sectors - first) * 512];
        _random.NextBytes(data);
        if (_random.Next(6) == 0)
            await _cache.ZeroAsync(first * 512L, data.Length, CancellationToken.None);
        else
            await _cache.WriteAsync(first * 512L, data, CancellationToken.None);
    }

    /// <summary>Gives the copy what was appended since.</summary>
    private void Pull()
    {
        for (var number = Math.Max(1, _sent.Segment); _failed == DiskOutcome.Done; number++)
        {
            if (!_streamer.Files.Exists(_streamer.PathOf(number)))
                return;
            var bytes = _streamer.Files.Bytes(_streamer.PathOf(number)).AsMemory();
            var from = number == _sent.Segment ? (int)_sent.Offset : 0;
            if (from == 0)
                Append(new(number, 0), bytes[..4096]);
            from = Math.Max(from, 4096);
            if (_failed == DiskOutcome.Done && from < bytes.Length)
                Append(new(number, from), bytes[from..]);
        }
    }

    private void Append(CachePosition at, ReadOnlyMemory<byte> bytes)
    {
        _sent = at.Plus(bytes.Length);
        _seen.Appends++;
        // A sync that is under way keeps nothing from being appended to the same segment.
        var (sync, upTo) = (at.Offset > 0 && _random.Next(4) == 0 ? _copy.BeginSync(_done) : null, _done);
        _failed = _copy.Append(at, bytes);
        if (sync is not null)
        {
            var synced = sync();
            if (synced == DiskOutcome.Done)
                _synced = upTo;
            else if (_failed == DiskOutcome.Done)
                _failed = synced;
        }
        if (_failed != DiskOutcome.Done)
            return;
        // A header comes when all before it is synced.
        if (at.Offset == 0)
            _synced = _sent;
        _done = _sent;
    }

    private void Sync()
    {
        if (_failed == DiskOutcome.Done)
            _failed = _copy.BeginSync(_done)();
        if (_failed == DiskOutcome.Done)
            _synced = _done;
    }

    private string? Differs(CachePosition seal)
    {
        if (_member.DifferenceFrom(_streamer) is { } differs)
            return differs;
        var (here, there) = (_member.Segments, _streamer.Segments.Where(n => n <= seal.Segment).ToList());
        // What the streamer compacted away since may still be here.
        return there.Except(here).Any() ? "a segment is missing" : null;
    }

    /// <summary>On files of their own, so that nothing is appended.</summary>
    private static byte[] ReadAll(CopyNode node, Epoch epoch) => SimulatedCache.ReadAll(Open(node, epoch).Value!);

    private static StoreOutcome<WriteCache> Open(CopyNode node, Epoch epoch) => node.Open(epoch, Options(node.Random));

    private static WriteCacheOptions Options(Random random) =>
        new()
        {
            SegmentSizeBytes = 48 << 10,
            UnsyncedMaxBytes = long.MaxValue,
            Salt = () => (uint)random.Next(),
        };

    /// <summary>What happened in all runs together.</summary>
    public sealed record Counts
    {
        public int Appends { get; set; }
        public int Deaths { get; set; }
        public int PowerLosses { get; set; }
        public int LostCopies { get; set; }
        public int FailOvers { get; set; }
        public int Compactions { get; set; }
        public int Matched { get; set; }
        public int Copied { get; set; }
    }
}
