using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Disks.Tests;

public sealed class CopyTests(ITestOutputHelper output)
{
    private const int Runs = 100;

    [Fact]
    public async Task A_copy_opens_to_what_the_write_cache_holds_up_to_the_seal()
    {
        var random = Seed.New(output);
        var seen = new CopyRun.Counts();
        for (var run = 0; run < Runs; run++)
        {
            var seed = random.Next();
            string? fault;
            try
            {
                fault = await new CopyRun(new(seed), seen).RunAsync();
            }
            catch (Exception unexpected)
            {
                fault = unexpected.ToString();
            }
            Assert.True(fault is null, $"run {run}, seed {seed}: {fault}");
        }
        output.WriteLine($"{Runs} runs: {seen}");
        // Each thing that the runs are about has to have happened in them.
        Assert.All(
            [
                seen.Appends,
                seen.Deaths,
                seen.PowerLosses,
                seen.LostCopies,
                seen.FailOvers,
                seen.Compactions,
                seen.Matched + seen.Copied,
            ],
            count => Assert.InRange(count, Runs / 20, int.MaxValue)
        );
    }

    [Fact]
    public async Task The_header_of_a_segment_comes_when_all_before_it_is_durable()
    {
        var random = Seed.New(output);
        var (one, two) = (SegmentName.Of(1), SegmentName.Of(2));
        var source = new SimulatedCache(new(random), 256);
        var cache = source.Create().Value!;
        await cache.WriteAsync(0, new byte[20 << 10], CancellationToken.None);
        await cache.DisposeAsync();
        await source.Reopen().Value!.WriteAsync(0, new byte[512], CancellationToken.None);
        ReadOnlyMemory<byte> first = source.Files.Bytes($"{SimulatedCache.Folder}/{one}");
        ReadOnlyMemory<byte> second = source.Files.Bytes($"{SimulatedCache.Folder}/{two}");
        for (var run = 0; run < 40; run++)
        {
            var files = new SimulatedFileSystem(random);
            var copy = new CacheCopy(files, FilePool.Unbounded, "/caches/b", cache.Layer);
            Assert.Equal(CopyCondition.Missing, (await copy.PromiseAsync(new(1)))?.Condition);
            Assert.Equal(DiskOutcome.Done, copy.Prepare());
            Assert.Equal(DiskOutcome.Done, copy.Append(new(1, 0), first[..4096]));
            Assert.Equal(DiskOutcome.Done, copy.Append(new(1, 4096), first[4096..]));
            Assert.Equal(DiskOutcome.Done, copy.Append(new(2, 0), second[..4096]));
            // Neither where it does not end, nor a segment that does not follow.
            Assert.Equal(DiskOutcome.NotWritten, copy.Append(new(2, 8192), second[4096..]));
            files.LosePower();
            copy = new(files, FilePool.Unbounded, "/caches/b", cache.Layer);
            Assert.Equal(new CopyState(CopyCondition.PowerLost, new(2, 4096)), await copy.PromiseAsync(new(2)));
            Assert.True(first.Span.SequenceEqual(files.Bytes($"/caches/b/{one}")));
        }
    }
}
