using Hatchery.Devices;

namespace Hatchery.Operations.Tests;

public sealed class ServerCommandsTests : IAsyncLifetime
{
    private OperationsRig _rig = null!;

    public async Task InitializeAsync() => _rig = await OperationsRig.StartAsync();

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    [Fact]
    public async Task Bounds_are_shown_with_what_is_open_and_what_was_turned_away()
    {
        _rig.Limits.Add(() => new("nbd", 12, 4096, 64, 3, 1));
        _rig.Limits.Add(() => new("devices", 7, 2048, 0, 0, 0));
        Assert.Equal(
            [
                "name           here",
                "started (UTC)  2026-01-01 00:00:00.000",
                "database       farm.db",
                "",
                "WHAT     OPEN  AT MOST  PER ADDRESS  REFUSED  GIVEN UP",
                "nbd      12    4096     64           3        1",
                "devices  7     2048     -            0        0",
            ],
            (await _rig.RunAsync("server", "show")).Split('\n')
        );
        var limit = (await _rig.JsonAsync("server", "show")).GetProperty("limits")[0];
        Assert.Equal(
            ["what", "open", "max", "perAddressMax", "refused", "evicted"],
            limit.EnumerateObject().Select(p => p.Name)
        );
    }
}
