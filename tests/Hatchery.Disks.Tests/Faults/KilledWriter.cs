using System.Globalization;

namespace Hatchery.Disks.Tests;

/// <summary>A process that writes to a write cache and reports, a line each, what was acknowledged; it ends when it is killed.</summary>
internal static class KilledWriter
{
    public const int Sectors = 4096;

    public static async Task<int> Main(string[] args)
    {
        if (args is not [var folder, var layerText, var epochText, var seedText])
            return 2;
        using var store = Store.Open(folder).Value!;
        var layer = LayerId.Parse(layerText);
        var epoch = new Epoch(ulong.Parse(epochText, CultureInfo.InvariantCulture));
        using var image = BaseImage.Open(Path.Combine(folder, "disk"), default).Value!;
        var options = new WriteCacheOptions { SegmentSizeBytes = 1 << 20 };
        var opened =
            epoch.Value == 1
                ? store.CreateCache(image, default, default, default, epoch, layer, options)
                : store.OpenCache(image, layer, epoch, options);
        var cache = opened.Value ?? throw new InvalidOperationException(opened.Fault!.ToString());
        await using var output = Console.OpenStandardOutput();
        foreach (var (step, (sector, data)) in Writes(int.Parse(seedText, CultureInfo.InvariantCulture)).Index())
        {
            if (await cache.WriteAsync(sector * 512L, data, CancellationToken.None) != DiskStatus.Ok)
                return 1;
            if (step % 16 == 0 && await cache.FlushAsync() != DiskStatus.Ok)
                return 1;
            await output.WriteAsync(BitConverter.GetBytes(step));
        }
        return 0;
    }

    public static IEnumerable<(int Sector, byte[] Data)> Writes(int seed)
    {
        var random = new Random(seed);
        while (true)
        {
            var sector = random.Next(Sectors);
            var data = new byte[Math.Min(random.Next(1, 64), Sectors - sector) * 512];
            random.NextBytes(data);
            yield return (sector, data);
        }
    }
}
