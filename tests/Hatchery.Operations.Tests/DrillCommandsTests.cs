using Hatchery.Devices;

namespace Hatchery.Operations.Tests;

public sealed class DrillCommandsTests : IAsyncLifetime
{
    private OperationsRig _rig = null!;

    public async Task InitializeAsync() => _rig = await OperationsRig.StartAsync();

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    [Fact]
    public async Task Session_is_cut_at_the_server_that_has_it_and_a_dry_run_only_says_so()
    {
        var (device, _) = await _rig.Farm.AddDeviceWithVDiskAsync("pc1");
        Assert.Equal("pc1 does not run", await _rig.FailAsync("drill", "kill-session", "pc1"));
        await _rig.Farm.AskAsync(new OpenSession(device, _rig.Farm.Nonce(device), "here"));
        Assert.Equal(
            "pc1 would lose its connections to here",
            await _rig.RunAsync("drill", "kill-session", "pc1", "--dry-run")
        );
        Assert.Empty(_rig.Cut);
        Assert.Equal("pc1 has lost its connections to here", await _rig.RunAsync("drill", "kill-session", "pc1"));
        Assert.Equal([device], _rig.Cut);
        Assert.Equal("no device nobody: see pbm device list", await _rig.FailAsync("drill", "kill-session", "nobody"));
    }

    [Fact]
    public async Task Session_at_another_server_is_to_be_cut_there()
    {
        var (device, _) = await _rig.Farm.AddDeviceWithVDiskAsync("pc1");
        await _rig.Farm.AskAsync(new OpenSession(device, _rig.Farm.Nonce(device), "there"));
        Assert.Equal(
            "pc1 has its disk from there: ask there (pbm on that server)",
            await _rig.FailAsync("drill", "kill-session", "pc1")
        );
        Assert.Empty(_rig.Cut);
    }

    [Fact]
    public async Task Drained_server_takes_devices_again_also_when_it_was_not_empty_in_time()
    {
        Assert.Equal(
            "no other server is up that takes devices: here is not drained",
            await _rig.FailAsync("drill", "drain", "here")
        );
        _rig.Servers.Hear(new("akka.tcp", "hatchery", "10.77.0.2", 4053), OperationsRig.Status("there"));
        Assert.Equal(
            "3 device(s) would leave here for there, and here would take devices again after that",
            await _rig.RunAsync("drill", "drain", "here", "--dry-run")
        );
        Assert.StartsWith(
            "here still serves 3 device(s) after ",
            await _rig.FailAsync("drill", "drain", "here", "--limit", "1"),
            StringComparison.Ordinal
        );
        Assert.False(_rig.Farm.Farm.View.Current.Policy.IsDraining("here"));
        Assert.Contains(
            "1 to 3600",
            await _rig.FailAsync("drill", "drain", "here", "--limit", "0"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Empty_server_is_drained_and_resumed_and_one_that_drains_already_is_left_so()
    {
        var empty = OperationsRig.Status("there") with { Devices = 0 };
        _rig.Servers.Hear(new("akka.tcp", "hatchery", "10.77.0.2", 4053), empty);
        Assert.StartsWith(
            "there was empty after ",
            await _rig.RunAsync("drill", "drain", "there"),
            StringComparison.Ordinal
        );
        Assert.False(_rig.Farm.Farm.View.Current.Policy.IsDraining("there"));
        await _rig.RunAsync("server", "drain", "there", "--no-wait");
        Assert.Contains("drains already", await _rig.FailAsync("drill", "drain", "there"), StringComparison.Ordinal);
        Assert.True(_rig.Farm.Farm.View.Current.Policy.IsDraining("there"));
    }
}
