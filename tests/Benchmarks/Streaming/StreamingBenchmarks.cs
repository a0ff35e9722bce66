using Hatchery.Streaming.Tests;

namespace Hatchery.Benchmarks;

internal static class StreamingBenchmarks
{
    public static async Task<int> ServeAsync(string kind)
    {
        await using var rig = await Rig.StartAsync(useStreams: kind == "streams");
        rig.Gate.Add("iqn.2026-01.farm.hatchery:b", new(256 * 1024 * 1024));
        Console.WriteLine(rig.IscsiUri("iqn.2026-01.farm.hatchery:b"));
        Console.WriteLine(rig.NbdUri("iqn.2026-01.farm.hatchery:b"));
        await Console.In.ReadLineAsync();
        return 0;
    }

    public static Task<int> RunAsync() => Task.FromResult(0);
}
