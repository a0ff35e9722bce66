namespace Hatchery.Disks.Tests;

/// <summary>
/// Random work on a chain of layers (writes, several at once, flushes, discards, compactions, closing the cache to a layer), a crash in
/// the middle of a random call to the file system, or a sync that fails, and again.
/// </summary>
internal sealed class CrashRun
{
    private const int Sectors = 256;
    private const int Crashes = 4;

    private readonly Random _random;
    private readonly Counts _seen;
    private readonly SimulatedFileSystem _files;
    private readonly SimulatedCache _simulated;
    private readonly CacheModel _model = new(Sectors);
    private WriteCache _cache = null!;
    private bool _injected;
    private bool _syncFailed;

    public CrashRun(Random random, Counts seen)
    {
        (_random, _seen) = (random, seen);
        _files = new(random);
        _simulated = new(
            _files,
            Sectors,
            new()
            {
                SegmentSizeBytes = random.Next(12, 60) << 10,
                UnsyncedMaxBytes = 96 << 10,
                VerifyAtOpenMaxBytes = random.Next(2) == 0 ? 0 : long.MaxValue,
                Files = new(random.Next(1, 6)),
                Salt = () => (uint)random.Next(),
            }
        );
    }

    /// <summary>Null, or what was wrong.</summary>
    public async Task<string?> RunAsync()
    {
        _cache = _simulated.Create().Value!;
        for (var crash = 0; crash < Crashes; crash++)
        {
            _files.DiesAt = _random.Next(1, 150);
            if (await WorkAsync() is { } wrong)
                return $"before crash {crash}: {wrong}";
            _files.BeforeWrite = null;
            if (_random.Next(4) == 0)
                await _cache.DisposeAsync();
            NoteFailedSync();
            if (await RecoverAsync() is { } fault)
                return $"crash {crash}: {fault}";
        }
        return null;
    }

    private async Task<string?> RecoverAsync()
    {
        _seen.Crashes++;
        _injected = _files.NextSyncFails = false;
        _files.FailedSyncs = 0;
        var lostPower = Crash();
        // A crash in the middle of an opening, before anything was read through it, is one more crash of the same kind.
        if (_random.Next(4) == 0)
        {
            _files.DiesAt = _random.Next(1, 8);
            _ = _simulated.OpenClosed() ?? _simulated.Reopen().Fault;
            lostPower |= Crash();
        }
        if (_simulated.OpenClosed() is { } broken)
            return $"closed layers: {broken}";
        var opened = _simulated.Reopen();
        // A process that died before it could say that the copy is lost leaves one that looks whole; nobody was told that it is.
        if (_syncFailed || opened.Fault is { Kind: StoreFaultKind.Missing })
        {
            if (!_syncFailed && _model.HasFlushed)
                return opened.Fault!.ToString();
            _syncFailed = false;
            _model.Restore();
            _simulated.Abandon();
            opened = _simulated.Create();
            lostPower = false;
        }
        if (opened.Value is null)
            return opened.Fault!.ToString();
        _cache = opened.Value;
        return _model.Check(SimulatedCache.ReadAll(_cache), lostPower);
    }

    private bool Crash()
    {
        var lostPower = _random.Next(2) == 0;
        if (lostPower)
        {
            _seen.PowerLosses++;
            _files.LosePower();
        }
        else
            _files.Restart();
        return lostPower;
    }

    private async Task<string?> WorkAsync()
    {
        var pending = new List<Task>();
        var together = 0;
        // Requests that come while another is being written are the ones that are written together.
        _files.BeforeWrite = () =>
        {
            for (; together > 0; together--)
                pending.Add(WriteAsync());
        };
        for (var step = 0; step < 80 && !_files.IsDead && !_syncFailed; step++)
        {
            together = Math.Max(0, _random.Next(8) - 3);
            switch (_random.Next(24))
            {
                case < 4:
                    await FlushAsync();
                    break;
                case < 7:
                    await CompactAsync();
                    break;
                case 7:
                    _files.BeforeWrite = null;
                    if (await CloseAsync() is { } wrong)
                        return wrong;
                    _files.BeforeWrite = () =>
                    {
                        for (; together > 0; together--)
                            pending.Add(WriteAsync());
                    };
                    break;
                case 8 when _random.Next(8) == 0:
                    _injected = _files.NextSyncFails = true;
                    await FlushAsync();
                    break;
                default:
                    pending.Add(WriteAsync());
                    break;
            }
            await Task.WhenAll(pending);
            pending.Clear();
            NoteFailedSync();
            if (_cache.State != DiskStatus.Ok)
                return _files.IsDead || _injected ? null : $"the cache has ended with {_cache.State}";
            if (_random.Next(10) == 0 && Read() is { } differs)
                return differs;
        }
        return null;
    }

    private void NoteFailedSync()
    {
        if (!_cache.IsLost || _files.FailedSyncs == 0 || _syncFailed)
            return;
        _seen.FailedSyncs++;
        _syncFailed = true;
        Assert.NotEqual(DiskStatus.Ok, _cache.State);
    }

    private string? Read()
    {
        _seen.Reads++;
        return _model.Compare(SimulatedCache.ReadAll(_cache));
    }

    private async Task CompactAsync()
    {
        IReadOnlySet<int> segments =
            _random.Next(2) == 0
                ? _cache.SegmentsToCompact(urgent: true)
                : _cache.ClosedSegments.Select(s => s.Number).Where(_ => _random.Next(3) == 0).ToHashSet();
        if (segments.Count == 0)
            return;
        _seen.Compactions++;
        var status = await _cache.CompactAsync(
            segments,
            _ => new(_random.Next(3) == 0 ? WriteAsync() : Task.CompletedTask)
        );
        if (status == DiskStatus.Ok && !_cache.ClosedSegments.Any(s => segments.Contains(s.Number)))
            _seen.Removals++;
    }

    /// <summary>The cache becomes a closed layer, and an empty one lies on it.</summary>
    private async Task<string?> CloseAsync()
    {
        var before = _model.BeforeFlush();
        await _cache.DisposeAsync();
        _model.Flushed(_cache.IsSealed ? before : []);
        if (_files.IsDead || !_cache.IsSealed)
            return _files.IsDead || _injected ? null : "the cache was not closed";
        var merged = _random.Next(3) == 0 ? _random.Next(_simulated.ClosedLayers + 1) : 0;
        try
        {
            if (_simulated.Close(merged) is { } unread)
                return _files.IsDead || _injected ? null : $"closing ended with {unread}";
        }
        catch (IOException) when (_files.IsDead || _injected)
        {
            return null;
        }
        _model.Save();
        _seen.ClosedLayers++;
        _seen.Merges += merged > 0 ? 1 : 0;
        if (_simulated.OpenClosed() is { } fault)
            return $"{_simulated.ClosedLayers} closed layers: {fault}";
        if (_simulated.Create().Value is not { } cache)
            return _files.IsDead || _injected ? null : "no cache could be made on the closed layers";
        _cache = cache;
        return _files.IsDead ? null : Read();
    }

    private async Task WriteAsync()
    {
        var first = _random.Next(Sectors);
        var count = Math.Min(_random.Next(1, _random.Next(10) == 0 ? 100 : 12), Sectors - first);
        if (_random.Next(2) == 0)
            (first, count) = (first & ~7, 8);
        var zeroes = _random.Next(5) == 0;
        var data = _model.NewData(count);
        var write = _model.Begin(first, count, zeroes);
        var status = zeroes
            ? await _cache.ZeroAsync(first * 512L, data.Length, CancellationToken.None)
            : await _cache.WriteAsync(first * 512L, data, CancellationToken.None);
        if (status == DiskStatus.Ok)
            lock (_model)
                _model.Acknowledge(write);
    }

    private async Task FlushAsync()
    {
        var before = _model.BeforeFlush();
        if (await _cache.FlushAsync() == DiskStatus.Ok)
            _model.Flushed(before);
    }

    /// <summary>What happened in all runs together.</summary>
    public sealed record Counts
    {
        public int Crashes { get; set; }
        public int PowerLosses { get; set; }
        public int Compactions { get; set; }
        public int Removals { get; set; }
        public int ClosedLayers { get; set; }
        public int Merges { get; set; }
        public int FailedSyncs { get; set; }
        public int Reads { get; set; }
    }
}
