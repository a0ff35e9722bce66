namespace Hatchery.Disks.Tests;

public sealed class FaultTests
{
    private const int Sectors = 1024;

    private readonly SimulatedFileSystem _files = new(new Random(7));
    private readonly SimulatedCache _simulated;
    private readonly WriteCache _cache;

    public FaultTests()
    {
        _simulated = new(_files, Sectors);
        _cache = _simulated.Create().Value!;
    }

    [Fact]
    public async Task A_full_disk_refuses_a_write_whole_and_takes_the_next_when_there_is_room()
    {
        Assert.Equal(DiskStatus.Ok, await WriteAsync(0, 8, 1));
        var before = _files.UsedBytes;
        _files.SpaceBytes = before + 1000;
        Assert.Equal(DiskStatus.NoSpace, await WriteAsync(0, 8, 2));
        Assert.Equal(before, _files.UsedBytes);
        Assert.Equal(1, SimulatedCache.ReadAll(_cache)[0]);
        Assert.Equal(DiskStatus.Ok, await _cache.FlushAsync());
        _files.SpaceBytes = long.MaxValue;
        Assert.Equal(DiskStatus.Ok, await WriteAsync(8, 8, 3));
        Assert.Equal(DiskStatus.Ok, await _cache.FlushAsync());
        _files.LosePower();
        var bytes = SimulatedCache.ReadAll(_simulated.Reopen().Value!);
        Assert.Equal((1, 3), (bytes[0], bytes[8 * 512]));
    }

    [Fact]
    public async Task A_disk_that_is_full_when_a_segment_ends_only_delays_the_next_segment()
    {
        for (var i = 0; i < 12; i++)
            Assert.Equal(DiskStatus.Ok, await WriteAsync(i * 8, 8, (byte)(i + 1)));
        _files.SpaceBytes = _files.UsedBytes;
        for (var i = 0; i < 3; i++)
            Assert.Equal(DiskStatus.NoSpace, await WriteAsync(0, 8, 99));
        _files.SpaceBytes = long.MaxValue;
        Assert.Equal(DiskStatus.Ok, await WriteAsync(0, 8, 100));
        _files.Restart();
        var bytes = SimulatedCache.ReadAll(_simulated.Reopen().Value!);
        Assert.Equal(100, bytes[0]);
        for (var i = 1; i < 12; i++)
            Assert.Equal(i + 1, bytes[i * 8 * 512]);
    }

    [Fact]
    public async Task Of_writes_that_do_not_fit_together_those_that_fit_are_taken()
    {
        var outcomes = new List<Task<DiskStatus>>();
        var room = 10;
        await WriteAsync(0, 1, 1);
        _files.BeforeWrite = () =>
        {
            _files.BeforeWrite = null;
            for (var i = 0; i < 20; i++)
                outcomes.Add(WriteAsync(i * 8, 8, 2).AsTask());
            _files.SpaceBytes = _files.UsedBytes + 1024 + (room * (4096 + 512));
        };
        Assert.Equal(DiskStatus.Ok, await WriteAsync(512, 1, 1));
        var statuses = await Task.WhenAll(outcomes);
        Assert.Equal(room, statuses.Count(s => s == DiskStatus.Ok));
        Assert.Equal(20 - room, statuses.Count(s => s == DiskStatus.NoSpace));
        var bytes = SimulatedCache.ReadAll(_cache);
        Assert.All(
            statuses.Index(),
            s =>
                Assert.Equal(
                    s.Item == DiskStatus.Ok ? 2
                        : s.Index == 0 ? 1
                        : 0,
                    bytes[s.Index * 4096]
                )
        );
    }

    [Fact]
    public async Task After_a_failed_sync_every_call_answers_an_error()
    {
        await WriteAsync(0, 8, 1);
        _files.NextSyncFails = true;
        Assert.Equal(DiskStatus.IoError, await _cache.FlushAsync());
        Assert.Equal(DiskStatus.IoError, await _cache.FlushAsync());
        Assert.Equal(DiskStatus.IoError, await WriteAsync(0, 8, 2));
        Assert.Equal(DiskStatus.IoError, _cache.Read(0, new byte[512]));
        await _cache.DisposeAsync();
    }

    [Fact]
    public async Task A_copy_whose_sync_failed_is_never_opened_again()
    {
        await WriteAsync(0, 8, 1);
        _files.NextSyncFails = true;
        Assert.Equal(DiskStatus.IoError, await _cache.FlushAsync());
        await _cache.DisposeAsync();
        _files.Restart();
        Assert.Equal(StoreFaultKind.Damaged, _simulated.Reopen().Fault!.Kind);
        _files.LosePower();
        Assert.Equal(StoreFaultKind.Damaged, _simulated.Reopen().Fault!.Kind);
    }

    [Fact]
    public async Task A_copy_that_cannot_be_synced_when_it_is_opened_is_lost()
    {
        await WriteAsync(0, 8, 1);
        _files.Restart();
        _files.NextSyncFails = true;
        Assert.NotNull(_simulated.Reopen().Fault);
        Assert.Equal(StoreFaultKind.Damaged, _simulated.Reopen().Fault!.Kind);
    }

    [Fact]
    public async Task A_host_that_goes_down_after_the_cache_was_closed_lost_nothing()
    {
        await WriteAsync(0, 8, 1);
        await _cache.DisposeAsync();
        _files.LosePower();
        await using var again = _simulated.Reopen().Value!;
        Assert.False(again.Recovery.LostPower);
        Assert.Equal(1, SimulatedCache.ReadAll(again)[0]);
    }

    [Fact]
    public async Task A_host_that_goes_down_while_the_cache_is_open_may_have_lost_something_and_that_is_not_forgotten()
    {
        await WriteAsync(0, 8, 1);
        Assert.Equal(DiskStatus.Ok, await _cache.FlushAsync());
        _files.LosePower();
        for (var i = 0; i < 2; i++)
            await using (var again = _simulated.Reopen().Value!)
                Assert.True(again.Recovery.LostPower);
    }

    [Fact]
    public async Task A_cache_that_a_killed_server_left_and_the_next_closed_lost_nothing_either()
    {
        await WriteAsync(0, 8, 1);
        _files.Restart();
        await _simulated.Reopen().Value!.DisposeAsync();
        _files.LosePower();
        await using var again = _simulated.Reopen().Value!;
        Assert.False(again.Recovery.LostPower);
        Assert.Equal(1, SimulatedCache.ReadAll(again)[0]);
    }

    [Fact]
    public async Task A_refused_write_that_cannot_be_taken_back_ends_the_cache()
    {
        _files.SpaceBytes = _files.UsedBytes + 1000;
        _files.EveryTruncateFails = true;
        Assert.Equal(DiskStatus.IoError, await WriteAsync(0, 8, 1));
        Assert.Equal(DiskStatus.IoError, await _cache.FlushAsync());
    }

    [Fact]
    public async Task One_sync_serves_all_who_wait()
    {
        await WriteAsync(0, 8, 1);
        var before = _files.Syncs;
        var flushes = Enumerable.Range(0, 50).Select(_ => _cache.FlushAsync().AsTask()).ToList();
        Assert.All(await Task.WhenAll(flushes), s => Assert.Equal(DiskStatus.Ok, s));
        Assert.InRange(_files.Syncs - before, 2, 5);
        var after = _files.Syncs;
        Assert.Equal(DiskStatus.Ok, await _cache.FlushAsync());
        Assert.Equal(after, _files.Syncs);
    }

    [Fact]
    public async Task A_fenced_cache_takes_nothing_and_its_promise_outlives_it()
    {
        await WriteAsync(0, 8, 1);
        Assert.Equal(DiskStatus.Ok, await _cache.FenceAsync(new(5)));
        var length = _files.UsedBytes;
        Assert.Equal(DiskStatus.Fenced, await WriteAsync(0, 8, 2));
        Assert.Equal(DiskStatus.Fenced, await _cache.FlushAsync());
        Assert.Equal(DiskStatus.Fenced, await _cache.FenceAsync(new(4)));
        await _cache.DisposeAsync();
        Assert.Equal(length, _files.UsedBytes);
        _files.LosePower();
        Assert.Equal(StoreFaultKind.Fenced, _simulated.Open(new(4)).Fault!.Kind);
        Assert.Equal(new Epoch(5), _simulated.Open(new(5)).Value!.Promised);
    }

    [Fact]
    public async Task An_epoch_below_one_that_wrote_is_refused_even_if_its_promise_is_gone()
    {
        await _cache.DisposeAsync();
        await using (var second = _simulated.Open(new(9)).Value!)
            await second.WriteAsync(0, new byte[512], CancellationToken.None);
        _files.Delete(SimulatedCache.Folder + "/promise");
        Assert.Equal(StoreFaultKind.Fenced, _simulated.Open(new(8)).Fault!.Kind);
        Assert.NotNull(_simulated.Open(new(9)).Value);
    }

    [Fact]
    public async Task A_cache_whose_index_is_full_takes_no_more()
    {
        var small = new SimulatedCache(new(new Random(1)), Sectors, new() { IndexMemoryMaxBytes = 1 });
        await using var cache = small.Create().Value!;
        Assert.Equal(DiskStatus.NoSpace, await cache.WriteAsync(0, new byte[512], CancellationToken.None));
        Assert.Equal(DiskStatus.Ok, cache.Read(0, new byte[512]));
    }

    [Fact]
    public async Task A_reopened_cache_begins_a_new_segment_and_leaves_the_old_one_as_it_was()
    {
        await WriteAsync(0, 8, 1);
        var path = _files.Paths.Single(p => p.EndsWith(".seg", StringComparison.Ordinal));
        var bytes = _files.Bytes(path);
        _files.Restart();
        await using var again = _simulated.Reopen().Value!;
        await again.WriteAsync(0, new byte[512], CancellationToken.None);
        Assert.Equal(bytes, _files.Bytes(path));
        Assert.Equal(2, _files.Paths.Count(p => p.EndsWith(".seg", StringComparison.Ordinal)));
    }

    private ValueTask<DiskStatus> WriteAsync(int sector, int count, byte value)
    {
        var data = new byte[count * 512];
        data.AsSpan().Fill(value);
        return _cache.WriteAsync(sector * 512L, data, CancellationToken.None);
    }
}
