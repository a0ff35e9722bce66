using System.Net;
using System.Net.Sockets;
using System.Text;
using Hatchery.Testing;
using Pbm;
using Petabridge.Cmd.Protocol;

namespace Hatchery.Benchmarks;

/// <summary>Three servers on PostgreSQL in one network namespace, each at an address of its own there, and an operator at the first.</summary>
internal sealed class PromotionFarm : IAsyncDisposable
{
    public const string VDisk = "guest";
    public const int DiskBytes = 64 << 20;
    private const int KernelBytes = 1 << 20;
    private const int NbdPort = 10809;
    private const int CommandsAtOnce = 8;
    private static readonly string[] s_servers = ["alpha", "beta", "gamma"];
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(20);

    /// <summary>Of those that keep what they write each has to be told what becomes of it.</summary>
    private static readonly string[] s_modes = ["standard", "differencing"];

    private readonly NetNamespace _inside;
    private readonly TempFolder _folder = new();
    private readonly PostgreSqlServer _database = new();
    private readonly List<ServerProcess> _servers = [];
    private HostConnection? _operator;
    private string _said = "";

    private PromotionFarm(NetNamespace inside) => _inside = inside;

    public static async Task<PromotionFarm> StartAsync()
    {
        var farm = new PromotionFarm(await NetNamespace.CreateAsync());
        try
        {
            await farm.StartServersAsync();
            return farm;
        }
        catch
        {
            await farm.DisposeAsync();
            throw;
        }
    }

    /// <summary>Adds so many devices and the vDisk that they boot, and switches them on, a third of them at each server.</summary>
    public async Task<PacedMachine[]> BootAsync(int machines)
    {
        await CommandAsync(["vdisk", "import", VDisk, .. await FilesAsync(1)]);
        foreach (var mode in s_modes)
            await CommandAsync("collection", "create", mode, "--vdisk", VDisk, "-t", "nbd", "--mode", mode);
        await _servers[0]
            .PbmAllAsync(
                [
                    .. Enumerable
                        .Range(0, machines)
                        .Select(i =>
                            $"device add {NameOf(i)} 52:54:01:00:{i >> 8:x2}:{i & 0xff:x2} --collection {s_modes[i % 2]}"
                        ),
                ],
                CommandsAtOnce,
                s_limit
            );
        var booted = new PacedMachine[machines];
        await Parallel.ForAsync(
            0,
            machines,
            new ParallelOptions { MaxDegreeOfParallelism = 4 * CommandsAtOnce },
            async (i, _) => booted[i] = await UntilDoneAsync(() => BootAsync(i, NameOf(i)))
        );
        return booted;
    }

    /// <summary>An image, and a kernel and an initrd to go with it, with the words by which <c>pbm</c> takes them.</summary>
    public async Task<string[]> FilesAsync(byte content)
    {
        var (image, kernel, bytes) = (_folder[$"image-{content}"], _folder["kernel"], new byte[DiskBytes]);
        new Random(content).NextBytes(bytes);
        await File.WriteAllBytesAsync(image, bytes);
        await File.WriteAllBytesAsync(kernel, bytes.AsMemory(0, KernelBytes));
        return [image, "--kernel", kernel, "--initrd", kernel];
    }

    /// <summary>Runs a command, again until it is carried out: a server may lack what it is about until a moment later.</summary>
    public Task<string> CommandAsync(params string[] words) => UntilDoneAsync(() => TryCommandAsync(words));

    public async ValueTask DisposeAsync()
    {
        if (_operator is not null)
            await _operator.DisposeAsync();
        foreach (var server in _servers)
            await server.DisposeAsync();
        await _inside.DisposeAsync();
        _database.Dispose();
        _folder.Dispose();
    }

    private static string NameOf(int machine) => $"pc{machine:d4}";

    private static string AddressOf(int server) => $"127.0.0.{server + 1}";

    private static string NodeOf(int server) => $"akka.tcp://hatchery@{AddressOf(server)}:4053";

    private async Task StartServersAsync()
    {
        var database = _database.NewDatabase();
        for (var i = 0; i < s_servers.Length; i++)
        {
            var file = _folder[$"{s_servers[i]}.conf"];
            await File.WriteAllTextAsync(
                file,
                $$"""
                include "{{SourceTree.PathOf("hocon", "farm.conf")}}"
                hatchery {
                  server-name = {{s_servers[i]}}, address = "{{AddressOf(i)}}", data-folder = "{{_folder[
                    s_servers[i]
                ]}}"
                  database.postgresql = "{{database}}"
                  boot.interfaces = []
                  replication { port = 9120, interval = 1s }
                }
                petabridge.cmd.port = {{ServerProcess.CommandPort + i}}
                akka.cluster {
                  seed-nodes = ["{{NodeOf(0)}}", "{{NodeOf(1)}}"]
                  failure-detector.acceptable-heartbeat-pause = 10s
                }
                """
            );
            _servers.Add(new(file, new Dictionary<string, string>(StringComparer.Ordinal), _inside));
            await _servers[i].StartAsync();
        }
        _operator = await HostConnection.OpenAsync(
            _inside.Run(() => new TcpClient(AddressFamily.InterNetwork)),
            "127.0.0.1",
            ServerProcess.CommandPort
        );
    }

    private async Task<PacedMachine?> BootAsync(int number, string name)
    {
        var socket = _inside.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        try
        {
            await socket.ConnectAsync(IPAddress.Parse(AddressOf(number % s_servers.Length)), NbdPort);
            return await PacedMachine.LogInAsync(new(socket, ownsSocket: true), name, new(number));
        }
        catch (Exception refused) when (refused is IOException or SocketException)
        {
            // Say because this server has not heard of the device, or has not fetched the image.
            socket.Dispose();
            return null;
        }
    }

    private async Task<string?> TryCommandAsync(string[] words)
    {
        var said = new StringBuilder();
        var outcome = await _operator!.RunAsync(words, part => said.Append(part.Text), CancellationToken.None);
        if (outcome == AnswerPart.Done)
            return said.ToString();
        if (_said != (_said = said.ToString()))
            await Console.Error.WriteLineAsync($"{string.Join(' ', words)}: {_said}");
        return null;
    }

    private static async Task<T> UntilDoneAsync<T>(Func<Task<T?>> attempt)
        where T : class
    {
        using var limit = new CancellationTokenSource(s_limit);
        while (true)
        {
            if (await attempt() is { } done)
                return done;
            await Task.Delay(250, limit.Token);
        }
    }
}
