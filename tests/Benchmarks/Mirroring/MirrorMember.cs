using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Hatchery.Disks;
using Hatchery.Mirroring;
using Hatchery.Replication;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hatchery.Benchmarks;

/// <summary>The server that takes mirrors, in a process of its own, so that what either side uses of the processor is seen apart.</summary>
internal sealed class MirrorMember : IDisposable
{
    private readonly string _folder;
    private readonly Process _process;

    private MirrorMember(string folder, Process process, int port) =>
        (_folder, _process, Port) = (folder, process, port);

    public int Port { get; }

    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <param name="core">The processor core that it is kept on; null: any.</param>
    public static async Task<MirrorMember> StartAsync(string folder, string? core)
    {
        string[] member = [Environment.ProcessPath!, "member", folder];
        var start = new ProcessStartInfo(
            core is null ? member[0] : "taskset",
            core is null ? member[1..] : ["--cpu-list", core, .. member]
        )
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start)!;
        var port = await process.StandardOutput.ReadLineAsync();
        return new(folder, process, int.Parse(port!, CultureInfo.InvariantCulture));
    }

    /// <summary>The process itself: says its port, and ends with its input.</summary>
    public static async Task<int> RunAsync(string folder)
    {
        using var store = Store.Open(folder).Value!;
        var options = new LinkOptions
        {
            HandshakeTimeout = TimeSpan.FromMinutes(1),
            CopyIdleTimeout = TimeSpan.FromSeconds(1),
        };
        await using var copies = new MemberCopies(
            store,
            options,
            TimeProvider.System,
            NullLogger<MemberCopies>.Instance
        );
        await using var listener = new MirrorListener(
            new(IPAddress.Loopback, 0),
            Named("b"),
            new PeerTls(Certificate(), takesAny: true),
            copies,
            options,
            TimeProvider.System,
            NullLogger<MirrorListener>.Instance
        );
        listener.Start();
        Console.WriteLine(listener.EndPoint.Port);
        await Console.In.ReadToEndAsync();
        return 0;
    }

    public static MirrorHello Named(string name) =>
        new(MirrorHello.CurrentVersion, MirrorHello.CurrentVersion, default, name);

    public static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        return new CertificateRequest("CN=hatchery", key, HashAlgorithmName.SHA256).CreateSelfSigned(
            now.AddDays(-1),
            now.AddDays(1)
        );
    }

    /// <summary>Its files go; nobody streams it any more.</summary>
    public void Forget(LayerId cache)
    {
        var path = Path.Combine(_folder, "caches", cache.ToString());
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
