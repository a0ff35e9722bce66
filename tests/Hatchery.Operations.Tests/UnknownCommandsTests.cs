using System.Net;
using Hatchery.Boot;
using Hatchery.Wire;

namespace Hatchery.Operations.Tests;

public sealed class UnknownCommandsTests : IAsyncLifetime
{
    private OperationsRig _rig = null!;

    public async Task InitializeAsync() => _rig = await OperationsRig.StartAsync();

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    private async Task AddRulesAsync()
    {
        await _rig.RunAsync("collection", "create", "lab", "--name-template", "{collection}-{n}");
        await _rig.RunAsync("unknown", "add", "rest", "--refuse", "ask the operators");
        Assert.Equal(
            "rule qemu added: mac 52:54:00:*, arch uefi-x64, subnet 10.77.0.0/24, relay 10.8.0.1/32 -> lab",
            await _rig.RunAsync([
                "unknown",
                "add",
                "qemu",
                "--mac",
                "52:54:00",
                "--arch",
                "uefi-x64",
                "--subnet",
                "10.77.0.0/24",
                "--relay",
                "10.8.0.1",
                "--collection",
                "lab",
                "--before",
                "rest",
            ])
        );
    }

    [Fact]
    public async Task Rules_are_listed_in_the_order_in_which_they_are_tried()
    {
        await AddRulesAsync();
        Assert.Equal(
            [
                "#  RULE  MAC         ARCH      SUBNET        RELAY        THEN                       MACHINES",
                "1  qemu  52:54:00:*  uefi-x64  10.77.0.0/24  10.8.0.1/32  add to lab                 0",
                "2  rest  -           -         -             -            refuse: ask the operators  0",
            ],
            (await _rig.RunAsync("unknown", "list")).Split('\n')
        );
        Assert.Equal("rule qemu is now the last", await _rig.RunAsync("unknown", "move", "qemu"));
        var rules = await _rig.JsonAsync("unknown", "list");
        Assert.Equal(["rest", "qemu"], rules.EnumerateArray().Select(r => r.GetProperty("name").GetString()));
        await _rig.RunAsync("unknown", "remove", "rest");
        Assert.Equal(1, (await _rig.JsonAsync("unknown", "list")).GetArrayLength());
    }

    [Fact]
    public async Task What_would_become_of_a_machine_is_said_and_nothing_is_changed()
    {
        await AddRulesAsync();
        string[] machine = ["--arch", "uefi-x64", "--subnet", "10.77.0.9", "--relay", "10.8.0.1"];
        Assert.Equal(
            "52:54:00:00:00:01 is added to collection lab as lab-1, by rule qemu",
            await _rig.RunAsync(["unknown", "test", "52:54:00:00:00:01", .. machine])
        );
        Assert.Equal(
            "52:54:00:00:00:01 is refused by rule rest: ask the operators",
            await _rig.RunAsync("unknown", "test", "52:54:00:00:00:01")
        );
        Assert.Equal(
            "rest",
            (await _rig.JsonAsync("unknown", "test", "52:54:01:00:00:01")).GetProperty("rule").GetString()
        );
        await _rig.RunAsync("unknown", "remove", "rest");
        Assert.Equal(
            "52:54:01:00:00:01 is for no rule: it is told that the farm does not know it",
            await _rig.RunAsync("unknown", "test", "52:54:01:00:00:01")
        );
        Assert.Empty(_rig.Farm.Farm.View.Current.Devices);
        await _rig.RunAsync("device", "add", "pc07", OperationsRig.Mac);
        Assert.Equal(
            $"{OperationsRig.Mac} is device pc07: rules do not concern it",
            await _rig.RunAsync("unknown", "test", OperationsRig.Mac)
        );
    }

    [Fact]
    public async Task Machines_that_were_seen_are_listed_and_counted_by_their_rule()
    {
        await AddRulesAsync();
        var client = new BootClient(MacAddress.Parse("52:54:01:00:00:01"), null, 7, IPAddress.Parse("10.77.0.9"));
        await _rig.Unknown.AdmitAsync(client, default);
        await _rig.Unknown.AdmitAsync(client, default);
        Assert.Equal(
            "52:54:01:00:00:01  2026-01-01 00:00:00.000  2      7     10.77.0.9  -      refused  rest",
            (await _rig.RunAsync("unknown", "seen")).Split('\n')[1]
        );
        Assert.Equal(2, (await _rig.JsonAsync("unknown", "list"))[1].GetProperty("machines").GetInt32());
    }

    [Theory]
    [InlineData("a rule needs one of --collection NAME and --refuse REASON", "add", "r")]
    [InlineData(
        "a rule needs one of --collection NAME and --refuse REASON",
        "add",
        "r",
        "--refuse",
        "x",
        "--collection",
        "default"
    )]
    [InlineData("no collection x: see pbm collection list", "add", "r", "--collection", "x")]
    [InlineData(
        "'52:*:00' is no pattern of MAC addresses, e.g. 52:54:00:*",
        "add",
        "r",
        "--mac",
        "52:*:00",
        "--refuse",
        "x"
    )]
    [InlineData(
        "'itanium' is no architecture: bios, uefi-x86, uefi-x64, uefi-arm32, uefi-arm64 or a number",
        "add",
        "r",
        "--arch",
        "itanium",
        "--refuse",
        "x"
    )]
    [InlineData(
        "'10.77.0.0/99' is no IPv4 network, e.g. 10.77.0.0/24",
        "add",
        "r",
        "--subnet",
        "10.77.0.0/99",
        "--refuse",
        "x"
    )]
    [InlineData("'fe80::1' is no IPv4 address or network", "add", "r", "--relay", "fe80::1", "--refuse", "x")]
    [InlineData("no rule x", "add", "r", "--refuse", "x", "--before", "x")]
    [InlineData("no rule x", "move", "x")]
    [InlineData("no rule x", "remove", "x")]
    [InlineData(
        "'ff:ff:ff:ff:ff:ff' is no MAC address of a machine, e.g. 52:54:00:12:34:56",
        "test",
        "ff:ff:ff:ff:ff:ff"
    )]
    public async Task Wrong_words_change_nothing_and_are_explained(string explanation, params string[] words)
    {
        Assert.Equal(explanation, await _rig.FailAsync(["unknown", .. words]));
        Assert.Empty(_rig.Farm.Farm.View.Current.Policy.Rules);
    }
}
