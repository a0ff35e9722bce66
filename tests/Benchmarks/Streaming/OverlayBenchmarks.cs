using System.Diagnostics;
using Hatchery.Streaming.Tests;
using Hatchery.Testing;

namespace Hatchery.Benchmarks;

/// <summary>Writes into a fresh write cache beside those into a fresh qcow2 overlay of qemu-nbd, both on one image and by NBD, by turns in one run.</summary>
internal static class OverlayBenchmarks
{
    private const string Target = "iqn.2026-01.farm.hatchery:o";
    private const long DiskBytes = 1L << 30;
    private const int Port = 33811;
    private const int Seconds = 2;
    private const int Rounds = 5;

    public static async Task<int> RunAsync()
    {
        using var folder = new TempFolder();
        await using (var image = File.Create(folder["disk"]))
            image.SetLength(DiskBytes);
        await using var rig = await Rig.StartAsync();
        foreach (var load in (Load[])[new("randwrite", 4, 32, 1), new("write", 1024, 8, 1)])
        {
            var ratios = new List<double>();
            for (var round = 0; round < Rounds; round++)
            {
                double ours = 0,
                    theirs = 0;
                // Who goes first changes, so that neither always finds the other's leavings.
                foreach (var isOurs in (bool[])[round % 2 == 0, round % 2 != 0])
                    if (isOurs)
                        ours = await OursAsync(rig, folder, load);
                    else
                        theirs = await TheirsAsync(folder, load);
                Console.WriteLine($"  {load}: hatchery {ours:f0}/s, qemu-nbd {theirs:f0}/s");
                ratios.Add(ours / theirs);
            }
            ratios.Sort();
            Console.WriteLine($"{load}: hatchery/qemu-nbd {ratios[Rounds / 2]:f2} ({ratios[0]:f2} to {ratios[^1]:f2})");
        }
        return 0;
    }

    private static async Task<double> OursAsync(Rig rig, TempFolder folder, Load load)
    {
        await using var device = new DeviceDisk(folder["disk"], folder["store"]);
        rig.Gate.Add(Target, device.Disk);
        return (await Clients.FioAsync(rig.NbdUri(Target), load, Seconds)).PerSecond;
    }

    private static async Task<double> TheirsAsync(TempFolder folder, Load load)
    {
        var overlay = folder["overlay"];
        await Tool.RunAsync("qemu-img", ["create", "-q", "-f", "qcow2", "-F", "raw", "-b", folder["disk"], overlay]);
        var uri = $"nbd://127.0.0.1:{Port}";
        using var server = Process.Start(
            "qemu-nbd",
            ["-t", "-e", "8", "-b", "127.0.0.1", "-p", $"{Port}", "-f", "qcow2", "--cache=writeback", overlay]
        );
        await Waits.UntilAsync(async () => (await Tool.RunAsync("nbdinfo", ["--size", uri])) is { ExitCode: 0 });
        var perSecond = (await Clients.FioAsync(uri, load, Seconds)).PerSecond;
        server.Kill();
        await server.WaitForExitAsync();
        File.Delete(overlay);
        return perSecond;
    }
}
