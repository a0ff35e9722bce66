using System.Text;
using Hatchery.Devices;

namespace Hatchery.Operations.Tests;

public sealed class PersonalityCommandsTests : IAsyncLifetime
{
    private OperationsRig _rig = null!;

    public async Task InitializeAsync()
    {
        _rig = await OperationsRig.StartAsync();
        await _rig.RunAsync("collection", "create", "kiosks");
        await _rig.RunAsync("device", "add", "pc07", OperationsRig.Mac, "--collection", "kiosks");
    }

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    [Fact]
    public async Task Device_has_its_collections_strings_and_its_own_before_them()
    {
        await CollectionAsync("set", "ROOM=hall", "PRINTER=lp0");
        Assert.Equal(
            "pc07 has 2 of these, and 2 of its own in all",
            await DeviceAsync("set", "ROOM=2.14", "NOTE=a=b c")
        );
        Assert.Equal(
            [
                "NAME     FROM        VALUE",
                "NOTE     device      a=b c",
                "PRINTER  collection  lp0",
                "ROOM     device      2.14",
            ],
            (await DeviceAsync("list")).Split('\n')
        );
        Assert.Equal("lp0", await DeviceAsync("get", "PRINTER"));
        Assert.Equal("pc07 has no ROOM, NOTE of its own", await DeviceAsync("delete", "ROOM", "NOTE"));
        Assert.Equal("hall", await DeviceAsync("get", "ROOM"));
        Assert.Equal("device pc07 changed", await _rig.RunAsync("device", "set", "pc07", "--collection", "default"));
        Assert.Equal("pc07 has no ROOM", await _rig.FailAsync("device", "personality", "get", "pc07", "ROOM"));
        Assert.Equal(["NAME     VALUE", "PRINTER  lp0", "ROOM     hall"], (await CollectionAsync("list")).Split('\n'));
    }

    [Fact]
    public async Task File_of_64_KB_is_set_and_no_more()
    {
        var text = new StringBuilder("# all of it\n");
        for (var i = 0; i < 8; i++)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"N{i}={new string('x', (8 << 10) - 2)}\n");
        await File.WriteAllTextAsync(_rig.Folder["file"], text.ToString());
        Assert.Equal(
            "pc07 has 8 of these, and 8 of its own in all",
            await DeviceAsync("set", "--file", _rig.Folder["file"])
        );
        Assert.Equal(PersonalityStrings.BytesMax, Device().Own.Personality!.Bytes);
        Assert.Contains("at most 65536 are allowed", await FailAsync("set", "N8="), StringComparison.Ordinal);
        Assert.Contains(
            "pc07: personality data of 65539 bytes",
            await _rig.FailAsync("collection", "personality", "set", "kiosks", "N9=a"),
            StringComparison.Ordinal
        );
        await _rig.RunAsync("collection", "create", "lab");
        await _rig.RunAsync("collection", "personality", "set", "lab", "N9=a");
        Assert.Equal(
            "pc07 in lab: personality data of 65539 bytes, in names and values: at most 65536 are allowed",
            await _rig.FailAsync("device", "set", "pc07", "--collection", "lab")
        );
        Assert.Equal("kiosks", _rig.Farm.Farm.View.Current.CollectionOf(Device()).Name);
    }

    [Theory]
    [InlineData("'9' is no name", "set", "9=1")]
    [InlineData("personality data is given as NAME=VALUE", "set", "ROOM")]
    [InlineData("set takes NAME=VALUE, or --file", "set")]
    [InlineData("get takes one name", "get", "A", "B")]
    [InlineData("delete takes the names", "delete")]
    [InlineData("'file' is not absolute", "set", "--file", "file")]
    [InlineData("/nowhere/file cannot be read", "set", "--file", "/nowhere/file")]
    [InlineData("personality takes set, get, list, delete, not 'put'", "put")]
    public async Task What_cannot_be_set_is_refused(string reason, params string[] words) =>
        Assert.StartsWith(reason, await FailAsync(words), StringComparison.Ordinal);

    [Fact]
    public async Task What_a_collection_has_is_not_taken_from_one_device()
    {
        await CollectionAsync("set", "ROOM=hall");
        Assert.Equal(
            "pc07 has ROOM from its collection: pbm collection personality delete",
            await FailAsync("delete", "ROOM")
        );
    }

    private DeviceState Device() => _rig.Farm.Farm.View.Current.Device("pc07")!;

    private Task<string> DeviceAsync(string action, params string[] words) =>
        _rig.RunAsync(["device", "personality", action, "pc07", .. words]);

    private Task<string> CollectionAsync(string action, params string[] words) =>
        _rig.RunAsync(["collection", "personality", action, "kiosks", .. words]);

    private Task<string> FailAsync(params string[] words) =>
        _rig.FailAsync(["device", "personality", words[0], "pc07", .. words[1..]]);
}
