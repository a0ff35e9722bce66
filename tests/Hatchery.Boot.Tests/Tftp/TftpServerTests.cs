using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Hatchery.Boot.Dhcp;
using Hatchery.Boot.Files;
using Hatchery.Boot.Net;
using Hatchery.Boot.Tftp;
using Hatchery.Testing;
using Hatchery.Wire;
using Hatchery.Wire.Tftp;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;

namespace Hatchery.Boot.Tests.Tftp;

public sealed class TftpServerTests : IAsyncLifetime
{
    private static readonly MacAddress s_mac = MacAddress.Parse("52:54:00:00:00:01");
    private readonly TempFolder _folder = new();
    private readonly TempFolder _outside = new();
    private readonly RecordingDirectory _directory = new();
    private readonly ILeaseStore _leases = Substitute.For<ILeaseStore>();
    private NetNamespace? _inside;
    private TftpServer? _server;

    public async Task InitializeAsync()
    {
        if (!Environment.IsPrivilegedProcess)
            return;
        _inside = await NetNamespace.CreateAsync();
        var lease = new Lease(IPAddress.Loopback, s_mac, "", "", LeaseState.Bound, DateTimeOffset.MaxValue);
        _leases.OfAddressAsync(IPAddress.Loopback, default).ReturnsForAnyArgs(lease);
        _server = New(new TftpSettings { Interfaces = ["lo"], RetryAfter = TimeSpan.FromMilliseconds(200) });
        await _server.StartAsync(default);
    }

    public async Task DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        if (_inside is not null)
            await _inside.DisposeAsync();
        _folder.Dispose();
        _outside.Dispose();
    }

    [NamespaceFact("curl")]
    public async Task Curl_fetches_files_of_all_lengths_with_all_block_sizes()
    {
        foreach (var bytes in new[] { 1, 511, 512, 513, 1468, 100_000 })
        {
            var file = Write($"file-{bytes}", bytes);
            foreach (var block in new[] { 8, 512, 1428, 1468, 8192, 65_464 })
            {
                if (bytes / block > 20_000)
                    continue;
                Assert.Equal(Hash(file), await CurlAsync($"file-{bytes}", "--tftp-blksize", $"{block}"));
            }
        }
    }

    [NamespaceFact("curl")]
    public async Task Curl_without_options_gets_blocks_of_512_bytes()
    {
        var file = Write("plain", 5000);
        Assert.Equal(Hash(file), await CurlAsync("plain", "--tftp-no-options"));
    }

    [NamespaceFact("tftp")]
    public async Task A_file_of_more_than_65535_blocks_arrives_whole()
    {
        var file = Write("big", 40_000_000);
        await TftpAsync("-m", "binary", "127.0.0.1", "-c", "get", "big", _outside["got"]);
        Assert.Equal(Hash(file), Hash(_outside["got"]));
    }

    [NamespaceFact("tftp")]
    public async Task An_empty_file_arrives()
    {
        Write("empty", 0);
        var result = await TftpAsync("-m", "binary", "127.0.0.1", "-c", "get", "empty", _outside["got"]);
        Assert.Equal(
            (0, "", 0),
            (result.ExitCode, result.Output + result.Errors, new FileInfo(_outside["got"]).Length)
        );
    }

    [NamespaceFact("tftp")]
    public async Task Netascii_is_refused_in_words()
    {
        Write("text", 10);
        var result = await TftpAsync("-m", "ascii", "127.0.0.1", "-c", "get", "text", _outside["got"]);
        Assert.Contains("only binary transfers", result.Output + result.Errors, StringComparison.Ordinal);
    }

    [NamespaceFact("tftp")]
    public async Task Nothing_can_be_written()
    {
        File.WriteAllText(_outside["mine"], "x");
        var result = await TftpAsync("-m", "binary", "127.0.0.1", "-c", "put", _outside["mine"], "mine");
        Assert.Contains("can be read only", result.Output + result.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["mine"]));
    }

    [NamespaceFact("atftp")]
    public async Task Atftp_fetches_with_options_of_its_own_and_with_windows()
    {
        var file = Write("file", 300_001);
        foreach (var option in new[] { "blksize 1428", "windowsize 8", "timeout 2", "tsize 0", "timeout 200" })
        {
            var got = _outside[Guid.NewGuid().ToString("N")];
            string[] arguments = ["--option", option, "-g", "-r", "file", "-l", got, "127.0.0.1"];
            var result = await _inside!.ExecAsync("atftp", arguments);
            Assert.True(result.ExitCode == 0, $"{option}: {result.Errors}");
            Assert.Equal(Hash(file), Hash(got));
        }
    }

    [NamespaceFact("busybox")]
    public async Task Busybox_fetches_with_large_and_with_plain_blocks()
    {
        var file = Write("file", 300_001);
        foreach (var size in new[] { "512", "1468", "65464" })
        {
            var got = _outside[size];
            string[] arguments = ["tftp", "-g", "-b", size, "-r", "file", "-l", got, "127.0.0.1"];
            var result = await _inside!.ExecAsync("busybox", arguments);
            Assert.True(result.ExitCode == 0, result.Errors);
            Assert.Equal(Hash(file), Hash(got));
        }
    }

    [NamespaceFact]
    public async Task Hostile_requests_are_refused_or_dropped_and_the_next_one_is_served()
    {
        Write("good", 100);
        File.WriteAllText(_outside["secret"], "secret");
        var random = new Random(1);
        using var client = Client();
        foreach (
            var name in new[]
            {
                "..\\secret",
                $"../{Path.GetFileName(_outside.Path)}/secret",
                _outside["secret"],
                "",
                ".",
                "good/",
                "good/../../etc/passwd",
                new string('a', 1500),
            }
        )
        {
            using var one = Client();
            await SendAsync(one, new TftpPacket.ReadRequest(name, "octet", TftpOptions.None), Port69);
            Assert.Equal(TftpErrorCode.FileNotFound, ((TftpPacket.Error)(await HearAsync(one)).Packet).Code);
        }
        for (var i = 0; i < 500; i++)
        {
            var bytes = new byte[random.Next(600)];
            random.NextBytes(bytes);
            if (bytes.Length > 1)
                (bytes[0], bytes[1]) = (0, (byte)random.Next(3, 8));
            await client.SendToAsync(bytes, Port69);
        }
        // What did not fit the socket's buffer is lost: every client asks again.
        var answered = HearAsync(client);
        while (!answered.IsCompleted)
        {
            await SendAsync(client, new TftpPacket.ReadRequest("good", "octet", TftpOptions.None), Port69);
            await Task.WhenAny(answered, Task.Delay(50));
        }
        Assert.Equal(100, ((TftpPacket.Data)(await answered).Packet).Payload.Length);
    }

    [NamespaceFact("curl")]
    public async Task No_path_leads_out_of_the_folder()
    {
        File.WriteAllText(_outside["secret"], "secret");
        File.CreateSymbolicLink(_folder["link"], _outside["secret"]);
        foreach (var path in new[] { "link", "../../etc/passwd", "%2e%2e/%2e%2e/etc/passwd", "/etc/passwd", "missing" })
        {
            var result = await RunCurlAsync(path, "--path-as-is");
            Assert.Equal(68, result.ExitCode); // TFTP: file not found
        }
    }

    [NamespaceFact("curl")]
    public async Task Many_clients_are_served_at_once()
    {
        var hash = Hash(Write("shared", 300_000));
        var got = await Task.WhenAll(
            Enumerable.Range(0, 12).Select(_ => CurlAsync("shared", "--tftp-blksize", "1428"))
        );
        Assert.All(got, g => Assert.Equal(hash, g));
    }

    [NamespaceFact("curl")]
    public async Task A_boot_program_sent_is_a_step_of_the_machines_timeline()
    {
        Write("undionly.kpxe", 1000);
        await CurlAsync("undionly.kpxe");
        await Eventually.TrueAsync(() => !_directory.Reported.IsEmpty);
        Assert.Equal(
            [new BootProgress(s_mac, BootStep.BootstrapSent, "undionly.kpxe", IPAddress.Loopback)],
            _directory.Reported
        );
    }

    [NamespaceFact]
    public async Task Windows_are_kept_and_what_was_lost_in_one_is_sent_again()
    {
        var file = await File.ReadAllBytesAsync(Write("windowed", 20_000));
        using var client = Client();
        await SendAsync(client, new TftpPacket.ReadRequest("windowed", "octet", new(1000, null, 0, 8)), Port69);
        var (offer, server) = await HearAsync(client);
        Assert.Equal(new TftpPacket.OptionAcknowledgement(new(1000, null, 20_000, 8)), offer);
        await SendAsync(client, new TftpPacket.Acknowledgement(0), server);
        var got = new List<byte>();
        ushort have = 0;
        var (inWindow, dropped) = (0, false);
        while (true)
        {
            var data = (TftpPacket.Data)(await HearAsync(client)).Packet;
            if (data.Block == 5 && !dropped)
            {
                // Lose one block in the middle of the first window; the rest of the window is then out of order.
                dropped = true;
                continue;
            }
            inWindow++;
            if (data.Block == have + 1)
            {
                have++;
                got.AddRange(data.Payload.Span);
                if (data.Payload.Length < 1000)
                    break;
            }
            if ((dropped && have == 4 && data.Block == 8) || (have > 4 && (have - 4) % 8 == 0))
                await SendAsync(client, new TftpPacket.Acknowledgement(have), server);
        }
        await SendAsync(client, new TftpPacket.Acknowledgement(have), server);
        Assert.Equal(file, got);
    }

    [NamespaceFact]
    public async Task A_silent_client_gets_its_block_again_until_the_server_gives_up()
    {
        Write("slow", 2000);
        using var client = Client();
        await SendAsync(client, new TftpPacket.ReadRequest("slow", "octet", TftpOptions.None), Port69);
        var (first, server) = await HearAsync(client);
        var (second, again) = await HearAsync(client);
        Assert.Equal((first, server), (second, again));
        await SendAsync(client, new TftpPacket.Error(TftpErrorCode.NotDefined, "enough"), server);
    }

    [NamespaceFact]
    public async Task A_client_that_only_asks_for_the_size_may_ask_again_at_once()
    {
        Write("probed", 2000);
        using var client = Client();
        var request = new TftpPacket.ReadRequest("probed", "octet", new(1468, null, 0, null));
        await SendAsync(client, request, Port69);
        var (_, server) = await HearAsync(client);
        await SendAsync(client, new TftpPacket.Error(TftpErrorCode.OptionsRefused, "User aborted"), server);
        using var second = Client();
        await SendAsync(second, request, Port69);
        var (offer, _) = await HearAsync(second);
        Assert.Equal(new TftpPacket.OptionAcknowledgement(new(1468, null, 2000, null)), offer);
    }

    [NamespaceFact]
    public async Task A_request_beyond_the_limit_is_not_answered()
    {
        await _server!.DisposeAsync();
        _server = New(new TftpSettings { Interfaces = ["lo"], MaxTransfers = 1 });
        await _server.StartAsync(default);
        Write("file", 2000);
        using var first = Client();
        using var second = Client();
        var request = new TftpPacket.ReadRequest("file", "octet", TftpOptions.None);
        await SendAsync(first, request, Port69);
        var (_, server) = await HearAsync(first);
        // It answers, so that it does not give way.
        await SendAsync(first, new TftpPacket.Acknowledgement(1), server);
        await HearAsync(first);
        await SendAsync(second, request, Port69);
        await SendAsync(first, new TftpPacket.Error(TftpErrorCode.NotDefined, "enough"), server);

        // The place is free again some time after that; a client that asks again gets it, and only then was it answered.
        var answered = HearAsync(second);
        while (!answered.IsCompleted)
        {
            await Task.WhenAny(answered, Task.Delay(50));
            await SendAsync(second, request, Port69);
        }
        Assert.IsType<TftpPacket.Data>((await answered).Packet);
    }

    [NamespaceFact]
    public async Task A_transfer_whose_client_never_answers_gives_way_and_an_address_has_its_share()
    {
        await _server!.DisposeAsync();
        var settings = new TftpSettings
        {
            Interfaces = ["lo"],
            MaxTransfers = 4,
            MaxPerAddress = 3,
        };
        _server = New(settings);
        await _server.StartAsync(default);
        Write("file", 2000);
        var request = new TftpPacket.ReadRequest("file", "octet", TftpOptions.None);
        var silent = Enumerable.Range(0, 8).Select(i => Client($"127.0.0.{2 + (i / 4)}")).ToList();
        foreach (var client in silent)
            await SendAsync(client, request, Port69);
        await Eventually.TrueAsync(() => _server.Use is { Open: 4, Refused: 2, Evicted: 2 });
        using var one = Client();
        await SendAsync(one, request, Port69);
        Assert.IsType<TftpPacket.Data>((await HearAsync(one)).Packet);
        silent.ForEach(c => c.Dispose());
    }

    [NamespaceFact]
    public async Task A_port_in_use_is_named()
    {
        await using var second = New(new TftpSettings { Interfaces = ["lo"] });
        var refused = await Assert.ThrowsAsync<BootServiceException>(() => second.StartAsync(default));
        Assert.Equal("TFTP cannot listen on 0.0.0.0:69 of lo: the port is in use by another program", refused.Message);
    }

    private static IPEndPoint Port69 => new(IPAddress.Loopback, 69);

    private TftpServer New(TftpSettings settings) =>
        new(
            settings,
            new BootFolder(_folder.Path),
            new BootTimeline(_directory, _leases, HostNetwork.Instance, NullLogger<BootTimeline>.Instance),
            new NamespaceNetwork(_inside!),
            TimeProvider.System,
            NullLogger<TftpServer>.Instance
        );

    private Socket Client(string address = "127.0.0.1")
    {
        var socket = _inside!.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
        return socket;
    }

    private static async Task SendAsync(Socket client, TftpPacket packet, IPEndPoint server)
    {
        var buffer = new ArrayBufferWriter<byte>();
        packet.Write(buffer);
        await client.SendToAsync(buffer.WrittenMemory, server);
    }

    private static async Task<(TftpPacket Packet, IPEndPoint Server)> HearAsync(Socket client)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var buffer = new byte[70_000];
        var received = await client.ReceiveFromAsync(
            buffer,
            SocketFlags.None,
            new IPEndPoint(IPAddress.Any, 0),
            limit.Token
        );
        Assert.True(TftpPacket.TryRead(buffer.AsSpan(0, received.ReceivedBytes), out var packet));
        return (packet, (IPEndPoint)received.RemoteEndPoint);
    }

    private string Write(string name, int bytes)
    {
        var content = new byte[bytes];
        new Random(bytes).NextBytes(content);
        File.WriteAllBytes(_folder[name], content);
        return _folder[name];
    }

    private async Task<string> CurlAsync(string path, params string[] arguments)
    {
        var got = _outside[Guid.NewGuid().ToString("N")];
        var result = await RunCurlAsync(path, [.. arguments, "-o", got]);
        Assert.True(result.ExitCode == 0, result.Errors);
        return Hash(got);
    }

    private Task<ToolResult> RunCurlAsync(string path, params string[] arguments) =>
        _inside!.ExecAsync("curl", ["-sS", .. arguments, $"tftp://127.0.0.1/{path}"]);

    private Task<ToolResult> TftpAsync(params string[] arguments) => _inside!.ExecAsync("tftp", arguments);

    private static string Hash(string path) => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)));
}
