using System.Net;
using Akka.Actor;
using Hatchery.Boot.Http;
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

namespace Hatchery.Boot.Tests;

public sealed class OwnCacheEndpointTests : IAsyncLifetime
{
    private const string Report = "place=ram\nwanted=ram\nsize=67108864\nused=4096\nover=0\n";
    private readonly TempFolder _folder = new();
    private readonly TestDatabase _database = new();
    private readonly ManualTime _time = new();
    private readonly HttpClient _client = new();
    private ActorSystem _system = null!;
    private Farm _farm = null!;
    private OwnCaches _caches = null!;
    private WebApplication _web = null!;
    private DeviceId _device;

    public async Task InitializeAsync()
    {
        var database = _database.Open();
        _system = ActorSystem.Create("hatchery", FarmActorConfiguration.For(database));
        _farm = await Farm.StartAsync(_system, database, _folder["view.json"], _time, TimeSpan.FromSeconds(30));
        Assert.IsType<Reply.Done>(
            await new DeviceAdministration(_farm).AddAsync("pc07", [MacAddress.Parse("52:54:00:77:00:10")])
        );
        _device = _farm.View.Current.Device("pc07")!.Id;
        _caches = new("one", _farm.View, _ => { }, _time, NullLogger<OwnCaches>.Instance);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            // As the server has it: bodies are for this endpoint alone.
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        _web = builder.Build();
        new OwnCacheEndpoint(_farm.View, _farm.Services.Nonces, _caches, NullLogger<OwnCacheEndpoint>.Instance).Map(
            _web
        );
        await _web.StartAsync();
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _web.DisposeAsync();
        await _system.Terminate();
        _database.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task What_a_machine_says_with_the_nonce_of_its_boot_script_is_taken()
    {
        var boot = _farm.Services.Nonces.Issue(_device, null, _time.GetUtcNow());
        Assert.Equal(HttpStatusCode.NoContent, await PostAsync(TargetName.Export(_device, boot), Report));
        Assert.Equal((boot, 4096L), (_caches.Of(_device)!.Boot, _caches.Of(_device)!.Report.UsedBytes));
        Assert.Equal(HttpStatusCode.TooManyRequests, await PostAsync(TargetName.Export(_device, boot), Report));
        _time.Advance(OwnCaches.Interval);
        Assert.Equal(HttpStatusCode.NoContent, await PostAsync(TargetName.Iqn(_device, boot), Report));
    }

    [Fact]
    public async Task What_anybody_else_says_is_not()
    {
        var boot = _farm.Services.Nonces.Issue(_device, null, _time.GetUtcNow());
        foreach (
            var name in (string[])
                [
                    "pc07",
                    "x",
                    TargetName.Export(_device, new(Guid.NewGuid())),
                    TargetName.Export(new(Guid.NewGuid()), boot),
                ]
        )
            Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(name, Report));
        Assert.Null(_caches.Of(_device));
    }

    [Fact]
    public async Task What_is_no_report_is_refused()
    {
        var name = TargetName.Export(_device, _farm.Services.Nonces.Issue(_device, null, _time.GetUtcNow()));
        foreach (
            var body in (string[])
                [
                    "",
                    "place=server\n",
                    Report.Replace("size=", "size=-", StringComparison.Ordinal),
                    Report + new string('x', 300),
                ]
        )
            Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(name, body));
        Assert.Null(_caches.Of(_device));
    }

    private async Task<HttpStatusCode> PostAsync(string name, string body)
    {
        using var content = new StringContent(body);
        using var answer = await _client.PostAsync(new Uri($"{_web.Urls.Single()}/cache/{name}"), content);
        return answer.StatusCode;
    }
}
