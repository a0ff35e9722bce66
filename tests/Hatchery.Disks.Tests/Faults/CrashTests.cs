using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Disks.Tests;

/// <summary>Random work, a crash at a random operation, and again: what was acknowledged is there.</summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    private const int Sectors = 256;

    [Fact]
    public async Task Every_acknowledged_flush_survives_every_crash()
    {
        var random = Seed.New(output);
        for (var run = 0; run < 1000; run++)
        {
            var seed = random.Next();
            Assert.True(await RunAsync(new(seed)) is var fault && fault is null, $"run {run}, seed {seed}: {fault}");
        }
    }

    private static async Task<string?> RunAsync(Random random)
    {
        var files = new SimulatedFileSystem(random);
        var simulated = new SimulatedCache(files, Sectors);
        var model = new CacheModel(Sectors);
        var cache = simulated.Create().Value!;
        for (var crash = 0; crash < 4; crash++)
        {
            files.DiesAt = random.Next(1, 80);
            if (await WorkAsync(cache, model, files, random) is { } wrong)
                return wrong;
            if (random.Next(4) == 0)
                await cache.DisposeAsync();
            files.BeforeWrite = null;
            var lostPower = random.Next(2) == 0;
            if (lostPower)
                files.LosePower();
            else
                files.Restart();
            if (random.Next(4) == 0 && DiesWhileOpening(simulated, files, random))
                lostPower = true;
            var opened = simulated.Reopen();
            if (opened.Value is null)
                return $"crash {crash}: {opened.Fault}";
            cache = opened.Value;
            if (model.Check(SimulatedCache.ReadAll(cache), lostPower) is { } fault)
                return $"crash {crash}: {fault}";
        }
        return null;
    }

    // A crash in the middle of an opening, before anything was read through it, is one more crash of the same kind.
    private static bool DiesWhileOpening(SimulatedCache simulated, SimulatedFileSystem files, Random random)
    {
        files.DiesAt = random.Next(1, 8);
        _ = simulated.Reopen();
        var lostPower = random.Next(2) == 0;
        if (lostPower)
            files.LosePower();
        else
            files.Restart();
        return lostPower;
    }

    private static async Task<string?> WorkAsync(
        WriteCache cache,
        CacheModel model,
        SimulatedFileSystem files,
        Random random
    )
    {
        var pending = new List<Task>();
        var together = 0;
        // Requests that come while another is being written are the ones that are written together.
        files.BeforeWrite = () =>
        {
            for (; together > 0; together--)
                pending.Add(WriteAsync(cache, model, random));
        };
        for (var step = 0; step < 60 && !files.IsDead; step++)
        {
            if (random.Next(6) == 0)
                await FlushAsync(cache, model);
            else
            {
                together = Math.Max(0, random.Next(8) - 3);
                pending.Add(WriteAsync(cache, model, random));
            }
            await Task.WhenAll(pending);
            pending.Clear();
            if (!files.IsDead && random.Next(10) == 0 && cache.State == DiskStatus.Ok)
                SimulatedCache.ReadAll(cache);
        }
        return null;
    }

    private static async Task WriteAsync(WriteCache cache, CacheModel model, Random random)
    {
        var first = random.Next(Sectors);
        var count = Math.Min(random.Next(1, random.Next(10) == 0 ? 100 : 12), Sectors - first);
        var zeroes = random.Next(5) == 0;
        var data = model.NewData(count);
        var write = model.Begin(first, count, zeroes);
        var status = zeroes
            ? await cache.ZeroAsync(first * 512L, data.Length, CancellationToken.None)
            : await cache.WriteAsync(first * 512L, data, CancellationToken.None);
        if (status == DiskStatus.Ok)
            lock (model)
                model.Acknowledge(write);
    }

    private static async Task FlushAsync(WriteCache cache, CacheModel model)
    {
        var before = model.BeforeFlush();
        if (await cache.FlushAsync() == DiskStatus.Ok)
            model.Flushed(before);
    }
}
