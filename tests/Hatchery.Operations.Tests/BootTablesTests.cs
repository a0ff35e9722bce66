using System.Diagnostics.Metrics;
using System.Net;
using Hatchery.Boot.Dhcp;
using Hatchery.Wire;

namespace Hatchery.Operations.Tests;

public sealed class BootTablesTests : IAsyncLifetime
{
    private OperationsRig _rig = null!;

    public async Task InitializeAsync() => _rig = await OperationsRig.StartAsync();

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    [Fact]
    public async Task Leases_are_listed_and_those_set_aside_say_why()
    {
        await TakeAsync("10.7.0.9", LeaseState.Bound, TimeSpan.FromHours(1));
        await TakeAsync("10.7.0.10", LeaseState.Offered, TimeSpan.FromSeconds(30));
        await TakeAsync("10.7.0.11", LeaseState.InUse, TimeSpan.FromMinutes(30));
        await TakeAsync("10.7.0.12", LeaseState.Bound, TimeSpan.FromDays(36_500));
        await TakeAsync("10.7.0.13", LeaseState.Bound, TimeSpan.Zero);
        var rows = (await _rig.JsonAsync("boot", "leases")).EnumerateArray().ToArray();
        Assert.Equal(
            ["10.7.0.9 bound", "10.7.0.10 offered", "10.7.0.11 set-aside", "10.7.0.12 bound", "10.7.0.13 ended"],
            rows.Select(r => $"{r.GetProperty("address")} {r.GetProperty("state")}")
        );
        Assert.Equal(
            "10.7.0.11  set-aside  2026-01-01 00:30:00.000  52:54:00:77:00:10  pc07  answered a ping before it was offered to the machine",
            (await _rig.RunAsync("boot", "leases")).Split('\n')[3]
        );
        Assert.Contains("for ever", (await _rig.RunAsync("boot", "leases")).Split('\n')[4], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_boot_services_did_is_counted()
    {
        using var meter = new Meter("Hatchery.Boot");
        var counter = meter.CreateCounter<long>("hatchery.boot.dhcp.messages");
        for (var i = 0; i < 3; i++)
            counter.Add(2, new("type", "Test"), new("result", "counted"));
        var lines = (await _rig.RunAsync("boot", "stats")).Split('\n');
        Assert.Contains(lines, l => l == "6      dhcp.messages  type Test, result counted");
    }

    private async Task TakeAsync(string address, LeaseState state, TimeSpan duration)
    {
        var now = _rig.Farm.Time.GetUtcNow();
        var mac = MacAddress.Parse(OperationsRig.Mac);
        var lease = new Lease(IPAddress.Parse(address), mac, "", "pc07", state, now + duration);
        Assert.True(await _rig.Leases.TryTakeAsync(lease, now, isOverOffers: false, default));
    }
}
