using System.Net;
using System.Text;
using System.Text.Json;
using Hatchery.Boot.Http;
using Hatchery.Devices;
using Hatchery.Disks;
using Hatchery.Testing;
using Hatchery.Wire;
using Hatchery.Wire.Dhcp;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Abstractions;

namespace Hatchery.Boot.Tests.Personality;

public sealed class PersonalityEndpointTests(ITestOutputHelper output) : IAsyncLifetime
{
    private readonly DeviceId _device = new(Guid.NewGuid());
    private readonly FarmView _view = new();
    private readonly BootNonce _nonces = new(new byte[32]);
    private readonly ManualTime _time = new();
    private readonly HttpClient _client = new();
    private WebApplication _web = null!;
    private long _events;

    public async Task InitializeAsync()
    {
        Happened(new DeviceAdded("pc07", [MacAddress.Parse("52:54:00:00:00:01")], null, default));
        Tell(("ROOM", "2.14"), ("NOTE", "say \"$HOME\"\nžluť"));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _web = builder.Build();
        new PersonalityEndpoint(_view, _nonces, _time, NullLogger<PersonalityEndpoint>.Instance).Map(_web);
        await _web.StartAsync();
        _client.BaseAddress = new(_web.Urls.Single());
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _web.DisposeAsync();
    }

    [Fact]
    public async Task Machine_reads_what_it_is_by_the_name_of_its_disk()
    {
        var boot = Issue();
        using var json = JsonDocument.Parse(await TextAsync(TargetName.Export(_device, boot)));
        var root = json.RootElement;
        Assert.Equal(
            ("pc07", "pc07", "default", "default", "2.14"),
            (
                root.GetProperty("device").GetString(),
                root.GetProperty("hostName").GetString(),
                root.GetProperty("collection").GetString(),
                root.GetProperty("site").GetString(),
                root.GetProperty("personality").GetProperty("ROOM").GetString()
            )
        );
        Assert.Equal(
            """
            HATCHERY_DEVICE="pc07"
            HATCHERY_HOST_NAME="pc07"
            HATCHERY_COLLECTION="default"
            HATCHERY_SITE="default"
            NOTE="say \"\$HOME\"
            žluť"
            ROOM="2.14"

            """,
            await TextAsync(TargetName.Iqn(_device, boot) + "?format=lines")
        );
    }

    [Theory]
    [InlineData("hall.farm.test", "hall.farm.test")]
    [InlineData("no name", "pc07")]
    public async Task Host_name_is_what_DHCP_says_where_that_is_one(string option, string expected)
    {
        var options = DhcpOptions.None.With(DhcpOptionCode.HostName, option);
        Happened(new DeviceSettingsChanged(new(Options: options), default));
        Assert.Contains(
            $"HATCHERY_HOST_NAME=\"{expected}\"\n",
            await TextAsync(TargetName.Export(_device, Issue()) + "?format=lines"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Nonce_that_is_not_this_farms_or_of_an_older_boot_is_refused()
    {
        var old = Issue();
        var current = _nonces.Issue(_device, old, default);
        Happened(new BootStarted(current, default, 1, default, default, new(1), "one", default));
        await RefusedAsync(TargetName.Export(_device, old));
        await RefusedAsync(TargetName.Export(_device, new BootId(Guid.NewGuid())));
        await RefusedAsync(TargetName.Export(new DeviceId(Guid.NewGuid()), current));
        await RefusedAsync($"{_device}");
        await RefusedAsync("pc07");
        Assert.NotEmpty(await TextAsync(TargetName.Export(_device, current)));
    }

    [Fact]
    public async Task Any_target_gets_an_answer()
    {
        var random = Seed.New(output, 1);
        var good = TargetName.Iqn(_device, Issue());
        for (var round = 0; round < 300; round++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            var text = new StringBuilder(good) { [random.Next(good.Length)] = (char)random.Next(33, 0x300) };
            text.Length = random.Next(1, good.Length + 1);
            using var answer = await _client.GetAsync("/personality/" + Uri.EscapeDataString(text.ToString()));
            Assert.InRange((int)answer.StatusCode, 200, 404);
        }
    }

    [Fact]
    public async Task Address_that_asks_too_often_waits()
    {
        var target = "/personality/" + TargetName.Export(_device, Issue());
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 52; i++)
            answers.Add((await _client.GetAsync(target)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, answers[49]);
        Assert.Equal(HttpStatusCode.TooManyRequests, answers[51]);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync(target)).StatusCode);
    }

    private BootId Issue() => _nonces.Issue(_device, _view.Current.Device(_device)?.Boot?.Id, default);

    private void Tell(params (string, string)[] values) =>
        Happened(
            new DeviceSettingsChanged(
                new(Personality: PersonalityStrings.Of(values.Select(v => KeyValuePair.Create(v.Item1, v.Item2)))),
                default
            )
        );

    private void Happened(IDeviceEvent happened) => _view.Apply(PersistenceIds.Of(_device), ++_events, happened);

    private Task<string> TextAsync(string target) => _client.GetStringAsync("/personality/" + target);

    private async Task RefusedAsync(string target)
    {
        using var answer = await _client.GetAsync("/personality/" + target);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }
}
