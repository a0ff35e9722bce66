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
            "--when-unreachable",
            "reboot",
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
                "limit      -",
                "names      {collection}-{n} for machines that a rule adds, up to 40 devices",
                "copies     reboot while no server with a device's write cache can be reached",
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
    [InlineData("'8X' is no limit of a write cache: a size such as 8G or 512MiB, or none", "--write-cache-limit", "8X")]
    [InlineData("'0' is no limit of a write cache: a size such as 8G or 512MiB, or none", "--write-cache-limit", "0")]
    [InlineData("the limit of a write cache is 1 MiB or more, up to 1 PiB, or 0 for none", "--write-cache-limit", "8k")]
    [InlineData(
        "--no-write-cache-limit stands without --write-cache-limit",
        "--write-cache-limit",
        "8G",
        "--no-write-cache-limit"
    )]
    [InlineData("'many' is no number of devices", "--devices-max", "many")]
    [InlineData("'1' is neither wait nor reboot", "--when-unreachable", "1")]
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

    [Fact]
    public async Task Write_cache_limit_is_shown_with_where_it_is_from_and_taken_back()
    {
        await _rig.Farm.AddDeviceWithVDiskAsync();
        await _rig.RunAsync("collection", "create", "lab", "--write-cache-limit", "1.5G");
        Assert.Equal("write cache up to 4.0 GiB, this server's", await LimitAsync("device", "pc07"));
        await _rig.RunAsync("device", "set", "pc07", "--collection", "lab");
        Assert.Equal("write cache up to 1.5 GiB, from collection lab", await LimitAsync("device", "pc07"));
        Assert.Equal("write cache up to 1.5 GiB", await LimitAsync("collection", "lab"));
        await _rig.RunAsync("device", "set", "pc07", "--write-cache-limit", "20G");
        Assert.Equal("write cache up to 20.0 GiB, its own", await LimitAsync("device", "pc07"));
        var json = await _rig.JsonAsync("device", "show", "pc07");
        Assert.Equal(
            (20L << 30, "device"),
            (json.GetProperty("writeCacheLimitBytes").GetInt64(), json.GetProperty("writeCacheLimitFrom").GetString())
        );
        await _rig.RunAsync("device", "set", "pc07", "--write-cache-limit", "none");
        Assert.Equal("write cache without limit, its own", await LimitAsync("device", "pc07"));
        await _rig.RunAsync("device", "set", "pc07", "--no-write-cache-limit");
        Assert.Equal("write cache up to 1.5 GiB, from collection lab", await LimitAsync("device", "pc07"));
        await _rig.RunAsync("collection", "set", "lab", "--no-write-cache-limit");
        Assert.Equal("-", await LimitAsync("collection", "lab"));
        Assert.Equal("write cache up to 4.0 GiB, this server's", await LimitAsync("device", "pc07"));
    }

    [Theory]
    [InlineData("1048576", 1L << 20)]
    [InlineData("8G", 8L << 30)]
    [InlineData("8g", 8L << 30)]
    [InlineData("0.5 TiB", 1L << 39)]
    [InlineData("2Ti", 2L << 40)]
    [InlineData("8GB", 8_000_000_000)]
    [InlineData("1P", 1L << 50)]
    [InlineData("8E", null)]
    [InlineData("G", null)]
    [InlineData("", null)]
    [InlineData("-8G", null)]
    [InlineData("8GiBs", null)]
    [InlineData("8 G B", null)]
    [InlineData("99999999999999P", null)]
    [InlineData("9999999999999999999999999999999999", null)]
    public void Sizes_are_read_as_configuration_has_them(string text, long? bytes) =>
        Assert.Equal(bytes, Sizes.TryParse(text, out var read) ? read : null);

    private async Task<string> LimitAsync(string palette, string name) =>
        (await _rig.RunAsync(palette, "show", name))
            .Split('\n')
            .Single(l => l.StartsWith("limit ", StringComparison.Ordinal))["limit".Length..]
            .Trim();

    [Theory]
    [InlineData(
        "set takes --collection, --arguments, --dhcp, --no-dhcp, --write-cache-limit, --no-write-cache-limit, --access or --no-access",
        "set",
        "pc07"
    )]
    [InlineData("no collection x: see pbm collection list", "set", "pc07", "--collection", "x")]
    [InlineData("no collection x: see pbm collection list", "list", "--collection", "x")]
    [InlineData("no collection x: see pbm collection list", "add", "pc08", "52:54:00:77:00:11", "--collection", "x")]
    public async Task Wrong_words_about_a_device_are_explained(string explanation, params string[] words)
    {
        await _rig.Farm.AddDeviceWithVDiskAsync();
        Assert.Equal(explanation, await _rig.FailAsync(["device", .. words]));
    }
}
