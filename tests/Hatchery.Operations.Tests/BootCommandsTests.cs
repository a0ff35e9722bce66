using System.Text.Json;
using Hatchery.Devices;
using Hatchery.Disks;
using Hatchery.Testing;
using Petabridge.Cmd.Protocol;

namespace Hatchery.Operations.Tests;

public sealed class BootCommandsTests : IAsyncLifetime
{
    private OperationsRig _rig = null!;
    private DeviceId _device;

    public async Task InitializeAsync()
    {
        _rig = await OperationsRig.StartAsync();
        (_device, _) = await _rig.Farm.AddDeviceWithVDiskAsync();
    }

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    [Fact]
    public async Task Steps_are_shown_as_they_are_taken_and_then_where_the_boot_stalls()
    {
        await _rig.Client.StartAsync("boot", "watch");
        Assert.StartsWith("TIME (UTC)", await LineAsync(), StringComparison.Ordinal);
        Add("discovered", "iPXE");
        Assert.Equal(
            "2026-01-01 00:00:00.000  pc07                      discovered       one           iPXE",
            await LineAsync()
        );
        _rig.Farm.Time.Advance(TimeSpan.FromSeconds(0.35));
        Add("offered", "10.7.0.101");
        Assert.Contains(" 0.35 s  offered  ", await LineAsync(), StringComparison.Ordinal);
        _rig.Farm.Time.Advance(TimeSpan.FromSeconds(42));
        var stalled = await LineAsync();
        Assert.Contains("42 s  stalled ", stalled, StringComparison.Ordinal);
        Assert.EndsWith(
            "it was offered 10.7.0.101 and never requested it: another DHCP server answered, or the offer did not reach it",
            stalled,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task One_device_is_shown_with_its_past_and_without_the_others()
    {
        Add("offered", "10.7.0.101");
        await Eventually.TrueAsync(async () => (await _rig.Timeline.ReadAsync(_device)).Count == 1);
        _rig.Farm.Time.Advance(TimeSpan.FromSeconds(1));
        await _rig.Client.StartAsync("boot", "watch", "pc07", "-o", "json");
        Assert.Equal("offered", await StepAsync());
        _rig.Timeline.Add(new(new(Guid.NewGuid()), _rig.Farm.Time.GetUtcNow(), "running", "one", ""));
        Add("requested", "10.7.0.101");
        Assert.Equal("requested", await StepAsync());
    }

    [Fact]
    public async Task Devices_of_one_collection_are_shown_without_those_of_others()
    {
        var policies = new PolicyAdministration(_rig.Farm.Farm);
        Assert.IsType<Reply.Done>(await policies.CreateCollectionAsync("kiosks", default, new()));
        var kiosks = _rig.Farm.Farm.View.Current.Policy.Collection("kiosks")!;
        await _rig.Client.StartAsync("boot", "watch", "--collection", "kiosks", "-o", "json");
        await Eventually.TrueAsync(() => _rig.Timeline.Watchers == 1);
        Add("discovered", "iPXE");
        Assert.IsType<Reply.Done>(await _rig.Farm.Devices.MoveAsync(_device, kiosks.Id));
        Add("offered", "10.7.0.101");
        Assert.Equal("offered", await StepAsync());
    }

    [Fact]
    public async Task Whoever_cancels_is_watched_for_no_longer()
    {
        var watch = await _rig.Client.StartAsync("boot", "watch");
        await LineAsync();
        await _rig.Client.SendAsync(new(Cancel: watch));
        // The host has taken it in when it answers what was asked next, and the watch ends with its command.
        await _rig.RunAsync("device", "list");
        await Eventually.TrueAsync(() => _rig.Timeline.Watchers == 0);
        Assert.Equal("no device pc99: see pbm device list", await _rig.FailAsync("boot", "watch", "pc99"));
        Assert.Equal(
            "no collection nowhere: see pbm collection list",
            await _rig.FailAsync("boot", "watch", "--collection", "nowhere")
        );
        Assert.Equal("-o takes table or json, not 'xml'", await _rig.FailAsync("boot", "watch", "-o", "xml"));
    }

    [Fact]
    public async Task Storm_of_steps_is_cut_short_and_counted()
    {
        await _rig.Client.StartAsync("boot", "watch", "-o", "json");
        await Eventually.TrueAsync(() => _rig.Timeline.Watchers == 1);
        for (var i = 0; i < 50_000; i++)
            Add("nothing-to-boot", $"{i}");
        var shown = 0;
        while (await RowAsync() is var row && row.GetProperty("step").GetString() != "left-out")
            shown++;
        Assert.InRange(shown, 1, 49_999);
    }

    private void Add(string step, string detail) =>
        _rig.Timeline.Add(new(_device, _rig.Farm.Time.GetUtcNow(), step, "one", detail));

    private async Task<string?> StepAsync() => (await RowAsync()).GetProperty("step").GetString();

    private async Task<JsonElement> RowAsync()
    {
        using var document = JsonDocument.Parse(await LineAsync());
        return document.RootElement.Clone();
    }

    private async Task<string> LineAsync()
    {
        var part = await _rig.Client.AnswerAsync();
        Assert.True(part.Outcome == AnswerPart.More, part.Text);
        return part.Text;
    }
}
