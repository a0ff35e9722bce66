namespace Hatchery.Operations.Tests;

public sealed class CollectionCommandsTests : IAsyncLifetime
{
    private OperationsRig _rig = null!;

    public async Task InitializeAsync() => _rig = await OperationsRig.StartAsync();

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    [Fact]
    public async Task Sites_are_made_listed_shown_changed_and_deleted()
    {
        Assert.Equal(
            "site prague created",
            await _rig.RunAsync("site", "create", "prague", "--description", "2nd floor")
        );
        await _rig.RunAsync("site", "create", "prague");
        await _rig.RunAsync("collection", "create", "lab", "--site", "prague");
        await _rig.RunAsync("device", "add", "pc07", OperationsRig.Mac, "--collection", "lab");
        Assert.Equal(
            [
                "NAME     COLLECTIONS  DEVICES  DESCRIPTION",
                "default  1            0",
                "prague   1            1        2nd floor",
            ],
            (await _rig.RunAsync("site", "list")).Split('\n')
        );
        Assert.Equal("site brno changed", await _rig.RunAsync("site", "set", "prague", "--name", "brno"));
        var shown = await _rig.JsonAsync("site", "show", "brno");
        Assert.Equal("lab", shown.GetProperty("collections")[0].GetString());
        Assert.Equal("site brno has collections: lab", await _rig.FailAsync("site", "delete", "brno"));
        await _rig.RunAsync("collection", "set", "lab", "--site", "default");
        Assert.Equal("site brno deleted", await _rig.RunAsync("site", "delete", "brno"));
        Assert.Equal("no site brno: see pbm site list", await _rig.FailAsync("site", "show", "brno"));
    }

    [Fact]
    public async Task Collection_shows_what_its_devices_have_from_it()
    {
        await _rig.Farm.AddDeviceWithVDiskAsync();
        string[] settings =
        [
            "--vdisk",
            "debian",
            "--arguments",
            "quiet",
            "--dhcp",
            "ntp-servers=10.77.0.1",
            "--dhcp",
            "43=6=u8:8",
        ];
        await _rig.RunAsync([
            "collection",
            "create",
            "lab",
            .. settings,
            "--name-template",
            "{collection}-{n}",
            "--devices-max",
            "40",
        ]);
        await _rig.RunAsync("device", "set", "pc07", "--collection", "lab");
        var id = (await _rig.JsonAsync("collection", "show", "lab")).GetProperty("id").GetString();
        Assert.Equal(
            [
                "name       lab",
                $"id         {id}",
                "site       default",
                "vdisk      debian by san",
                "arguments  quiet",
                "dhcp       ntp-servers=10.77.0.1",
                "dhcp       vendor-encapsulated-options=6=hex:08",
                "names      {collection}-{n} for machines that a rule adds, up to 40 devices",
                "devices    pc07",
            ],
            (await _rig.RunAsync("collection", "show", "lab")).Split('\n')
        );
        Assert.Equal(
            [
                "NAME     SITE     DEVICES  VDISK   TRANSPORT  DHCP OPTIONS",
                "default  default  0        -       -          0",
                "lab      default  1        debian  san        2",
            ],
            (await _rig.RunAsync("collection", "list")).Split('\n')
        );
    }

    [Fact]
    public async Task Settings_are_taken_back_one_by_one()
    {
        await _rig.Farm.AddDeviceWithVDiskAsync();
        await _rig.RunAsync(
            "collection",
            "create",
            "lab",
            "--vdisk",
            "debian",
            "--arguments",
            "quiet",
            "--dhcp",
            "26=1400",
            "--dhcp",
            "42=10.77.0.1"
        );
        await _rig.RunAsync("collection", "set", "lab", "--arguments", "", "--no-dhcp", "ntp-servers", "--no-vdisk");
        var lab = await _rig.JsonAsync("collection", "show", "lab");
        Assert.Null(lab.GetProperty("vDisk").GetString());
        Assert.Null(lab.GetProperty("kernelArguments").GetString());
        Assert.Equal(
            "interface-mtu",
            Assert.Single(lab.GetProperty("dhcpOptions").EnumerateArray()).GetProperty("name").GetString()
        );
    }

    [Fact]
    public async Task Collection_that_is_in_use_is_not_deleted()
    {
        await _rig.RunAsync("collection", "create", "lab");
        await _rig.RunAsync("device", "add", "pc07", OperationsRig.Mac, "--collection", "lab");
        await _rig.RunAsync("unknown", "add", "all", "--collection", "lab");
        Assert.Equal("lab has 1 device(s): pc07", await _rig.FailAsync("collection", "delete", "lab"));
        await _rig.RunAsync("device", "set", "pc07", "--collection", "default");
        Assert.Equal("unknown machines come into lab by rule all", await _rig.FailAsync("collection", "delete", "lab"));
        await _rig.RunAsync("unknown", "remove", "all");
        Assert.Equal("collection lab deleted", await _rig.RunAsync("collection", "delete", "lab"));
        Assert.Equal("collection default is always there", await _rig.FailAsync("collection", "delete", "default"));
    }

    [Theory]
    [InlineData("no site x: see pbm site list", "--site", "x")]
    [InlineData("no vDisk x: see pbm vdisk list", "--vdisk", "x")]
    [InlineData("--transport needs a vDisk: give --vdisk as well", "--transport", "nbd")]
    [InlineData(
        "--arguments cannot go into a boot script: it holds ${, which iPXE would expand",
        "--arguments",
        "a=${net0/mac}"
    )]
    [InlineData("there is no DHCP option 'x': a name such as ntp-servers, or a number from 1 to 254", "--dhcp", "x=1")]
    [InlineData("DHCP option 53 cannot be set: the server sets it as the message needs it", "--dhcp", "53=u8:1")]
    [InlineData("DHCP option interface-mtu is given twice", "--dhcp", "26=1400", "--dhcp", "interface-mtu=1500")]
    [InlineData("DHCP option interface-mtu cannot be set and not set", "--dhcp", "26=1400", "--no-dhcp", "26")]
    [InlineData("'many' is no number of devices", "--devices-max", "many")]
    [InlineData(
        "'pc' names no devices: it has to be a device name with {mac} or {n} in it, e.g. {collection}-{n}, that stays a name with five digits for {n}",
        "--name-template",
        "pc"
    )]
    public async Task Wrong_words_change_nothing_and_are_explained(string explanation, params string[] words)
    {
        Assert.Equal(explanation, await _rig.FailAsync(["collection", "create", "lab", .. words]));
        Assert.Single(_rig.Farm.Farm.View.Current.Policy.Collections);
    }

    [Fact]
    public async Task Device_says_what_is_its_own_and_what_is_from_its_collection()
    {
        await _rig.Farm.AddDeviceWithVDiskAsync();
        await _rig.RunAsync(
            "collection",
            "create",
            "lab",
            "--vdisk",
            "debian",
            "--arguments",
            "quiet",
            "--dhcp",
            "26=1400",
            "--dhcp",
            "42=10.77.0.1"
        );
        await _rig.RunAsync("device", "set", "pc07", "--collection", "lab", "--dhcp", "ntp-servers=10.77.0.2");
        var lines = (await _rig.RunAsync("device", "show", "pc07")).Split('\n');
        string[] said =
        [
            .. lines.Where(l =>
                l.StartsWith("coll", StringComparison.Ordinal)
                || l.StartsWith("vdisk", StringComparison.Ordinal)
                || l.StartsWith("arg", StringComparison.Ordinal)
                || l.StartsWith("dhcp", StringComparison.Ordinal)
            ),
        ];
        Assert.Equal(
            [
                "collection  lab at site default",
                "vdisk       debian by san, its own",
                "arguments   quiet, from collection lab",
                "dhcp        interface-mtu=1400, from collection lab",
                "dhcp        ntp-servers=10.77.0.2, its own",
            ],
            said
        );
        Assert.Equal(
            "pc07 boots what collection lab boots, debian, from its next boot on",
            await _rig.RunAsync("device", "unassign", "pc07")
        );
        var json = await _rig.JsonAsync("device", "show", "pc07");
        Assert.Equal(
            ("debian", "collection", "lab"),
            (
                json.GetProperty("vDisk").GetString(),
                json.GetProperty("vDiskFrom").GetString(),
                json.GetProperty("collection").GetString()
            )
        );
        Assert.Equal(1, (await _rig.JsonAsync("device", "list", "--collection", "lab")).GetArrayLength());
        Assert.Equal(0, (await _rig.JsonAsync("device", "list", "--collection", "default")).GetArrayLength());
    }

    [Theory]
    [InlineData("set takes --collection, --arguments, --dhcp or --no-dhcp", "set", "pc07")]
    [InlineData("no collection x: see pbm collection list", "set", "pc07", "--collection", "x")]
    [InlineData("no collection x: see pbm collection list", "list", "--collection", "x")]
    [InlineData("no collection x: see pbm collection list", "add", "pc08", "52:54:00:77:00:11", "--collection", "x")]
    public async Task Wrong_words_about_a_device_are_explained(string explanation, params string[] words)
    {
        await _rig.Farm.AddDeviceWithVDiskAsync();
        Assert.Equal(explanation, await _rig.FailAsync(["device", .. words]));
    }
}
