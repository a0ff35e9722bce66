using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Hatchery.Boot.Dhcp;
using Hatchery.Boot.Http;
using Hatchery.Boot.Net;
using Hatchery.Disks;
using Hatchery.Testing;
using Hatchery.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;

namespace Hatchery.Boot.Tests.Http;

public sealed class BootEndpointsTests : IAsyncLifetime
{
    private static readonly MacAddress s_mac = MacAddress.Parse("52:54:00:00:00:01");
    private readonly TempFolder _folder = new();
    private readonly TempFolder _programs = new();
    private readonly RecordingDirectory _directory = new(
        new BootPlan.San(new DeviceId(Guid.Empty), "kiosk", "iqn.2026-01.test:nonce")
    );

    private readonly ManualTime _time = new();
    private WebApplication? _web;
    private string _url = "";

    public async Task InitializeAsync()
    {
        var leases = Substitute.For<ILeaseStore>();
        var lease = new Lease(IPAddress.Loopback, s_mac, "", "", LeaseState.Bound, DateTimeOffset.MaxValue);
        leases.OfAddressAsync(IPAddress.Loopback, default).ReturnsForAnyArgs(lease);
        var settings = new HttpBootSettings
        {
            FileFolder = _folder.Path,
            FileNames = ["kernel", "link", "passwd"],
            ProgramFolder = _programs.Path,
        };
        var files = new FileConnections(
            new(_directory, leases, HostNetwork.Instance, NullLogger<BootTimeline>.Instance),
            settings,
            _time,
            NullLogger<FileConnections>.Instance
        );
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, files.Serve));
        _web = builder.Build();
        _web.MapBoot(
            _directory,
            settings,
            NullLoggerFactory.Instance,
            () => [new BootServer(IPAddress.Parse("10.7.0.2"), 8069, 3260)]
        );
        await _web.StartAsync();
        _url = _web.Urls.Single();
    }

    public async Task DisposeAsync()
    {
        await _web!.DisposeAsync();
        _folder.Dispose();
        _programs.Dispose();
    }

    [ToolFact("curl")]
    public async Task A_machine_gets_its_script_with_all_servers_the_asked_one_first()
    {
        var uuid = Guid.Parse("00112233-4455-6677-8899-aabbccddeeff");
        var script = await CurlAsync($"/boot/52-54-00-00-00-01?arch=7&uuid={uuid}");
        Assert.Contains(
            "sanboot iscsi:127.0.0.1::3260:1:iqn.2026-01.test:nonce iscsi:10.7.0.2::3260:1:iqn.2026-01.test:nonce ",
            script,
            StringComparison.Ordinal
        );
        Assert.Equal([new BootClient(s_mac, uuid, 7, IPAddress.Loopback)], _directory.Asked);
        Assert.Equal(
            [new BootProgress(s_mac, BootStep.ScriptSent, "iqn.2026-01.test:nonce", IPAddress.Loopback)],
            _directory.Reported
        );
    }

    [ToolFact("curl")]
    public async Task A_machine_is_told_of_all_servers_the_asked_one_first() =>
        Assert.Equal("127.0.0.1:3260,10.7.0.2:3260\n", await CurlAsync("/servers/iscsi"));

    [ToolFact("curl")]
    public async Task A_machine_that_is_not_admitted_is_told_why_and_asks_again_with_all_that_is_known_of_it()
    {
        _directory.NotAdmitted = "refused by rule rest: not today";
        var script = await CurlAsync("/boot/52-54-00-00-00-01?arch=7&relay=10.8.0.1");
        Assert.Contains(
            "echo Hatchery: 52:54:00:00:00:01: refused by rule rest: not today\n",
            script,
            StringComparison.Ordinal
        );
        Assert.Contains(
            $"chain --replace {_url}/boot/52-54-00-00-00-01?uuid=${{uuid}}&arch=7&relay=10.8.0.1&attempt=1 ||",
            script,
            StringComparison.Ordinal
        );
        Assert.Empty(_directory.Asked);
        // Who asks for the head alone changes nothing.
        await CurlAsync("/boot/52-54-00-00-00-01", "-I");
        Assert.Single(_directory.Asked);
    }

    [ToolFact("curl")]
    public async Task Hostile_questions_are_answered_without_what_they_carried()
    {
        await CurlAsync("/boot/52:54:00:00:00:01?uuid=nonsense&arch=99999&attempt=-1");
        Assert.Equal([new BootClient(s_mac, Address: IPAddress.Loopback)], _directory.Asked);
        Assert.Equal("400", await CurlAsync("/boot/nobody", "-o", "/dev/null", "-w", "%{http_code}"));
        Assert.Equal("400", await CurlAsync("/boot/ff-ff-ff-ff-ff-ff", "-o", "/dev/null", "-w", "%{http_code}"));
    }

    [ToolFact("curl")]
    public async Task The_generic_script_leads_to_the_machines_own() =>
        Assert.Contains(
            $"chain --replace {_url}/boot/${{netX/mac:hexhyp}}?",
            await CurlAsync("/boot.ipxe"),
            StringComparison.Ordinal
        );

    [ToolFact("curl")]
    public async Task A_file_is_sent_whole_in_ranges_and_by_its_head_only()
    {
        var content = new byte[300_000];
        new Random(6).NextBytes(content);
        Directory.CreateDirectory(_folder["one"]);
        await File.WriteAllBytesAsync(_folder["one/kernel"], content);
        Assert.Equal("200", await CurlAsync("/vdisk/one/kernel", "-o", _folder["whole"], "-w", "%{http_code}"));
        Assert.Equal(SHA256.HashData(content), SHA256.HashData(await File.ReadAllBytesAsync(_folder["whole"])));
        await CurlAsync("/vdisk/one/kernel", "-r", "1000-1999", "-o", _folder["part"]);
        Assert.Equal(content[1000..2000], await File.ReadAllBytesAsync(_folder["part"]));
        await CurlAsync("/vdisk/one/kernel", "-r", "-5", "-o", _folder["tail"]);
        Assert.Equal(content[^5..], await File.ReadAllBytesAsync(_folder["tail"]));
        var head = await CurlAsync("/vdisk/one/kernel", "-I");
        Assert.Contains("Content-Length: 300000", head, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Accept-Ranges: bytes", head, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(
            "416",
            await CurlAsync("/vdisk/one/kernel", "-r", "300000-", "-o", "/dev/null", "-w", "%{http_code}")
        );
    }

    [ToolFact("curl")]
    public async Task A_file_that_the_client_has_already_is_not_sent_again()
    {
        await File.WriteAllTextAsync(_folder["kernel"], "a kernel");
        var head = await CurlAsync("/vdisk/kernel", "-I");
        var tag = Header(head, "ETag");
        var modified = Header(head, "Last-Modified");
        Assert.Equal(
            ("304", "304"),
            (await StatusAsync($"If-None-Match: {tag}"), await StatusAsync($"If-None-Match: \"x\", W/{tag}"))
        );
        Assert.Equal(
            ("304", "200"),
            (await StatusAsync($"If-Modified-Since: {modified}"), await StatusAsync("If-None-Match: \"x\""))
        );
        Assert.Equal("200", await StatusAsync("If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT"));
        Assert.Equal("206", await StatusAsync("Range: bytes=2-", $"If-Range: {tag}"));
        Assert.Equal("206", await StatusAsync("Range: bytes=2-", $"If-Range: {modified}"));
        Assert.Equal("200", await StatusAsync("Range: bytes=2-", "If-Range: \"x\""));
        var seen = await File.ReadAllTextAsync(_folder["out"]);
        Assert.Equal("a kernel", seen);
    }

    [Fact]
    public async Task Requests_on_one_connection_are_answered_in_order_however_they_are_cut()
    {
        await File.WriteAllTextAsync(_folder["kernel"], "a kernel");
        using var client = await ConnectAsync();
        var requests =
            "GET /vdisk/kernel HTTP/1.1\r\n\r\nHEAD /vdisk/kernel HTTP/1.1\r\n\r\nGET /ipxe/none HTTP/1.1\r\n\r\nGET /boot.ipxe HTTP/1.1\r\nHost: x\r\n\r\n";
        foreach (var piece in requests.Chunk(7))
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(piece));
        var answers = await new StreamReader(client.GetStream()).ReadToEndAsync();
        Assert.Equal(
            ["200 OK", "200 OK", "404 Not Found", "200 OK"],
            answers.Split("HTTP/1.1 ").Skip(1).Select(a => a.Split("\r\n")[0])
        );
        Assert.Contains("a kernelHTTP/1.1 200 OK", answers, StringComparison.Ordinal);
        Assert.Contains("#!ipxe", answers, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_request_is_refused_and_ends_its_connection()
    {
        using var client = await ConnectAsync();
        await client.GetStream().WriteAsync("GET /vdisk/kernel HTTP/1.1\r\nContent-Length: 3\r\n\r\nGET"u8.ToArray());
        Assert.StartsWith(
            "HTTP/1.1 400 Bad Request",
            await new StreamReader(client.GetStream()).ReadToEndAsync(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_client_that_asks_for_nothing_or_reads_nothing_is_given_up()
    {
        await using (var file = File.Create(_folder["kernel"]))
            file.SetLength(64 << 20);
        using var mute = await ConnectAsync();
        using var deaf = await ConnectAsync();
        await deaf.GetStream().WriteAsync("GET /vdisk/kernel HTTP/1.1\r\n\r\n"u8.ToArray());
        // The answer has begun, and the socket takes no more of it.
        await deaf.GetStream().ReadExactlyAsync(new byte[1]);
        await Eventually.TrueAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(20));
            return _directory.Reported.Any(r => r.Step == BootStep.TransferFailed);
        });
        await EndsAsync(mute);
        await EndsAsync(deaf);
    }

    [ToolFact("curl")]
    public async Task Many_clients_at_once_each_get_the_whole_file()
    {
        var content = new byte[5_000_000];
        new Random(7).NextBytes(content);
        await File.WriteAllBytesAsync(_folder["kernel"], content);
        using var http = new HttpClient();
        var hash = SHA256.HashData(content);
        var hashes = await Task.WhenAll(
            Enumerable
                .Range(0, 200)
                .Select(async _ =>
                    await SHA256.HashDataAsync(await http.GetStreamAsync(new Uri($"{_url}/vdisk/kernel")))
                )
        );
        Assert.All(hashes, h => Assert.Equal(hash, h));
        await Eventually.TrueAsync(() => _directory.Reported.Count(r => r.Step == BootStep.InitrdSent) == 200);
    }

    [ToolFact("curl")]
    public async Task A_file_that_is_not_named_is_not_given_out()
    {
        await File.WriteAllTextAsync(_folder["disk.raw"], "image");
        Assert.Equal("404", await CurlAsync("/vdisk/disk.raw", "-o", "/dev/null", "-w", "%{http_code}"));
    }

    [ToolFact("curl")]
    public async Task No_path_leads_out_of_the_folders()
    {
        await File.WriteAllTextAsync(_programs["secret"], "secret");
        File.CreateSymbolicLink(_folder["link"], _programs["secret"]);
        string[] paths =
        [
            "/vdisk/link",
            "/vdisk/../../etc/passwd",
            "/vdisk/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
            "/vdisk//etc/passwd",
            "/vdisk/..%2f..%2f..%2fetc%2fpasswd",
            "/vdisk/",
            "/ipxe/..%2f..%2fetc%2fpasswd",
            "/ipxe/none",
        ];
        foreach (var path in paths)
        {
            var code = await CurlAsync(path, "--path-as-is", "-o", "/dev/null", "-w", "%{http_code}");
            Assert.Equal((path, "404"), (path, code));
        }
    }

    [ToolFact("curl")]
    public async Task A_boot_program_fetched_is_a_step_of_the_machines_timeline_and_its_head_is_not()
    {
        await File.WriteAllTextAsync(_programs["snponly.efi"], "program");
        await CurlAsync("/ipxe/snponly.efi", "-I");
        Assert.Equal("program", await CurlAsync("/ipxe/snponly.efi"));
        await Eventually.TrueAsync(() => !_directory.Reported.IsEmpty);
        Assert.Equal(
            [new BootProgress(s_mac, BootStep.BootstrapSent, "snponly.efi", IPAddress.Loopback)],
            _directory.Reported
        );
    }

    private static string Header(string head, string name) =>
        head.Split("\r\n").Single(l => l.StartsWith(name + ": ", StringComparison.Ordinal))[(name.Length + 2)..];

    private Task<string> StatusAsync(params string[] headers) =>
        CurlAsync(
            "/vdisk/kernel",
            [.. headers.SelectMany(h => (string[])["-H", h]), "-o", _folder["out"], "-w", "%{http_code}"]
        );

    private async Task<TcpClient> ConnectAsync()
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, new Uri(_url).Port);
        return client;
    }

    private static async Task EndsAsync(TcpClient client)
    {
        try
        {
            await client.GetStream().CopyToAsync(Stream.Null).WaitAsync(TimeSpan.FromSeconds(30));
        }
        catch (IOException)
        {
            // Reset is an end, too.
        }
    }

    private async Task<string> CurlAsync(string path, params string[] arguments)
    {
        var result = await Tool.RunAsync("curl", ["-sS", .. arguments, _url + path]);
        Assert.True(result.ExitCode == 0, result.Errors);
        return result.Output;
    }
}
