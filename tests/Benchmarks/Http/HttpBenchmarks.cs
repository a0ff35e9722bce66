using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Hatchery.Boot;
using Hatchery.Boot.Dhcp;
using Hatchery.Boot.Http;
using Hatchery.Boot.Net;
using Hatchery.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;

namespace Hatchery.Benchmarks;

/// <summary>Files by HTTP beside nginx with sendfile, both over the loopback, by turns in one run; wrk is the client.</summary>
internal static partial class HttpBenchmarks
{
    private const int OurPort = 38069;
    private const int NginxPort = 38070;
    private const int Seconds = 2;

    /// <summary>An initramfs, a boot program.</summary>
    private static readonly (string Name, int Bytes)[] s_files = [("initrd", 32 << 20), ("kernel", 174 << 10)];

    public static async Task<int> RunAsync()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["vdisk"]);
        foreach (var (name, bytes) in s_files)
        {
            var content = new byte[bytes];
            new Random(bytes).NextBytes(content);
            await File.WriteAllBytesAsync(Path.Combine(folder["vdisk"], name), content);
        }
        await using var ours = await ServeAsync(folder["vdisk"]);
        using var nginx = await NginxAsync(folder);
        var contest = new Contest("nginx", nginx, rounds: 5, Seconds);
        try
        {
            foreach (var (name, bytes) in s_files)
            foreach (var connections in (int[])[1, 16])
                await contest.RunAsync(
                    $"http {bytes >> 10} KiB, {connections} connections",
                    () => WrkAsync(OurPort, name, connections),
                    () => WrkAsync(NginxPort, name, connections)
                );
            return 0;
        }
        finally
        {
            nginx.Kill();
            await nginx.WaitForExitAsync();
        }
    }

    private static async Task<WebApplication> ServeAsync(string folder)
    {
        var timeline = new BootTimeline(
            Substitute.For<IBootDirectory>(),
            Substitute.For<ILeaseStore>(),
            Substitute.For<IHostNetwork>(),
            NullLogger<BootTimeline>.Instance
        );
        var files = new FileConnections(
            timeline,
            new() { FileFolder = folder },
            TimeProvider.System,
            NullLogger<FileConnections>.Instance
        );
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, OurPort, files.Serve));
        var http = builder.Build();
        await http.StartAsync();
        return http;
    }

    private static async Task<Process> NginxAsync(TempFolder folder)
    {
        var configuration = string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            daemon off; master_process off; pid {{folder["pid"]}}; error_log {{folder["errors"]}};
            events { worker_connections 4096; }
            http {
              access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000;
              client_body_temp_path {{folder["1"]}}; proxy_temp_path {{folder["2"]}}; fastcgi_temp_path {{folder["3"]}};
              uwsgi_temp_path {{folder["4"]}}; scgi_temp_path {{folder["5"]}};
              server { listen 127.0.0.1:{{NginxPort}}; root {{folder.Path}}; }
            }
            """
        );
        await File.WriteAllTextAsync(folder["nginx.conf"], configuration);
        var process = Process.Start(
            ToolFactAttribute.Find("nginx")
                ?? throw new InvalidOperationException("nginx is not there: apt install nginx"),
            ["-p", folder.Path, "-c", folder["nginx.conf"]]
        );
        try
        {
            await Waits.UntilAsync(async () => (await WrkAsync(NginxPort, "kernel", 1, "1s")) > 0);
            return process;
        }
        catch
        {
            process.Kill();
            throw;
        }
    }

    /// <returns>Requests in a second.</returns>
    private static async Task<double> WrkAsync(int port, string file, int connections, string duration = "2s")
    {
        var url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/vdisk/{file}");
        var run = await Tool.RunAsync("wrk", ["-t1", $"-c{connections}", $"-d{duration}", url]);
        if (run.Output.Contains("Socket errors", StringComparison.Ordinal))
            throw new InvalidOperationException(run.Output);
        return Rate().Match(run.Output) is { Success: true } rate
            ? double.Parse(rate.Groups["rate"].ValueSpan, CultureInfo.InvariantCulture)
            : 0;
    }

    [GeneratedRegex(@"Requests/sec:\s+(?<rate>[0-9.]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Rate();
}
