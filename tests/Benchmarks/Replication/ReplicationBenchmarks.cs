using System.Diagnostics;
using System.Globalization;
using System.Net;
using Hatchery.Disks;
using Hatchery.Replication;
using Hatchery.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hatchery.Benchmarks;

/// <summary>
/// An image from store to store beside rsync's daemon, both over the loopback, by turns in one run. Ours hashes each chunk, syncs
/// and reads all of it back; rsync copies whole files and syncs.
/// </summary>
internal static class ReplicationBenchmarks
{
    private const int Rounds = 5;
    private const int DiskMiB = 512;
    private const int RsyncPort = 38873;

    private static readonly ReplicationOptions s_options = new();

    public static async Task<int> RunAsync()
    {
        using var folder = new TempFolder();
        using var source = Store.Open(folder["source"]).Value!;
        var image = await ImportAsync(source, folder["disk"]);
        await using var server = new ImageServer(
            new(IPAddress.Loopback, 0),
            new(default, "source"),
            source,
            s_options,
            TimeProvider.System,
            NullLogger<ImageServer>.Instance
        );
        server.Start();
        using var rsync = await RsyncAsync(folder, Path.Combine(source.ImagesPath, image.ToString()));
        try
        {
            var (ours, theirs) = (new List<double>(), new List<double>());
            for (var round = 0; round <= Rounds; round++)
            {
                var our = await RateAsync(() => FetchAsync(folder, server.EndPoint.Port, image));
                var their = await RateAsync(() => CopyAsync(folder["copy"]));
                File.Delete(folder["copy"]);
                // The first warms up.
                if (round > 0)
                    (ours, theirs) = ([.. ours, our], [.. theirs, their]);
            }
            var ratios = ours.Zip(theirs, static (a, b) => a / b).Order().ToArray();
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"replication of {DiskMiB} MiB: hatchery {Median(ours):f0} MiB/s, rsync {Median(theirs):f0} MiB/s; hatchery/rsync {Median(ratios):f2} ({ratios[0]:f2} to {ratios[^1]:f2})"
                )
            );
            return 0;
        }
        finally
        {
            rsync.Kill();
            await rsync.WaitForExitAsync();
        }
    }

    private static async Task<LayerId> ImportAsync(Store store, string disk)
    {
        var bytes = new byte[DiskMiB << 20];
        new Random(1).NextBytes(bytes);
        await File.WriteAllBytesAsync(disk, bytes);
        var imported = await store.ImportImageAsync(new(new(Guid.NewGuid()), "disk", disk, "raw"), TimeProvider.System);
        File.Delete(disk);
        return imported.Value?.Layer ?? throw new InvalidOperationException(imported.Fault!.ToString());
    }

    private static async Task FetchAsync(TempFolder folder, int port, LayerId image)
    {
        using (var target = Store.Open(folder["target"]).Value!)
        {
            await using var connection = await PeerConnection.ConnectAsync(
                new("source", "127.0.0.1", port),
                new(default, "target"),
                s_options,
                new(0, TimeProvider.System),
                TimeProvider.System,
                CancellationToken.None
            );
            var manifest = (await connection.ManifestAsync(image, CancellationToken.None))!;
            var chunks = await connection.ChunksAsync(manifest, CancellationToken.None);
            connection.Image = image;
            var fetched = await target.ReplicateImageAsync(manifest, chunks, connection, TimeProvider.System);
            if (fetched.Fault is { } fault)
                throw new InvalidOperationException(fault.ToString());
        }
        Directory.Delete(folder["target"], recursive: true);
    }

    private static async Task<Process> RsyncAsync(TempFolder folder, string images)
    {
        await File.WriteAllTextAsync(
            folder["rsyncd.conf"],
            $"use chroot = no\nuid = 0\ngid = 0\nlog file = {folder["rsync.log"]}\n[images]\npath = {images}\nread only = yes\n"
        );
        var process = Process.Start(
            ToolFactAttribute.Find("rsync")
                ?? throw new InvalidOperationException("rsync is not there: apt install rsync"),
            [
                "--daemon",
                "--no-detach",
                "--address=127.0.0.1",
                string.Create(CultureInfo.InvariantCulture, $"--port={RsyncPort}"),
                $"--config={folder["rsyncd.conf"]}",
            ]
        );
        await Waits.UntilAsync(async () => (await Tool.RunAsync("rsync", [Source])).ExitCode == 0);
        return process;
    }

    private static string Source =>
        string.Create(CultureInfo.InvariantCulture, $"rsync://127.0.0.1:{RsyncPort}/images/disk.raw");

    private static async Task CopyAsync(string target)
    {
        var run = await Tool.RunAsync("rsync", ["--whole-file", "--fsync", Source, target]);
        if (run.ExitCode != 0)
            throw new InvalidOperationException(run.Errors);
    }

    /// <returns>MiB a second.</returns>
    private static async Task<double> RateAsync(Func<Task> copy)
    {
        var clock = Stopwatch.StartNew();
        await copy();
        return DiskMiB / clock.Elapsed.TotalSeconds;
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
