namespace Hatchery.Disks.Tests;

/// <summary>What a write cache waits for, and what it does not, when there are other copies.</summary>
public sealed class MirrorTests : IAsyncLifetime
{
    private const int Sectors = 1024;

    private readonly SimulatedFileSystem _files = new(new Random(7));
    private readonly FakeMirror _mirror;
    private readonly WriteCacheOptions _options;
    private SimulatedCache _simulated;
    private WriteCache _cache;
    private TaskCompletionSource _called = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public MirrorTests()
    {
        _mirror = new(_files, SimulatedCache.Folder);
        _mirror.Called = () => _called.TrySetResult();
        _options = new()
        {
            SegmentSizeBytes = 48 << 10,
            QueueMax = 64,
            Mirror = _mirror,
        };
        _simulated = new(_files, Sectors, _options);
        _cache = _simulated.Create().Value!;
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _mirror.Cache.Fence();
        await _cache.DisposeAsync();
        Assert.Null(_mirror.Wrong);
    }

    [Fact]
    public async Task A_write_is_acknowledged_when_the_other_copies_have_it()
    {
        var one = WriteAsync(0);
        var end = _mirror.Head;
        var two = WriteAsync(8);
        _mirror.Cache.Acknowledged(end with { Offset = end.Offset - 512 });
        Assert.False(one.IsCompleted);
        _mirror.Cache.Acknowledged(end);
        Assert.Equal(DiskStatus.Ok, await one);
        Assert.False(two.IsCompleted);
        _mirror.Cache.Acknowledged(_mirror.Head);
        Assert.Equal(DiskStatus.Ok, await two);
        Assert.Equal(1, SimulatedCache.ReadAll(_cache)[0]);
    }

    [Fact]
    public async Task What_follows_of_one_answer_is_appended_together()
    {
        _cache.BeginGathering();
        var writers = Enumerable.Range(0, 3).Select(n => TwiceAsync(8 * n)).ToArray();
        _cache.EndGathering();
        var appends = _mirror.Appends.Count;
        _called = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _mirror.Cache.Acknowledged(_mirror.Head);
        await _called.Task;
        Assert.Equal(appends + 1, _mirror.Appends.Count);
        _mirror.Cache.Acknowledged(_mirror.Head);
        await Task.WhenAll(writers);
    }

    [Fact]
    public async Task A_record_takes_no_more_than_half_of_many_writes_under_way()
    {
        await AcknowledgedWriteAsync(0);
        var before = _mirror.Appends.Count;
        _cache.BeginGathering();
        var writes = Enumerable.Range(0, 16).Select(n => WriteAsync(n).AsTask()).ToArray();
        _cache.EndGathering();
        Assert.Equal(before + 2, _mirror.Appends.Count);
        var (at, bytes) = _mirror.Appends[before];
        _mirror.Cache.Acknowledged(at.Plus(bytes));
        Assert.All(await Task.WhenAll(writes[..8]), status => Assert.Equal(DiskStatus.Ok, status));
        Assert.DoesNotContain(writes[8..], write => write.IsCompleted);
        _mirror.Cache.Acknowledged(_mirror.Head);
        await Task.WhenAll(writes);
    }

    [Fact]
    public async Task Zeroes_wait_for_the_other_copies_too()
    {
        var zeroed = _cache.ZeroAsync(0, 4096, CancellationToken.None);
        Assert.False(zeroed.IsCompleted);
        _mirror.Cache.Acknowledged(_mirror.Head);
        Assert.Equal(DiskStatus.Ok, await zeroed);
    }

    [Fact]
    public void Without_other_copies_a_write_completes_at_once()
    {
        _mirror.IsRequired = false;
        Assert.True(WriteAsync(0).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task An_answer_at_once_stands_for_all_that_came_before()
    {
        var one = WriteAsync(0);
        _mirror.IsRequired = false;
        Assert.Equal(DiskStatus.Ok, await WriteAsync(8));
        Assert.Equal(DiskStatus.Ok, await one);
    }

    [Fact]
    public async Task A_flush_is_done_when_this_copy_and_the_others_have_synced_twice()
    {
        await AcknowledgedWriteAsync(0);
        var syncs = _files.Syncs;
        var flushed = _cache.FlushAsync();
        await SyncAskedAsync(default);
        var first = _mirror.SyncAsked!.Value;
        Assert.Equal(0, first.Offset % 4096);
        Assert.False(flushed.IsCompleted);
        _mirror.Deliver();
        _mirror.AnswerSync();
        await SyncAskedAsync(first);
        Assert.False(flushed.IsCompleted);
        _mirror.Deliver();
        _mirror.AnswerSync();
        Assert.Equal(DiskStatus.Ok, await flushed);
        Assert.Equal(syncs + 2, _files.Syncs);
    }

    [Fact]
    public async Task A_segment_is_closed_when_the_other_copies_are_durable_up_to_its_end()
    {
        while (_mirror.Head.Offset < _options.SegmentSizeBytes)
            await AcknowledgedWriteAsync(0);
        var end = _mirror.Head;
        var held = WriteAsync(0);
        var behind = WriteAsync(8);
        Assert.Equal((end, end), (_mirror.Head, _mirror.SyncAsked!.Value));
        _mirror.Cache.Synced(end with { Offset = end.Offset - 512 });
        _mirror.Cache.Acknowledged(end);
        Assert.Equal(end, _mirror.Head);
        _mirror.IsRequired = false;
        SyncTo(end);
        Assert.Equal([DiskStatus.Ok, DiskStatus.Ok], await Task.WhenAll(held.AsTask(), behind.AsTask()));
        // Index and end in one, then the header of the next.
        Assert.Equal(end, _mirror.Appends[^4].At);
        Assert.Equal((new(2, 0), 4096), _mirror.Appends[^3]);
        Assert.NotNull(_mirror.Cache.HashSegment(0, 2));
    }

    [Fact]
    public async Task Nothing_is_appended_while_the_mirror_has_no_room()
    {
        _mirror.RoomBytes = _mirror.PendingBytes + 1;
        var one = WriteAsync(0);
        var head = _mirror.Head;
        var two = WriteAsync(8);
        Assert.Equal(head, _mirror.Head);
        _mirror.RoomBytes = long.MaxValue;
        _called = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _mirror.Cache.Acknowledged(head);
        Assert.Equal(DiskStatus.Ok, await one);
        await _called.Task;
        Assert.True(_mirror.Head > head);
        Assert.False(two.IsCompleted);
    }

    [Fact]
    public async Task A_fence_ends_whatever_waits()
    {
        await AcknowledgedWriteAsync(0);
        var flushed = _cache.FlushAsync();
        await SyncAskedAsync(default);
        // More than may be queued.
        var writes = Enumerable.Range(0, 100).Select(_ => WriteAsync(0).AsTask()).ToList();
        _mirror.Cache.BeginSegment();
        _mirror.Cache.Fence();
        Assert.All(await Task.WhenAll(writes), s => Assert.Equal(DiskStatus.Fenced, s));
        Assert.Equal(DiskStatus.Fenced, await flushed);
        Assert.Equal(DiskStatus.Fenced, await WriteAsync(0));
        Assert.Equal(DiskStatus.Fenced, _cache.Read(0, new byte[512]));
        var head = _mirror.Head;
        await _cache.DisposeAsync();
        Assert.Equal(head, _mirror.Head);
    }

    [Fact]
    public async Task A_fence_ends_a_writer_that_stands_still()
    {
        while (_mirror.Head.Offset < _options.SegmentSizeBytes)
            await AcknowledgedWriteAsync(0);
        var forSync = WriteAsync(0);
        Assert.NotNull(_mirror.SyncAsked);
        _mirror.Cache.Fence();
        Assert.Equal(DiskStatus.Fenced, await forSync);
    }

    [Fact]
    public async Task A_promise_of_a_higher_epoch_waits_for_no_other_copy()
    {
        var written = WriteAsync(0);
        Assert.Equal(DiskStatus.Ok, await _cache.FenceAsync(new(5)));
        Assert.Equal(DiskStatus.Fenced, await written);
        _mirror.Cache.Acknowledged(_mirror.Head);
        Assert.Equal(DiskStatus.Fenced, await WriteAsync(0));
    }

    [Fact]
    public async Task A_clean_end_waits_until_the_other_copies_have_all_of_it()
    {
        var written = WriteAsync(0);
        var disposed = _cache.DisposeAsync().AsTask();
        var end = _mirror.Head;
        Assert.Equal(end, _mirror.SyncAsked);
        _called = new(TaskCreationOptions.RunContinuationsAsynchronously);
        SyncTo(end);
        Assert.Equal(DiskStatus.Ok, await written);
        await _called.Task;
        Assert.True(_mirror.Head > end);
        Assert.False(disposed.IsCompleted);
        _mirror.Cache.Acknowledged(_mirror.Head);
        await disposed;
        Assert.True(_cache.IsSealed);
    }

    [Fact]
    public async Task A_failed_sync_ends_what_waits_for_the_other_copies()
    {
        await AcknowledgedWriteAsync(0);
        var written = WriteAsync(0);
        _files.NextSyncFails = true;
        Assert.Equal(DiskStatus.IoError, await _cache.FlushAsync());
        Assert.Equal(DiskStatus.IoError, await written);
    }

    [Fact]
    public async Task What_is_refused_for_want_of_space_goes_nowhere()
    {
        _files.SpaceBytes = _files.UsedBytes + 1000;
        var head = _mirror.Head;
        Assert.Equal(DiskStatus.NoSpace, await WriteAsync(0));
        Assert.Equal(head, _mirror.Head);
        _files.SpaceBytes = long.MaxValue;
        await AcknowledgedWriteAsync(0);
    }

    [Fact]
    public async Task Without_space_a_cache_ends_where_another_server_has_all_of_it()
    {
        await AcknowledgedWriteAsync(0);
        _files.SpaceBytes = _files.UsedBytes + 1000;
        _mirror.IsElsewhere = true;
        var head = _mirror.Head;
        Assert.Equal(DiskStatus.IoError, await WriteAsync(0));
        Assert.Equal(StoreFaultKind.NoSpace, _cache.Fault?.Kind);
        Assert.Equal(head, _mirror.Head);
        // It is a whole copy still.
        Assert.False(_cache.IsLost);
    }

    [Fact]
    public async Task An_index_that_has_no_room_goes_nowhere()
    {
        _mirror.IsRequired = false;
        await WriteAsync(0);
        var head = _mirror.Head;
        _files.SpaceBytes = _files.UsedBytes + 600;
        await _cache.DisposeAsync();
        Assert.True(_cache.IsSealed);
        Assert.Equal(head, _mirror.Head);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_segment_is_begun_for_a_copy_that_joins(bool isWritten)
    {
        _mirror.IsRequired = false;
        if (isWritten)
            await WriteAsync(0);
        await BeginSegmentAsync();
        Assert.Equal(new(2, 4096), _mirror.Head);
        var (number, length, hash) = _mirror.Cache.HashSegment(0, 2)!.Value;
        var file = _files.Bytes(Path.Combine(SimulatedCache.Folder, SegmentName.Of(1)));
        Assert.Equal((1, file.Length), (number, length));
        Assert.Equal(System.Security.Cryptography.SHA256.HashData(file), hash);
        var read = new byte[file.Length + 10];
        Assert.Equal(file.Length - 1000, _mirror.Cache.ReadSegment(1, 1000, read));
        Assert.Equal(file[1000..], read[..(file.Length - 1000)]);
        Assert.Null(_mirror.Cache.HashSegment(1, 9));
        Assert.Null(_mirror.Cache.ReadSegment(2, 0, read));
        Assert.Null(_mirror.Cache.ReadSegment(1, file.Length + 1, read));
    }

    [Fact]
    public async Task Nothing_is_compacted_away_while_somebody_copies()
    {
        _mirror.IsRequired = false;
        for (var i = 0; i < 100; i++)
            await WriteAsync(0);
        Assert.NotEmpty(_cache.SegmentsToCompact(urgent: true));
        var closed = _cache.ClosedSegments;
        _mirror.Cache.HoldCompaction(isHeld: true);
        Assert.Empty(_cache.SegmentsToCompact(urgent: true));
        await _cache.CompactAsync(closed.Select(s => s.Number).ToHashSet());
        Assert.Superset(closed.ToHashSet(), _cache.ClosedSegments.ToHashSet());
        _mirror.Cache.HoldCompaction(isHeld: false);
        await _cache.CompactAsync(closed.Select(s => s.Number).ToHashSet());
        Assert.Empty(closed.Intersect(_cache.ClosedSegments));
    }

    [Fact]
    public async Task A_cache_that_was_opened_again_begins_a_segment_with_its_first_write()
    {
        _mirror.IsRequired = false;
        await WriteAsync(0);
        await _cache.DisposeAsync();
        var mirror = new FakeMirror(_files, SimulatedCache.Folder) { IsRequired = false };
        var opened = WriteCache.Open(
            _files,
            SimulatedCache.Folder,
            new(2),
            _options with
            {
                Mirror = mirror,
            },
            _cache.Layer,
            new ZeroBase(Sectors * 512L)
        );
        await using var again = opened.Value!;
        Assert.Same(again, mirror.Cache);
        Assert.Empty(mirror.Appends);
        Assert.Equal(DiskStatus.Ok, await again.WriteAsync(0, new byte[512], CancellationToken.None));
        Assert.Equal((new(2, 0), 4096), mirror.Appends[0]);
    }

    private async Task BeginSegmentAsync()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var segment = _mirror.Head.Segment;
        _mirror.Called = () =>
        {
            if (_mirror.Head.Segment > segment)
                begun.TrySetResult();
        };
        _mirror.Cache.BeginSegment();
        await begun.Task;
    }

    private async Task SyncAskedAsync(CachePosition above)
    {
        while (!(_mirror.SyncAsked > above))
        {
            await _called.Task;
            _called = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private void SyncTo(CachePosition upTo)
    {
        while (_mirror.Synced < upTo)
        {
            Assert.True(_mirror.Deliver());
            _mirror.AnswerSync();
        }
    }

    private async Task TwiceAsync(int sector)
    {
        for (var n = 0; n < 2; n++)
            Assert.Equal(DiskStatus.Ok, await WriteAsync(sector).ConfigureAwait(false));
    }

    private async Task AcknowledgedWriteAsync(int sector)
    {
        var written = WriteAsync(sector);
        _mirror.Cache.Acknowledged(_mirror.Head);
        Assert.Equal(DiskStatus.Ok, await written);
    }

    private ValueTask<DiskStatus> WriteAsync(int sector)
    {
        var data = new byte[4096];
        data.AsSpan().Fill(1);
        return _cache.WriteAsync(sector * 512L, data, CancellationToken.None);
    }
}
