using System.Security.Cryptography;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Disks.Tests;

/// <summary>Disks that machines send, whole, in pieces, wrongly, and never to their end.</summary>
public sealed class CaptureTests : IDisposable
{
    private const int Chunk = ImageChunks.ChunkBytes;

    // Seven chunks, the last of them short.
    private const int DiskBytes = (6 * Chunk) + (1 << 20);

    private readonly TempFolder _folder = new();
    private readonly Random _random;
    private readonly LayerId _layer = new(Guid.NewGuid());
    private Store _store;

    public CaptureTests(ITestOutputHelper output)
    {
        _random = Seed.New(output);
        _store = Store.Open(_folder["store"]).Value!;
    }

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task What_a_machine_sends_is_an_image_once_all_of_it_is_here_and_holes_take_no_room()
    {
        var disk = NewDisk();
        disk.AsSpan(Chunk, 2 * Chunk).Clear();
        using (var capture = Begin())
        {
            Send(capture, disk, 0, 3);
            Assert.Equal(42, capture.Percent);
            Assert.Empty(_store.ListImages());
            var arriving = Assert.Single(_store.ListTransfers());
            Assert.Equal((ImageTransferKind.Capture, true, 42), (arriving.Kind, arriving.IsRunning, arriving.Percent));
            Assert.Equal(StoreFaultKind.Refused, (await capture.FinishAsync(null, default)).Fault!.Kind);
            Send(capture, disk, 3, 7);
            var made = (await capture.FinishAsync(null, default)).Value!;
            Assert.Equal((_layer, DiskBytes, 512), (made.Layer, (int)made.LengthBytes, made.SectorBytes));
        }
        await AssertImageAsync(disk);
        Assert.Equal(StoreFaultKind.Exists, _store.BeginCapture(Disk(), TimeProvider.System).Fault!.Kind);
    }

    [Fact]
    public async Task Whatever_interrupts_it_and_whatever_became_of_the_disk_the_image_is_what_was_sent_last()
    {
        var disk = NewDisk();
        for (var attempt = 0; attempt < 12; attempt++)
        {
            using var capture = Begin();
            Send(capture, disk, 0, _random.Next(8));
            if (_random.Next(3) == 0)
                Reopen(capture);
            // The machine ran from its disk in between.
            var at = _random.Next(DiskBytes - 512);
            if (_random.Next(2) == 0)
                _random.NextBytes(disk.AsSpan(at, 512));
            else
                disk.AsSpan(at / Chunk * Chunk, Math.Min(Chunk, DiskBytes - (at / Chunk * Chunk))).Clear();
        }
        using (var last = Begin())
        {
            Send(last, disk, 0, 7);
            Assert.NotNull((await last.FinishAsync(null, default)).Value);
        }
        await AssertImageAsync(disk);
    }

    [Fact]
    public void What_came_before_need_not_be_sent_again_while_it_is_the_same()
    {
        var disk = NewDisk();
        using (var first = Begin())
            Send(first, disk, 0, 5);
        _random.NextBytes(disk.AsSpan(3 * Chunk, Chunk));
        using var second = Begin();
        Assert.False(second.Has(1, Hash(disk, 1)), "chunks come in their order");
        Assert.Equal([true, true, true, false], Enumerable.Range(0, 4).Select(c => second.Has(c, Hash(disk, c))));
        Send(second, disk, 3, 4);
        // What lay behind is of the disk as it was.
        Assert.False(second.Has(4, Hash(disk, 4)));
        Assert.True(second.Has(2, Hash(disk, 2)), "an answer that was lost is asked for again");
    }

    [Fact]
    public void Wrong_bytes_lengths_and_places_are_refused_and_change_nothing()
    {
        var disk = NewDisk();
        using var capture = Begin();
        Send(capture, disk, 0, 2);
        var (hash, bytes) = (Hash(disk, 2), Bytes(disk, 2).ToArray());
        Refused(capture.Take(3, Hash(disk, 3), Bytes(disk, 3)));
        Refused(capture.Take(1, hash, bytes));
        Refused(capture.Take(-1, hash, bytes));
        Refused(capture.Take(long.MaxValue, hash, bytes));
        Refused(capture.Take(2, hash, bytes.AsSpan(1)));
        Refused(capture.Take(2, hash, []));
        Refused(capture.Take(2, [], bytes));
        bytes[^1] ^= 1;
        Refused(capture.Take(2, hash, bytes));
        foreach (
            var (from, count) in ((long, int)[])
                [(2, 0), (2, 6), (3, 1), (0, 1), (-1, 1), (2, int.MinValue), (long.MaxValue, 1)]
        )
            Refused(capture.TakeZeroes(from, count));
        Assert.Equal(2, capture.Next);

        static void Refused(StoreFault? fault) => Assert.Equal(StoreFaultKind.Refused, fault?.Kind);
    }

    [Fact]
    public void Disks_that_no_image_can_be_of_are_refused()
    {
        foreach (
            var (bytes, sector) in ((long, int)[])
                [(0, 512), (-512, 512), (513, 512), (512, 4096), (4096, 520), ((64L << 40) + 512, 512)]
        )
            Assert.Equal(
                StoreFaultKind.Refused,
                _store
                    .BeginCapture(Disk() with { LengthBytes = bytes, SectorBytes = sector }, TimeProvider.System)
                    .Fault?.Kind
            );
        Assert.Empty(_store.ListTransfers());
    }

    [Fact]
    public async Task Bytes_that_the_store_gives_back_wrong_become_no_image_and_are_not_kept()
    {
        var disk = NewDisk();
        using (var capture = Begin())
        {
            Send(capture, disk, 0, 7);
            StoreFixture.Flip(
                Assert.Single(Directory.GetFiles(_folder["store"], "disk.raw", SearchOption.AllDirectories)),
                5
            );
            Assert.Equal(StoreFaultKind.Damaged, (await capture.FinishAsync(null, default)).Fault!.Kind);
        }
        Assert.Empty(_store.ListTransfers());
        Assert.Empty(_store.ListImages());
    }

    [Fact]
    public void What_nobody_waits_for_any_more_is_forgotten()
    {
        using (var capture = Begin())
        {
            Send(capture, NewDisk(), 0, 3);
            _store.ForgetCaptures([]);
            Assert.Single(_store.ListTransfers());
        }
        _store.ForgetCaptures([_layer]);
        Assert.Single(_store.ListTransfers());
        _store.ForgetCaptures([]);
        Assert.Empty(_store.ListTransfers());
    }

    [Fact]
    public async Task Sectors_of_4096_bytes_stay_what_they_are()
    {
        var bytes = new byte[8 << 20];
        _random.NextBytes(bytes.AsSpan(0, 4096));
        using (
            var capture = _store
                .BeginCapture(Disk() with { LengthBytes = bytes.Length, SectorBytes = 4096 }, TimeProvider.System)
                .Value!
        )
        {
            Send(capture, bytes, 0, 2);
            Assert.Equal(4096, (await capture.FinishAsync(null, default)).Value!.SectorBytes);
        }
        await AssertImageAsync(bytes);
    }

    private MachineDisk Disk() => new(_layer, "golden", "pc07", DiskBytes, 512);

    private Store.Capture Begin()
    {
        var begun = _store.BeginCapture(Disk(), TimeProvider.System);
        Assert.True(begun.Fault is null, begun.Fault?.ToString());
        return begun.Value!;
    }

    /// <summary>As after the server was started again.</summary>
    private void Reopen(Store.Capture capture)
    {
        capture.Dispose();
        _store.Dispose();
        _store = Store.Open(_folder["store"]).Value!;
    }

    private static void Send(Store.Capture capture, byte[] disk, int from, int to)
    {
        for (var chunk = from; chunk < to; chunk++)
        {
            var bytes = Bytes(disk, chunk);
            if (!bytes.ContainsAnyExcept((byte)0))
                Assert.Null(capture.TakeZeroes(chunk, 1));
            else if (!capture.Has(chunk, Hash(disk, chunk)))
                Assert.Null(capture.Take(chunk, Hash(disk, chunk), bytes));
        }
    }

    private static Span<byte> Bytes(byte[] disk, int chunk) =>
        disk.AsSpan(chunk * Chunk, Math.Min(Chunk, disk.Length - (chunk * Chunk)));

    private static byte[] Hash(byte[] disk, int chunk) => SHA256.HashData(Bytes(disk, chunk));

    private byte[] NewDisk()
    {
        var disk = new byte[DiskBytes];
        _random.NextBytes(disk);
        return disk;
    }

    private async Task AssertImageAsync(byte[] disk)
    {
        Assert.Null(await _store.VerifyImageAsync(_layer));
        using var image = _store.OpenImage(_layer).Value!;
        var read = new byte[disk.Length];
        Assert.Equal(DiskStatus.Ok, image.Read(0, read));
        Assert.True(disk.AsSpan().SequenceEqual(read));
        Assert.Empty(_store.ListTransfers());
    }
}
