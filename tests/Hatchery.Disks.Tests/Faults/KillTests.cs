using System.Diagnostics;
using System.Globalization;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Disks.Tests;

/// <summary>A real process, a real kill -9 at a random moment, real files.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    [Fact]
    public async Task What_a_killed_process_had_acknowledged_is_there()
    {
        var random = Seed.New(output);
        using var folder = new TempFolder();
        await File.WriteAllBytesAsync(folder["disk"], new byte[KilledWriter.Sectors * 512]);
        var layer = new LayerId(Guid.NewGuid());
        var expected = new byte[KilledWriter.Sectors * 512];
        for (ulong epoch = 1; epoch <= 12; epoch += 2)
        {
            var seed = random.Next();
            var acknowledged = await KillAfterAsync(folder.Path, layer, epoch, seed, random.Next(1, 400));
            using var store = Store.Open(folder.Path).Value!;
            using var image = BaseImage.Open(folder["disk"], default).Value!;
            var opened = store.OpenCache(image, layer, new(epoch + 1));
            Assert.True(opened.Fault is null, opened.Fault?.ToString());
            await using var cache = opened.Value!;
            var actual = SimulatedCache.ReadAll(cache);
            // The one write that was made and not yet reported may be there or not.
            var writes = KilledWriter.Writes(seed).Take(acknowledged + 2).ToList();
            foreach (var (sector, data) in writes[..^1])
                data.CopyTo(expected, sector * 512);
            if (!expected.AsSpan().SequenceEqual(actual))
                writes[^1].Data.CopyTo(expected, writes[^1].Sector * 512);
            Assert.True(
                expected.AsSpan().SequenceEqual(actual),
                $"epoch {epoch}: {acknowledged + 1} writes were acknowledged"
            );
        }
    }

    private static async Task<int> KillAfterAsync(string folder, LayerId layer, ulong epoch, int seed, int writes)
    {
        var assembly = typeof(KilledWriter).Assembly.Location;
        var start = new ProcessStartInfo(
            "dotnet",
            [
                assembly,
                folder,
                layer.ToString(),
                epoch.ToString(CultureInfo.InvariantCulture),
                seed.ToString(CultureInfo.InvariantCulture),
            ]
        )
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        using var writer = Process.Start(start)!;
        var acknowledged = -1;
        var report = new byte[sizeof(int)];
        var pipe = writer.StandardOutput.BaseStream;
        while (await pipe.ReadAtLeastAsync(report, report.Length, throwOnEndOfStream: false) == report.Length)
        {
            acknowledged = BitConverter.ToInt32(report);
            if (acknowledged == writes)
                writer.Kill();
        }
        await writer.WaitForExitAsync();
        Assert.True(acknowledged >= writes, "the writer ended by itself");
        return acknowledged;
    }
}
