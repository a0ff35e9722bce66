using System.Diagnostics;

namespace Hatchery.Benchmarks;

/// <summary>Two servers under the same load by turns, so that what else the machine does meets both.</summary>
internal sealed class Contest(string peerName, Process peer, int rounds, int seconds)
{
    public async Task RunAsync(string title, Func<Task<double>> ours, Func<Task<double>> theirs)
    {
        await ours();
        await theirs();
        var (left, right) = (new List<Sample>(), new List<Sample>());
        for (var round = 0; round < rounds; round++)
        {
            // Who goes first changes, so that neither always finds the other's leavings.
            if (round % 2 == 1)
                right.Add(await SampleAsync(peer, theirs));
            left.Add(await SampleAsync(Process.GetCurrentProcess(), ours));
            if (round % 2 == 0)
                right.Add(await SampleAsync(peer, theirs));
        }
        var ratios = left.Zip(right, static (a, b) => a.Iops / b.Iops).Order().ToArray();
        Console.WriteLine(
            $"{title}: hatchery {Median(left, s => s.Iops):f0} IOPS ({Median(left, s => s.Micros):f1} us processor, {Median(left, s => s.AllocatedBytes):f0} B allocated a request), "
                + $"{peerName} {Median(right, s => s.Iops):f0} ({Median(right, s => s.Micros):f1} us); "
                + $"hatchery/{peerName} {ratios[ratios.Length / 2]:f2} ({ratios[0]:f2} to {ratios[^1]:f2})"
        );
    }

    private async Task<Sample> SampleAsync(Process server, Func<Task<double>> load)
    {
        server.Refresh();
        var before = server.TotalProcessorTime;
        var allocated = GC.GetTotalAllocatedBytes();
        var iops = await load();
        allocated = GC.GetTotalAllocatedBytes() - allocated;
        server.Refresh();
        var requests = iops * seconds;
        return new(iops, (server.TotalProcessorTime - before).TotalMicroseconds / requests, allocated / requests);
    }

    private static double Median(List<Sample> samples, Func<Sample, double> part) =>
        samples.Select(part).Order().ElementAt(samples.Count / 2);

    /// <param name="Micros">Processor time of the server for each request, in microseconds.</param>
    private sealed record Sample(double Iops, double Micros, double AllocatedBytes);
}
