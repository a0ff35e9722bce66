using System.Collections.Immutable;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Disks.Tests;

public sealed class MergeTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Sectors = 2048;

    private readonly StoreFixture _fixture = new();

    private ImmutableArray<LayerId> Base => [_fixture.Image.Layer];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _fixture.DisposeAsync();

    /// <summary>Writes, discards, closings, merges to layers and to base images in any order: it reads as a plain array does, and each thing made verifies.</summary>
    [Fact]
    public async Task Whatever_is_merged_reads_as_a_plain_array_does()
    {
        var random = Seed.New(output);
        var expected = new byte[Sectors * 512];
        var chain = Base;
        for (var round = 0; round < 30; round++)
        {
            LayerId? cache = null;
            if (random.Next(3) > 0)
                cache = await WriteAsync(chain, expected, random);
            var below = random.Next(4) == 0 ? 0 : random.Next(1, chain.Length + 1);
            var merge = Merge(chain, below, cache);
            var progress = new Steps();
            var made = await _fixture.Store.MergeAsync(merge, TimeProvider.System, progress);
            Assert.True(made.Value is not null, $"round {round}: {made.Fault}");
            Assert.Equal((100, true), (progress.Seen[^1], progress.Seen.SequenceEqual(progress.Seen.Order())));
            Assert.Equal(
                (below == 0 ? null : chain[below - 1], StoreFixture.DiskBytes),
                (made.Value!.Parent, made.Value.DiskBytes)
            );
            if (cache is { } closed)
                Assert.Null(_fixture.Store.DeleteCache(closed));
            chain = [.. chain[..below], merge.Layer];
            Assert.Null(await _fixture.Store.VerifyImageAsync(merge.Layer));
            using var opened = _fixture.OpenChain(chain);
            var actual = new byte[expected.Length];
            Assert.Equal(DiskStatus.Ok, opened.Read(0, actual, out _));
            Assert.True(actual.AsSpan().SequenceEqual(expected), $"round {round}, {below} below of {chain.Length}");
        }
        Assert.Empty(_fixture.Store.ListTransfers());
        Assert.Equal(0, _fixture.Store.Usage.OpenFiles);
    }

    /// <summary>On a disk of three slices: what lies at the ends of each, what was discarded, and what nobody wrote.</summary>
    [ToolFact("qemu-img")]
    public async Task What_lies_in_layers_is_exported_as_a_session_reads_it()
    {
        const long Grown = 600L << 20;
        var random = Seed.New(output);
        using var folder = new TempFolder();
        var chain = Base;
        for (var round = 0; round < 3; round++)
        {
            var cache = await WriteAsync(chain, new byte[Sectors * 512], random);
            chain = [.. chain, (await MadeAsync(Merge(chain, chain.Length, cache))).Layer];
        }
        chain = [.. chain, (await MadeAsync(Merge(chain, chain.Length) with { DiskBytes = Grown })).Layer];
        using (var below = _fixture.OpenChain(chain))
        {
            var cache = _fixture.Create(below: below);
            foreach (var at in (long[])[StoreFixture.DiskBytes - 512, (256 << 20) - 512, 512 << 20, Grown - 1024])
            {
                var data = new byte[1024];
                random.NextBytes(data);
                Assert.Equal(DiskStatus.Ok, await cache.WriteAsync(at, data, CancellationToken.None));
            }
            await cache.ZeroAsync(0, 8192, CancellationToken.None);
            await cache.DisposeAsync();
            chain = await _fixture.CloseAsync(cache, chain);
        }
        using var expected = _fixture.OpenChain(chain);
        foreach (var name in (string[])["raw", "qcow2"])
        {
            var (made, raw) = (folder["disk." + name], folder["back.raw"]);
            var steps = new Steps();
            var exported = await _fixture.Store.ExportImageAsync(
                chain[^1],
                made,
                ExportFormat.Find(name)!,
                progress: steps,
                farm: StoreFixture.Farm
            );
            Assert.True(exported.Fault is null, exported.Fault?.ToString());
            Assert.Equal((100, true), (steps.Seen[^1], steps.Seen.SequenceEqual(steps.Seen.Order())));
            Assert.Equal(0, (await Tool.RunAsync("qemu-img", ["convert", "-O", "raw", made, raw])).ExitCode);
            Assert.Equal(Grown, new FileInfo(raw).Length);
            var blocks = (await Tool.RunAsync("stat", ["-c", "%b", made])).Output;
            Assert.InRange(int.Parse(blocks, System.Globalization.CultureInfo.InvariantCulture) * 512L, 1, 16 << 20);
            await using var file = File.OpenRead(raw);
            var (read, wanted) = (new byte[4 << 20], new byte[4 << 20]);
            for (var at = 0L; at < Grown; at += read.Length)
            {
                Assert.Equal(DiskStatus.Ok, expected.Read(at, wanted, out _));
                await file.ReadExactlyAsync(read);
                Assert.True(read.AsSpan().SequenceEqual(wanted), $"{name}, {at}");
            }
            File.Delete(raw);
        }
        Assert.Equal(
            ["disk.qcow2", "disk.raw"],
            Directory.EnumerateFileSystemEntries(folder.Path).Select(Path.GetFileName).Order()
        );
        Assert.Empty(_fixture.Store.ListTransfers());

        var layer = _fixture.LayerPath(chain[^1]);
        StoreFixture.Flip(layer, 8192);
        var refused = await _fixture.Store.ExportImageAsync(
            chain[^1],
            folder["other"],
            ExportFormat.All[0],
            farm: StoreFixture.Farm
        );
        Assert.Equal((StoreFaultKind.Damaged, layer), (refused.Fault?.Kind, refused.Fault?.Path));
        Assert.False(File.Exists(folder["other"]));
    }

    [Fact]
    public async Task A_disk_grows_by_a_layer_with_nothing_in_it_and_stays_as_long_in_what_is_made_of_it()
    {
        const long Grown = StoreFixture.DiskBytes + (5 << 20);
        var cache = _fixture.Create();
        await cache.WriteAsync(StoreFixture.DiskBytes - 512, Filled(512, 1), CancellationToken.None);
        await cache.DisposeAsync();
        var chain = await _fixture.CloseAsync(cache, _fixture.Image.Layer);
        var grow = new LayerMerge(
            StoreFixture.Farm,
            new(Guid.NewGuid()),
            "disk",
            chain,
            chain.Length,
            DiskBytes: Grown
        );
        Assert.Equal(
            StoreFaultKind.Refused,
            (await _fixture.Store.MergeAsync(grow with { DiskBytes = 1 << 20 }, TimeProvider.System)).Fault!.Kind
        );
        var made = (await _fixture.Store.MergeAsync(grow, TimeProvider.System)).Value!;
        Assert.Equal((Grown, true), (made.DiskBytes, made.LengthBytes < 64 << 10));
        chain = [.. chain, made.Layer];
        using (var opened = _fixture.OpenChain(chain))
        {
            Assert.Equal(Grown, opened.LengthBytes);
            cache = _fixture.Create(below: opened);
            Assert.Equal(Grown, cache.LengthBytes);
            var read = new byte[1024];
            Assert.Equal(DiskStatus.Ok, cache.Read(StoreFixture.DiskBytes - 512, read));
            Assert.Equal([.. Filled(512, 1), .. new byte[512]], read);
            await cache.WriteAsync(Grown - 512, Filled(512, 2), CancellationToken.None);
            await cache.DisposeAsync();
        }
        chain = await _fixture.CloseAsync(cache, chain);
        var whole = new LayerMerge(StoreFixture.Farm, new(Guid.NewGuid()), "disk", chain, Below: 0);
        var image = (await _fixture.Store.MergeAsync(whole, TimeProvider.System)).Value!;
        Assert.Equal(Grown, image.LengthBytes);
        using var merged = _fixture.Store.OpenImage(image.Layer).Value!;
        using var layered = _fixture.OpenChain(chain);
        foreach (var reader in (IBlockReader[])[merged, layered])
        {
            var last = new byte[1024];
            Assert.Equal(DiskStatus.Ok, reader.Read(Grown - 1024, last, out _));
            Assert.Equal([.. new byte[512], .. Filled(512, 2)], last);
            Assert.Equal(DiskStatus.Ok, reader.Read(StoreFixture.DiskBytes - 512, last, out _));
            Assert.Equal([.. Filled(512, 1), .. new byte[512]], last);
        }
        Assert.Null(await _fixture.Store.VerifyImageAsync(image.Layer));

        static byte[] Filled(int bytes, byte value)
        {
            var data = new byte[bytes];
            Array.Fill(data, value);
            return data;
        }
    }

    [Fact]
    public async Task What_was_merged_before_is_not_made_again()
    {
        var cache = await WriteAsync(Base, new byte[Sectors * 512], new(1));
        var merge = Merge(Base, 1, cache);
        var made = (await _fixture.Store.MergeAsync(merge, TimeProvider.System)).Value!;
        Assert.Null(_fixture.Store.DeleteCache(cache));
        Assert.Equal(made.Sha256, (await _fixture.Store.MergeAsync(merge, TimeProvider.System)).Value!.Sha256);
    }

    [Fact]
    public async Task A_cache_that_is_open_that_lies_elsewhere_or_is_not_there_is_refused()
    {
        var open = _fixture.Create();
        await FaultAsync(Merge(Base, 1, open.Layer), StoreFaultKind.InUse);
        await open.DisposeAsync();
        await FaultAsync(Merge(Base, 1, new(Guid.NewGuid())), StoreFaultKind.Missing);
        var chain = await _fixture.CloseAsync(open, Base);
        var elsewhere = await WriteAsync(Base, new byte[Sectors * 512], new(2));
        await FaultAsync(Merge(chain, 2, elsewhere), StoreFaultKind.Refused);
        await FaultAsync(Merge(chain, 2, elsewhere) with { Farm = new(Guid.NewGuid()) }, StoreFaultKind.Refused);
        await FaultAsync(Merge([.. Base, new(Guid.NewGuid())], 1), StoreFaultKind.Missing);
    }

    [Fact]
    public async Task Damage_in_what_is_merged_ends_it_and_is_named()
    {
        var random = new Random(3);
        var cache = await WriteAsync(Base, new byte[Sectors * 512], random);
        var chain = ImmutableArray.Create(Base[0], (await MadeAsync(Merge(Base, 1, cache))).Layer);
        var path = _fixture.LayerPath(chain[1]);
        // The first record's data lie behind two headers and its padding.
        StoreFixture.Flip(path, 8192);
        var fault = await FaultAsync(Merge(chain, 0), StoreFaultKind.Damaged);
        Assert.Equal(path, fault.Path);
        await FaultAsync(Merge(chain, 1), StoreFaultKind.Damaged);
        StoreFixture.Flip(path, 8192);
        var raw = Path.Combine(_fixture.Store.ImagesPath, Base[0].ToString(), "disk.raw");
        StoreFixture.Flip(raw, StoreFixture.DiskBytes - 1);
        Assert.Equal(raw, (await FaultAsync(Merge(chain, 0), StoreFaultKind.Damaged)).Path);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_merge_waits_until_what_it_has_read_is_paid_for(int below)
    {
        var written = new byte[Sectors * 512];
        var merge = Merge(Base, below, await WriteAsync(Base, written, new(5)));
        var (paid, asked, paying) = (0L, new TaskCompletionSource(), new TaskCompletionSource());
        async ValueTask Pace(int bytes, CancellationToken cancellation)
        {
            paid += bytes;
            asked.TrySetResult();
            await paying.Task;
        }
        var merging = _fixture.Store.MergeAsync(merge, TimeProvider.System, pace: Pace);
        await asked.Task;
        Assert.False(merging.IsCompleted);
        paying.SetResult();
        var made = (await merging).Value!;
        // All that has something in it, once; of a layer its file once more, for its hashes.
        Assert.InRange(paid, written.LongCount(b => b != 0), StoreFixture.DiskBytes + made.LengthBytes);

        paid = 0;
        ImmutableArray<LayerId> chain = below == 0 ? [made.Layer] : [.. Base, made.Layer];
        Assert.NotNull((await _fixture.Store.HashContentAsync(StoreFixture.Farm, chain, pace: Pace)).Value);
        Assert.InRange(paid, 1, StoreFixture.DiskBytes);
    }

    [Fact]
    public async Task A_merge_that_is_cancelled_leaves_nothing_and_can_be_done_again()
    {
        var cache = await WriteAsync(Base, new byte[Sectors * 512], new(4));
        foreach (var below in new[] { 0, 1 })
        {
            using var ending = new CancellationTokenSource();
            var merge = Merge(Base, below, cache);
            var steps = new Steps { Told = _ => ending.Cancel() };
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
                _fixture.Store.MergeAsync(merge, TimeProvider.System, steps, cancellation: ending.Token)
            );
            Assert.False(_fixture.Store.Holds(merge.Layer));
            Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_fixture.Store.RootPath, "tmp")));
            await MadeAsync(merge);
        }
    }

    [Fact]
    public async Task A_new_base_image_has_the_kernel_of_the_old_one_and_a_layer_shows_that_of_its_image()
    {
        await File.WriteAllTextAsync(Path.Combine(_fixture.Store.ImagesPath, Base[0].ToString(), "kernel"), "a kernel");
        var cache = await WriteAsync(Base, new byte[Sectors * 512], new(5));
        var layer = await MadeAsync(Merge(Base, 1, cache));
        Assert.Empty(layer.Companions);
        Assert.Equal(
            "a kernel",
            await File.ReadAllTextAsync(_fixture.Store.CompanionPath(layer.Layer, ImageCompanion.Kernel)!)
        );
        var image = await MadeAsync(Merge([.. Base, layer.Layer], 0));
        Assert.Equal(["kernel"], image.Companions.Keys);
        Assert.Null(await _fixture.Store.VerifyImageAsync(image.Layer));
        Assert.Null(_fixture.Store.CompanionPath(image.Layer, ImageCompanion.Initrd));
    }

    [Fact]
    public void A_manifest_of_a_layer_says_what_it_lies_on_and_of_how_long_a_disk_it_is()
    {
        var layer = new ImageManifest(
            new(Guid.NewGuid()),
            "disk",
            LengthBytes: 8192,
            Sha256: "00",
            "layer",
            default,
            new Dictionary<string, ImageFile>(StringComparer.Ordinal),
            ImageChunks.ChunkBytes,
            new LayerId(Guid.NewGuid()),
            LayeredBytes: 512
        );
        var read = ImageManifest.TryRead(layer.ToJson())!;
        Assert.Equal((layer.Parent, 512, 8192), (read.Parent, read.DiskBytes, read.LengthBytes));
        var json = System.Text.Encoding.UTF8.GetString(layer.ToJson());
        foreach (
            var wrong in new[]
            {
                json.Replace("\"version\": 3", "\"version\": 2", StringComparison.Ordinal),
                json.Replace("layeredBytes", "other", StringComparison.Ordinal),
                json.Replace(layer.Parent.ToString()!, "no layer", StringComparison.Ordinal),
                json.Replace("\"layeredBytes\": 512", "\"layeredBytes\": -1", StringComparison.Ordinal),
            }
        )
        {
            Assert.NotEqual(json, wrong);
            Assert.Null(ImageManifest.TryRead(System.Text.Encoding.UTF8.GetBytes(wrong)));
        }
    }

    [Fact]
    public async Task A_layer_moves_to_another_store_as_an_image_does()
    {
        await using var other = new StoreFixture();
        var cache = await WriteAsync(Base, new byte[Sectors * 512], new(6));
        var layer = await MadeAsync(Merge(Base, 1, cache));
        var chunks = _fixture.Store.ReadChunks(layer.Layer).Value!;
        using var file = _fixture.Store.OpenPart(layer.Layer, ImagePart.Disk).Value!;
        Assert.Equal(layer.LengthBytes, file.LengthBytes);
        var arrived = await other.Store.ReplicateImageAsync(layer, chunks, new Source(file), TimeProvider.System);
        Assert.True(arrived.Fault is null, arrived.Fault?.ToString());
        Assert.Equal(
            await File.ReadAllBytesAsync(_fixture.LayerPath(layer.Layer)),
            await File.ReadAllBytesAsync(other.LayerPath(layer.Layer))
        );
        Assert.True(other.Store.Holds(layer.Layer));
        Assert.False(other.Store.HoldsChain(layer.Layer));
        Assert.Equal(layer.Parent, other.Store.FindImage(layer.Layer).Value!.Parent);
    }

    private static LayerMerge Merge(ImmutableArray<LayerId> chain, int below, LayerId? cache = null) =>
        new(StoreFixture.Farm, new(Guid.NewGuid()), "disk", chain, below, cache);

    private async Task<ImageManifest> MadeAsync(LayerMerge merge)
    {
        var made = await _fixture.Store.MergeAsync(merge, TimeProvider.System);
        Assert.True(made.Fault is null, made.Fault?.ToString());
        return made.Value!;
    }

    private async Task<StoreFault> FaultAsync(LayerMerge merge, StoreFaultKind kind)
    {
        var made = await _fixture.Store.MergeAsync(merge, TimeProvider.System);
        Assert.Equal(kind, made.Fault?.Kind);
        Assert.False(_fixture.Store.Holds(merge.Layer));
        return made.Fault!;
    }

    /// <summary>A write cache on a chain, closed in good order or left as a killed process leaves it.</summary>
    private async Task<LayerId> WriteAsync(ImmutableArray<LayerId> chain, byte[] expected, Random random)
    {
        using var below = _fixture.OpenChain(chain);
        var cache = _fixture.Create(new() { SegmentSizeBytes = random.Next(16, 256) << 10 }, below);
        for (var i = random.Next(200); i >= 0; i--)
        {
            var sector = random.Next(Sectors);
            var data = new byte[Math.Min(random.Next(1, 60), Sectors - sector) * 512];
            var isZeroed = random.Next(4) == 0;
            if (!isZeroed)
                random.NextBytes(data);
            Assert.Equal(
                DiskStatus.Ok,
                isZeroed
                    ? await cache.ZeroAsync(sector * 512L, data.Length, CancellationToken.None)
                    : await cache.WriteAsync(sector * 512L, data, CancellationToken.None)
            );
            data.CopyTo(expected, sector * 512);
        }
        await cache.DisposeAsync();
        return cache.Layer;
    }

    private sealed class Steps : IProgress<int>
    {
        public List<int> Seen { get; } = [];

        public Action<int>? Told { get; init; }

        public void Report(int value)
        {
            Seen.Add(value);
            Told?.Invoke(value);
        }
    }

    private sealed class Source(ImagePartFile file) : IReplicaSource
    {
        public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
            IReadOnlyList<ImageRange> ranges,
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation = default
        )
        {
            foreach (var range in ranges)
            {
                var bytes = new byte[range.LengthBytes];
                await RandomAccess.ReadAsync(file.File, bytes, range.Offset, cancellation);
                yield return bytes;
            }
        }
    }
}
