using System.Security.Cryptography;

namespace Hatchery.Disks.Tests;

/// <summary>Segments that earlier versions wrote stay readable for ever: files of <c>Golden/</c> are only ever added.</summary>
public sealed class GoldenTests
{
    private const int Sectors = 64;
    private const string ContentHash = "1905523de3d639fdb26aaba3977ac96919005e5ae5dd8c31043520b90687d254";

    private const string Newest = "segments-v1-checked-pieces";

    [Theory]
    [InlineData("segments-v1")]
    [InlineData(Newest)]
    public void Segments_of_version_1_are_read(string folder)
    {
        var files = new SimulatedFileSystem(new(1));
        foreach (var path in Directory.EnumerateFiles(Golden(folder)))
        {
            var name = SimulatedCache.Folder + "/" + Path.GetFileName(path);
            files.Create(name);
            files.SetBytes(name, File.ReadAllBytes(path));
        }
        var cache = new SimulatedCache(files, Sectors).Open(new(3)).Value!;
        var hash = Convert.ToHexStringLower(SHA256.HashData(SimulatedCache.ReadAll(cache)));
        Assert.True(hash == ContentHash, hash);
        Assert.Equal(2, cache.Recovery.Segments);
        Assert.Equal(new DeviceId(new Guid("00000000-0000-0000-0000-000000000002")), cache.Identity.Device);
    }

    /// <summary>Fails when the writer's bytes change: then the format version, or a feature flag, and a new golden folder are due.</summary>
    [Fact]
    public async Task The_writer_still_writes_version_1()
    {
        var files = await WriteAsync();
        if (Environment.GetEnvironmentVariable("HATCHERY_WRITE_GOLDEN") is { } folder)
            foreach (var path in files.Paths)
                await File.WriteAllBytesAsync(Path.Combine(folder, Path.GetFileName(path)), files.Bytes(path));
        foreach (var path in files.Paths)
            Assert.Equal(
                await File.ReadAllBytesAsync(Path.Combine(Golden(Newest), Path.GetFileName(path))),
                files.Bytes(path)
            );
    }

    private static string Golden(string folder) => Path.Combine(AppContext.BaseDirectory, "Golden", folder);

    // Every kind of record: writes of one and of several extents, zeroes, aligned data, marks, index and end; a segment without an end.
    private static async Task<SimulatedFileSystem> WriteAsync()
    {
        var files = new SimulatedFileSystem(new(20261121));
        var simulated = new SimulatedCache(files, Sectors, new() { Salt = () => 0x5eed });
        var random = new Random(1);
        await using (var first = simulated.Create().Value!)
        {
            await WriteAsync(first, random, 3, 2);
            await first.ZeroAsync(4 * 512, 3 * 512, CancellationToken.None);
            await first.FlushAsync();
            var together = new List<Task>();
            files.BeforeWrite = () =>
            {
                files.BeforeWrite = null;
                together.Add(WriteAsync(first, random, 10, 8));
                together.Add(WriteAsync(first, random, 60, 4));
            };
            await WriteAsync(first, random, 40, 1);
            await Task.WhenAll(together);
        }
        var second = simulated.Reopen().Value!;
        await WriteAsync(second, random, 0, 64);
        await second.FlushAsync();
        await WriteAsync(second, random, 20, 1);
        return files;
    }

    private static async Task WriteAsync(WriteCache cache, Random random, int sector, int count)
    {
        var data = new byte[count * 512];
        random.NextBytes(data);
        Assert.Equal(DiskStatus.Ok, await cache.WriteAsync(sector * 512L, data, CancellationToken.None));
    }
}
