using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Disks.Tests;

/// <summary>A bit that changes where bytes had been durable is found when the cache is opened.</summary>
public sealed class DamageTests(ITestOutputHelper output)
{
    private const int Sectors = 1024;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Any_flipped_bit_of_flushed_bytes_is_found(bool closed)
    {
        var random = Seed.New(output);
        var (files, simulated, expected) = await BuildAsync(closed);
        var segments = files.Paths.Where(p => p.EndsWith(".seg", StringComparison.Ordinal)).ToList();
        Assert.InRange(segments.Count, 3, 10);
        foreach (var path in segments)
        {
            var bytes = files.Bytes(path);
            // What lies beyond the newest flush is a mark, or the index: losing that loses no data.
            var durable = path == segments[^1] ? LastData(bytes) : bytes.Length;
            for (var i = 0; i < 400; i++)
            {
                var bit = random.Next(bytes.Length * 8);
                var flipped = bytes.ToArray();
                flipped[bit / 8] ^= (byte)(1 << (bit % 8));
                files.SetBytes(path, flipped);
                var opened = simulated.Open(new(9));
                if (bit / 8 < durable || opened.Value is null)
                {
                    Assert.True(
                        opened.Fault?.Kind == StoreFaultKind.Damaged || IsUnsupported(opened.Fault, bit),
                        $"{path} bit {bit}: {opened.Fault}"
                    );
                    Assert.Equal(path, opened.Fault!.Path);
                    Assert.NotNull(opened.Fault.Offset);
                }
                else
                    Assert.Equal(expected, SimulatedCache.ReadAll(opened.Value));
            }
            files.SetBytes(path, bytes);
        }
        Assert.Equal(expected, SimulatedCache.ReadAll(simulated.Open(new(9)).Value!));
    }

    [Fact]
    public async Task A_missing_segment_is_damage()
    {
        var (files, simulated, _) = await BuildAsync(closed: true);
        files.Delete(SimulatedCache.Folder + "/00000002.seg");
        Assert.Equal(StoreFaultKind.Damaged, simulated.Open(new(9)).Fault!.Kind);
    }

    [Fact]
    public async Task A_closed_segment_opens_by_its_index_as_it_does_record_by_record()
    {
        var (files, _, expected) = await BuildAsync(closed: true);
        var byIndex = new SimulatedCache(files, Sectors, new() { VerifyAtOpenMaxBytes = 0 });
        var cache = byIndex.Open(new(9)).Value!;
        Assert.Equal(expected, SimulatedCache.ReadAll(cache));
        Assert.InRange(cache.Recovery.VerifiedBytes, 1, cache.Recovery.SizeBytes / 2);
    }

    [Fact]
    public async Task Whole_records_beyond_a_damaged_one_are_damage_as_long_as_the_host_runs_and_a_loss_when_it_went_down()
    {
        var files = new SimulatedFileSystem(new Random(3));
        var simulated = new SimulatedCache(files, Sectors);
        var cache = simulated.Create().Value!;
        for (var i = 0; i < 3; i++)
            await cache.WriteAsync(i * 4096, new byte[4096], CancellationToken.None);
        var path = files.Paths.Single(p => p.EndsWith(".seg", StringComparison.Ordinal));
        var bytes = files.Bytes(path);
        bytes[4096 + 4608 + 600] ^= 1;
        files.SetBytes(path, bytes);
        var fault = simulated.Reopen().Fault!;
        Assert.Equal((StoreFaultKind.Damaged, 4096 + 4608), (fault.Kind, fault.Offset));
        files.LosePower();
        var recovery = simulated.Reopen().Value!.Recovery;
        Assert.True(recovery.LostPower);
        Assert.Equal(2 * 4608, recovery.LostBytes);
    }

    [Fact]
    public async Task Random_damage_of_any_kind_never_throws_and_never_shows_bytes_from_elsewhere()
    {
        var random = Seed.New(output);
        var (files, simulated, _) = await BuildAsync(closed: false);
        var originals = files.Paths.ToDictionary(p => p, files.Bytes);
        for (var i = 0; i < 300; i++)
        {
            var (path, bytes) = originals.ElementAt(random.Next(originals.Count));
            var damaged = bytes[..random.Next(bytes.Length + 1)];
            for (var n = random.Next(20); n > 0 && damaged.Length > 0; n--)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            files.SetBytes(path, damaged);
            if (simulated.Open(new(9)).Value is { } opened)
                SimulatedCache.ReadAll(opened);
            files.SetBytes(path, bytes);
        }
    }

    private static bool IsUnsupported(StoreFault? fault, int bit) =>
        fault?.Kind == StoreFaultKind.Unsupported && bit < 32 * 8;

    private static int LastData(byte[] bytes)
    {
        var end = SegmentHeader.SizeBytes;
        for (var at = end; at < bytes.Length; )
        {
            Assert.True(RecordHeader.TryRead(bytes.AsSpan(at, 512), 0x5eed, out var record, out _));
            at += (int)record.SizeBytes;
            if (record.Kind == RecordKind.Write)
                end = at;
        }
        return end;
    }

    private static async Task<(SimulatedFileSystem Files, SimulatedCache Cache, byte[] Expected)> BuildAsync(
        bool closed
    )
    {
        var files = new SimulatedFileSystem(new Random(2));
        var simulated = new SimulatedCache(files, Sectors);
        var cache = simulated.Create().Value!;
        var random = new Random(3);
        for (var i = 0; i < 45; i++)
        {
            var data = new byte[random.Next(1, 16) * 512];
            random.NextBytes(data);
            var at = random.Next(Sectors - 16) * 512L;
            if (i % 6 == 0)
                await cache.ZeroAsync(at, data.Length, CancellationToken.None);
            else
                await cache.WriteAsync(at, data, CancellationToken.None);
        }
        Assert.Equal(DiskStatus.Ok, await cache.FlushAsync());
        var expected = SimulatedCache.ReadAll(cache);
        if (closed)
            await cache.DisposeAsync();
        return (files, simulated, expected);
    }
}
