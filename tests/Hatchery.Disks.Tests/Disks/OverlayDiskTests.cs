using Hatchery.Testing;

namespace Hatchery.Disks.Tests;

public sealed class OverlayDiskTests : IDisposable
{
    private const int Mebibyte = 1 << 20;

    private readonly TempFolder _folder = new();
    private readonly byte[] _image = new byte[(4 * Mebibyte) + 100];
    private readonly LayerId _layer = new(Guid.NewGuid());
    private readonly Store _store;
    private readonly BaseImage _base;

    public OverlayDiskTests()
    {
        new Random(1).NextBytes(_image);
        File.WriteAllBytes(_folder["disk.raw"], _image);
        _base = BaseImage.Open(_folder["disk.raw"], new(Guid.NewGuid())).Value!;
        _store = Store.Open(_folder["store"]).Value!;
    }

    public void Dispose()
    {
        _base.Dispose();
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Unwritten_blocks_are_the_images_and_its_last_block_is_filled_with_zeroes()
    {
        await using var disk = Create();
        Assert.Equal((4 * Mebibyte) + 512, disk.LengthBytes);
        Assert.Equal(_image.Concat(new byte[412]), await ReadAllAsync(disk));
    }

    [Fact]
    public async Task Gathered_writes_go_together_when_no_more_follow_and_the_order_of_writes_stands()
    {
        await using var disk = Create();
        var single = disk.Cache.SizeBytes;
        Assert.Equal(DiskStatus.Ok, await disk.WriteAsync(0, new byte[512]));
        single = disk.Cache.SizeBytes - single;

        var before = disk.Cache.SizeBytes;
        disk.BeginGathering();
        var writes = Enumerable
            .Range(0, 10)
            .Select(i => disk.WriteAsync(i / 2 * 512, Enumerable.Repeat((byte)(i + 1), 512).ToArray()).AsTask())
            .ToArray();
        Assert.All(writes, write => Assert.False(write.IsCompleted));
        disk.EndGathering();

        Assert.All(await Task.WhenAll(writes), status => Assert.Equal(DiskStatus.Ok, status));
        Assert.Equal(single + (9 * 512), disk.Cache.SizeBytes - before);
        var read = new byte[5 * 512];
        Assert.Equal(DiskStatus.Ok, await disk.ReadAsync(0, read));
        Assert.Equal([2, 4, 6, 8, 10], read.Chunk(512).Select(block => (int)block[^1]));
    }

    [Fact]
    public async Task A_gathering_holds_up_neither_a_full_record_nor_what_is_no_write()
    {
        await using var disk = Create();
        disk.BeginGathering();
        var writes = Enumerable
            .Range(0, RecordHeader.ExtentsMax)
            .Select(i => disk.WriteAsync(i * 512, new byte[512]).AsTask())
            .ToArray();
        Assert.All(await Task.WhenAll(writes), status => Assert.Equal(DiskStatus.Ok, status));

        var kept = disk.WriteAsync(0, new byte[512]).AsTask();
        Assert.False(kept.IsCompleted);
        Assert.Equal(DiskStatus.Ok, await disk.ZeroAsync(0, 512));
        Assert.Equal(DiskStatus.Ok, await kept);
        disk.EndGathering();
    }

    [Fact]
    public async Task Writes_and_zeroes_of_any_alignment_are_read_back_and_survive_a_restart()
    {
        var expected = new byte[(4 * Mebibyte) + 512];
        _image.CopyTo(expected, 0);
        var random = new Random(2);
        await using (var disk = Create())
        {
            for (var i = 0; i < 500; i++)
            {
                var offset = random.Next(8000) * 512;
                var data = new byte[Math.Min(random.Next(1, 30) * 512, expected.Length - offset)];
                if (i % 5 > 0)
                    random.NextBytes(data);
                var status =
                    i % 5 > 0
                        ? await disk.WriteAsync(offset, data, forceUnitAccess: i % 50 == 1)
                        : await disk.ZeroAsync(offset, data.Length);
                Assert.Equal(DiskStatus.Ok, status);
                data.CopyTo(expected, offset);
            }
            Assert.True((await ReadAllAsync(disk)).AsSpan().SequenceEqual(expected));
            Assert.Equal(DiskStatus.Ok, await disk.FlushAsync());
        }
        await using var again = new OverlayDisk(_store.OpenCache(_base, _layer, new(2)).Value!);
        Assert.True((await ReadAllAsync(again)).AsSpan().SequenceEqual(expected));
        Assert.Equal(_image, await File.ReadAllBytesAsync(_folder["disk.raw"]));
    }

    [Fact]
    public async Task Requests_that_are_no_whole_blocks_inside_the_disk_are_refused()
    {
        await using var disk = Create();
        var block = new byte[512];
        Assert.Equal(DiskStatus.OutOfRange, await disk.ReadAsync(disk.LengthBytes, block));
        Assert.Equal(DiskStatus.OutOfRange, await disk.ReadAsync(-512, block));
        Assert.Equal(DiskStatus.OutOfRange, await disk.WriteAsync(1, block));
        Assert.Equal(DiskStatus.OutOfRange, await disk.WriteAsync(0, block.AsMemory(1)));
        Assert.Equal(DiskStatus.OutOfRange, await disk.ZeroAsync(512, long.MaxValue - 511));
        Assert.Equal(DiskStatus.Ok, await disk.ZeroAsync(0, disk.LengthBytes));
        Assert.Equal(new byte[disk.LengthBytes], await ReadAllAsync(disk));
    }

    [Fact]
    public async Task Cached_requests_complete_synchronously()
    {
        await using var disk = Create();
        var block = new byte[4096];
        Assert.True(disk.WriteAsync(4096, block).IsCompleted);
        Assert.True(disk.ReadAsync(0, block).IsCompleted);
    }

    [Fact]
    public async Task Concurrent_writers_and_flushers_all_succeed()
    {
        await using var disk = Create();
        var writers = Enumerable.Range(0, 8).Select(w => Task.Run(() => WriteOwnBlocksAsync(disk, w)));
        Assert.All(await Task.WhenAll(writers), s => Assert.Equal(DiskStatus.Ok, s));
        var all = await ReadAllAsync(disk);
        for (var block = 0; block < 1024; block++)
            Assert.Equal((byte)((block % 8) + 1), all[block * 4096]);
    }

    [Fact]
    public async Task A_read_only_disk_takes_no_write()
    {
        await using var disk = new ReadOnlyDisk(_base);
        Assert.Equal(DiskStatus.ReadOnly, await disk.WriteAsync(0, new byte[512]));
        Assert.Equal(DiskStatus.ReadOnly, await disk.ZeroAsync(0, 512));
        Assert.Equal(_image.Concat(new byte[412]), await ReadAllAsync(disk));
    }

    private OverlayDisk Create() =>
        new(_store.CreateCache(_base, default, new(Guid.NewGuid()), default, new(1), _layer).Value!);

    private static async Task<byte[]> ReadAllAsync(IDisk disk)
    {
        var bytes = new byte[disk.LengthBytes];
        Assert.Equal(DiskStatus.Ok, await disk.ReadAsync(0, bytes));
        return bytes;
    }

    private static async Task<DiskStatus> WriteOwnBlocksAsync(OverlayDisk disk, int writer)
    {
        var data = new byte[4096];
        data.AsSpan().Fill((byte)(writer + 1));
        for (var block = writer; block < 1024; block += 8)
        {
            var status = await disk.WriteAsync(block * 4096L, data, forceUnitAccess: block % 64 == writer);
            if (status != DiskStatus.Ok)
                return status;
        }
        return await disk.FlushAsync();
    }
}
