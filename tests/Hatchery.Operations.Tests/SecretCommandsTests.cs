using System.Text;
using Hatchery.Devices;

namespace Hatchery.Operations.Tests;

public sealed class SecretCommandsTests : IAsyncLifetime
{
    private OperationsRig _rig = null!;

    public async Task InitializeAsync()
    {
        _rig = await OperationsRig.StartAsync();
        await _rig.RunAsync("device", "add", "pc07", OperationsRig.Mac);
    }

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    [Fact]
    public async Task Secret_is_set_listed_without_its_bytes_and_deleted()
    {
        await File.WriteAllTextAsync(_rig.Folder["secret"], "hunter2\n");
        Assert.Equal(
            "pc07 has JOIN, 4 bytes, from its next boot on",
            await SecretAsync("set", "JOIN", "--stdin=" + Piped("open"))
        );
        Assert.Equal(
            "pc07 has OTHER, 8 bytes, from its next boot on",
            await SecretAsync("set", "OTHER", "--file", _rig.Folder["secret"])
        );
        var (farm, device) = (_rig.Farm.Farm, _rig.Farm.Farm.View.Current.Device("pc07")!);
        Assert.Equal(
            ["open", "hunter2\n"],
            device.OwnSecrets.Sealed.Select(s =>
                Encoding.UTF8.GetString(_rig.Key.Open(farm.Identity.Farm, device.Id, s)!)
            )
        );
        var row = (await _rig.JsonAsync("device", "secret", "list", "pc07"))[0];
        Assert.Equal(["name", "setAt", "key", "isKeyHere"], row.EnumerateObject().Select(p => p.Name));
        Assert.Equal(("JOIN", true), (row.GetProperty("name").GetString(), row.GetProperty("isKeyHere").GetBoolean()));
        Assert.Equal("pc07 has no JOIN, OTHER", await SecretAsync("delete", "JOIN", "OTHER"));
        Assert.Empty(_rig.Farm.Farm.View.Current.Device("pc07")!.OwnSecrets.Sealed);
    }

    [Theory]
    [InlineData("a secret comes by --stdin or by --file", "set", "JOIN")]
    [InlineData("--stdin is for pbm itself to fill in", "set", "JOIN", "--stdin", "hunter2!")]
    [InlineData("a secret has 1 to 4096 bytes", "set", "JOIN", "--stdin=")]
    [InlineData("set takes one name", "set")]
    [InlineData("'9' is no name", "set", "9")]
    [InlineData("delete takes the names", "delete")]
    [InlineData("secret takes set, list, delete, not 'get'", "get", "JOIN")]
    public async Task What_is_no_secret_is_refused(string reason, params string[] words) =>
        Assert.StartsWith(
            reason,
            await _rig.FailAsync(["device", "secret", words[0], "pc07", .. words[1..]]),
            StringComparison.Ordinal
        );

    private static string Piped(string secret) => Convert.ToBase64String(Encoding.UTF8.GetBytes(secret));

    private Task<string> SecretAsync(string action, params string[] words) =>
        _rig.RunAsync(["device", "secret", action, "pc07", .. words]);
}
