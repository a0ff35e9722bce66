using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Akka.Actor;
using Hatchery.Boot.Http;
using Hatchery.Client.Tests;
using Hatchery.Devices;
using Hatchery.Devices.Configuration;
using Hatchery.Devices.Tests;
using Hatchery.Disks;
using Hatchery.Testing;
using Hatchery.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Abstractions;

namespace Hatchery.Boot.Tests;

/// <summary>A machine's disk over HTTP, from the machine's own program and from whoever else comes.</summary>
public sealed class CaptureEndpointTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Chunk = ImageChunks.ChunkBytes;
    private const int DiskBytes = (4 * Chunk) + (1 << 20);
    private const int AtOnce = 1;

    private readonly Random _random = Seed.New(output);
    private readonly TempFolder _folder = new();
    private readonly TestDatabase _database = new();
    private readonly ManualTime _time = new();
    private readonly HttpClient _client = new();
    private readonly ConcurrentQueue<TimelineStep> _steps = new();
    private ActorSystem _system = null!;
    private Farm _farm = null!;
    private Store _store = null!;
    private Captures _captures = null!;
    private WebApplication _web = null!;
    private DeviceId _device;
    private CaptureOrder _order = null!;

    public async Task InitializeAsync()
    {
        var database = _database.Open();
        _system = ActorSystem.Create("hatchery", FarmActorConfiguration.For(database));
        _farm = await Farm.StartAsync(_system, database, _folder["view.json"], _time, TimeSpan.FromSeconds(30));
        _store = Store.Open(_folder["store"]).Value!;
        (_device, _order) = await OrderAsync("pc07", "golden", "52:54:00:77:00:10");
        await StartAsync();
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await StopAsync();
        _store.Dispose();
        await _system.Terminate();
        _database.Dispose();
        _folder.Dispose();
    }

    [ToolFact("gcc")]
    public async Task Machines_program_sends_its_disk_and_that_is_a_vdisk()
    {
        var disk = NewDisk();
        disk.AsSpan(Chunk, Chunk).Clear();
        disk.AsSpan(4 * Chunk).Clear();
        var said = await SendAsync(disk);
        Assert.Contains("hatchery-root: it is vDisk golden", said, StringComparison.Ordinal);
        await AssertVDiskAsync(disk);
        Assert.Equal([BootSteps.CaptureBegun, BootSteps.Captured], _steps.Select(s => s.Step));
        Assert.Equal("/", _steps.First().Detail[..1]);
        Assert.Equal(new CaptureStatus(_order.Image, "it is vDisk golden", IsOver: true), _captures.Of(_device));
        // Whoever asks once more hears the same.
        Assert.Equal((HttpStatusCode.Gone, "it is vDisk golden"), await BeginAsync(Boot()));
    }

    [ToolFact("gcc")]
    public async Task Server_that_was_killed_and_a_machine_that_starts_again_go_on_where_they_were()
    {
        var disk = NewDisk();
        var boot = Boot();
        await BeginAsync(boot);
        for (var chunk = 0; chunk < 3; chunk++)
            Assert.Equal(HttpStatusCode.OK, (await PutAsync(boot, disk, chunk)).Status);
        Assert.Equal("60 % of /dev/vda, 17 MiB, sectors of 512 bytes", _captures.Of(_device)!.Text);
        await StopAsync();
        await StartAsync();
        Assert.Equal(HttpStatusCode.Conflict, (await PutAsync(boot, disk, 3)).Status);
        // It need not be sent: there is no such body as this.
        await BeginAsync(boot);
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(boot, disk, 0, [])).Status);
        await SendAsync(disk);
        await AssertVDiskAsync(disk);
    }

    [ToolFact("gcc")]
    public async Task Machine_that_has_no_such_disk_says_so_and_its_order_ends()
    {
        var said = await RunAsync(_folder["store"]);
        Assert.Contains("is no disk", said, StringComparison.Ordinal);
        Assert.Null(_farm.View.Current.Device(_device)!.Capture);
        var failed = Assert.Single(_steps);
        Assert.Equal((BootSteps.CaptureFailed, $"{_folder["store"]} is no disk"), (failed.Step, failed.Detail));
        Assert.True(_captures.Of(_device) is { IsOver: true, HasFailed: true });
    }

    [Fact]
    public async Task Nobody_sends_a_disk_in_a_machines_place_or_without_an_order()
    {
        var boot = Boot();
        foreach (
            var name in (string[])
                [
                    "pc07",
                    "x",
                    TargetName.Export(_device, new(Guid.NewGuid())),
                    TargetName.Export(new(Guid.NewGuid()), boot),
                ]
        )
            Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync(name, Hello)).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await PutAsync(boot, NewDisk(), 0)).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await PostAsync(TargetName.Export(_device, boot) + "/end", "")).Status);
        await _farm.AskAsync(_farm.Devices, new EndCapture(_device, _order.Image, "cancelled"));
        Assert.Equal((HttpStatusCode.Gone, "cancelled"), await BeginAsync(boot));
        Assert.Empty(_store.ListTransfers());
    }

    [Fact]
    public async Task Bytes_that_are_not_those_of_their_hash_or_place_are_refused_with_a_line()
    {
        var (boot, disk) = (Boot(), NewDisk());
        await BeginAsync(boot);
        var wrong = disk[..Chunk];
        wrong[7] ^= 1;
        Assert.Equal(
            (HttpStatusCode.UnprocessableEntity, "the bytes of chunk 0 are not those of its hash"),
            await PutAsync(boot, disk, 0, wrong)
        );
        Assert.Equal(
            (HttpStatusCode.UnprocessableEntity, "chunk 2 of 5 came, and 0 was to come"),
            await PutAsync(boot, disk, 2)
        );
        Assert.Equal(HttpStatusCode.BadRequest, (await PutAsync(boot, disk, 0, new byte[Chunk + 1])).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await PostAsync(TargetName.Export(_device, boot) + "/end", "")).Status);
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(boot, disk, 0)).Status);
    }

    [Fact]
    public async Task Any_request_at_all_is_answered_and_changes_nothing()
    {
        var boot = Boot();
        await BeginAsync(boot);
        string[] chunks = ["0", "-1", "9223372036854775807", "9223372036854775808", "x", "1", "0.0", ""];
        string[] queries =
        [
            "",
            "?sha256=",
            "?sha256=zz",
            $"?sha256={new string('0', 64)}",
            $"?sha256={new string('g', 64)}",
            "?zeroes=0",
            "?zeroes=-5",
            "?zeroes=99999999999",
            "?zeroes=6",
            "?zeroes=x",
            $"?sha256={new string('0', 64)}&zeroes=-1",
        ];
        for (var round = 0; round < 300; round++)
        {
            var path = $"{TargetName.Export(_device, boot)}/{chunks[_random.Next(chunks.Length)]}";
            var body = new byte[_random.Next(3) * _random.Next(2000)];
            _random.NextBytes(body);
            var answer = await AskAsync(HttpMethod.Put, path + queries[_random.Next(queries.Length)], body);
            Assert.True((int)answer.Status is >= 400 and < 500, $"{path}: {answer}");
        }
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(boot, NewDisk(), 0)).Status);
    }

    [Fact]
    public async Task Capture_that_is_cancelled_stops_the_machine_and_leaves_nothing()
    {
        var (boot, disk) = (Boot(), NewDisk());
        await BeginAsync(boot);
        await PutAsync(boot, disk, 0);
        Assert.Single(_store.ListTransfers());
        await _farm.AskAsync(_farm.Devices, new EndCapture(_device, _order.Image, "cancelled by ann", "ann"));
        Assert.Equal((HttpStatusCode.Gone, "cancelled by ann"), await PutAsync(boot, disk, 1));
        await Eventually.TrueAsync(() => Task.FromResult(_store.ListTransfers().Count == 0));
        Assert.Empty(_farm.View.Current.VDisks);
    }

    [Fact]
    public async Task Machine_that_boots_again_takes_over_from_its_boot_before()
    {
        var (old, disk) = (Boot(), NewDisk());
        await BeginAsync(old);
        await PutAsync(old, disk, 0);
        _time.Advance(TimeSpan.FromSeconds(30));
        var now = Boot();
        Assert.Equal(HttpStatusCode.OK, (await BeginAsync(now)).Status);
        Assert.Equal(HttpStatusCode.Gone, (await PutAsync(old, disk, 1)).Status);
        Assert.Equal(HttpStatusCode.Gone, (await BeginAsync(old)).Status);
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(now, disk, 0, [])).Status);
    }

    [Fact]
    public async Task Machines_wait_for_a_place_and_get_that_of_one_that_went_silent()
    {
        await BeginAsync(Boot());
        var (other, _) = await OrderAsync("pc08", "silver", "52:54:00:77:00:11");
        var name = TargetName.Export(other, _farm.Services.Nonces.Issue(other, null, _time.GetUtcNow()));
        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, "1 machines send their disks to one now: pc08 waits"),
            await PostAsync(name, Hello)
        );
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(name, Hello)).Status);
    }

    private static string Hello =>
        string.Create(CultureInfo.InvariantCulture, $"disk=/dev/vda\nsize={DiskBytes}\nsector=512\n");

    private async Task StartAsync()
    {
        _captures = new("one", _farm, _store, null, AtOnce, _steps.Enqueue, NullLogger<Captures>.Instance);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            // As the server has it: bodies are for this endpoint alone.
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        _web = builder.Build();
        new CaptureEndpoint(_farm.View, _farm.Services.Nonces, _captures, NullLogger<CaptureEndpoint>.Instance).Map(
            _web
        );
        await _web.StartAsync();
    }

    private async Task StopAsync()
    {
        await _web.DisposeAsync();
        await _captures.DisposeAsync();
    }

    private async Task<(DeviceId, CaptureOrder)> OrderAsync(string name, string vDisk, string mac)
    {
        Assert.IsType<Reply.Done>(await new DeviceAdministration(_farm).AddAsync(name, [MacAddress.Parse(mac)]));
        var device = _farm.View.Current.Device(name)!.Id;
        var (id, _) = await new VDiskAdministration(_farm).ReserveAsync(vDisk);
        var order = new CaptureOrder(id, vDisk, new(Guid.NewGuid()), "one", _time.GetUtcNow());
        Assert.IsType<Reply.Done>(await _farm.AskAsync(_farm.Devices, new OrderCapture(device, order)));
        return (device, order);
    }

    private BootId Boot() => _farm.Services.Nonces.Issue(_device, null, _time.GetUtcNow());

    private Task<(HttpStatusCode Status, string Text)> BeginAsync(BootId boot) =>
        PostAsync(TargetName.Export(_device, boot), Hello);

    private Task<(HttpStatusCode Status, string Text)> PostAsync(string path, string body) =>
        AskAsync(HttpMethod.Post, path, System.Text.Encoding.UTF8.GetBytes(body));

    private Task<(HttpStatusCode Status, string Text)> PutAsync(
        BootId boot,
        byte[] disk,
        int chunk,
        byte[]? body = null
    )
    {
        var bytes = disk[(chunk * Chunk)..Math.Min(disk.Length, (chunk + 1) * Chunk)];
        var path = string.Create(
            CultureInfo.InvariantCulture,
            $"{TargetName.Export(_device, boot)}/{chunk}?sha256={Convert.ToHexStringLower(SHA256.HashData(bytes))}"
        );
        return AskAsync(HttpMethod.Put, path, body ?? bytes);
    }

    private async Task<(HttpStatusCode Status, string Text)> AskAsync(HttpMethod method, string path, byte[] body)
    {
        using var request = new HttpRequestMessage(method, new Uri($"{_web.Urls.Single()}/capture/{path}"))
        {
            Content = new ByteArrayContent(body),
        };
        request.Headers.ExpectContinue = body.Length > 0;
        // As every answer of the server's has it.
        request.Headers.ConnectionClose = true;
        using var answer = await _client.SendAsync(request);
        return (answer.StatusCode, (await answer.Content.ReadAsStringAsync()).TrimEnd('\n'));
    }

    private byte[] NewDisk()
    {
        var disk = new byte[DiskBytes];
        _random.NextBytes(disk);
        return disk;
    }

    private async Task<string> SendAsync(byte[] disk)
    {
        await File.WriteAllBytesAsync(_folder["disk"], disk);
        return await RunAsync(_folder["disk"]);
    }

    /// <returns>What the machine's program says on the console.</returns>
    private async Task<string> RunAsync(string disk)
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        var run = await Tool.RunAsync(
            await NativeProgram.RootAsync(),
            ["capture", new Uri(_web.Urls.Single()).Authority, TargetName.Export(_device, Boot()), disk]
        );
        output.WriteLine(run.Output + run.Errors);
        Assert.Equal(0, run.ExitCode);
        return run.Output;
    }

    private async Task AssertVDiskAsync(byte[] disk)
    {
        var version = _farm.View.Current.VDisk("golden")!.Production!;
        Assert.Equal((_order.Image, DiskBytes), (version.Image, (int)version.SizeBytes));
        Assert.Null(_farm.View.Current.Device(_device)!.Capture);
        Assert.Null(await _store.VerifyImageAsync(version.Image));
        using var image = _store.OpenImage(version.Image).Value!;
        var read = new byte[disk.Length];
        Assert.Equal(DiskStatus.Ok, image.Read(0, read));
        Assert.True(disk.AsSpan().SequenceEqual(read));
        Assert.Empty(_store.ListTransfers());
    }
}
