using System.Globalization;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Server.Tests;

public sealed class StartTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const long RestMaxBytes = 150 << 20;

    private ServerFixture _fixture = null!;

    public async Task InitializeAsync() => _fixture = await ServerFixture.CreateAsync();

    public async Task DisposeAsync() => await _fixture.DisposeAsync();

    [NamespaceFact]
    public async Task Server_says_when_it_is_ready_and_stops_in_good_order()
    {
        var server = _fixture.Server();
        await server.StartAsync();
        Assert.Equal(0, await server.StopAsync());
        output.WriteLine(server.Transcript());
        Assert.DoesNotContain(server.Process.Output.Lines, line => line.Contains("fail:", StringComparison.Ordinal));
    }

    [NamespaceFact]
    public async Task Server_at_rest_holds_less_than_150_MB()
    {
        var server = _fixture.Server();
        await server.StartAsync();
        await server.PbmAsync("device", "list");
        var resident = File.ReadLines($"/proc/{ServerPid(server.Process.Id)}/status")
            .First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        output.WriteLine(resident);
        var bytes =
            long.Parse(resident.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)
            * 1024;
        Assert.InRange(bytes, 1, RestMaxBytes);
    }

    [NamespaceFact]
    public async Task Wrong_setting_is_one_line_and_exit_code_2()
    {
        var (code, said) = await _fixture.RunToItsEndAsync(_fixture.Server("hatchery.address = here"));
        Assert.Equal(2, code);
        Assert.Contains("hatchery.address = here: it has to be an IP address", said, StringComparison.Ordinal);
        Assert.Single(said.Split('\n'));
    }

    [NamespaceFact]
    public async Task Syntax_error_names_file_and_line()
    {
        var (code, said) = await _fixture.RunToItsEndAsync(_fixture.Server("hatchery { streaming = [ }"));
        Assert.Equal(2, code);
        Assert.Contains("0.conf:2:", said, StringComparison.Ordinal);
    }

    [NamespaceFact]
    public async Task Second_server_on_the_same_store_is_turned_away_and_the_first_goes_on()
    {
        var first = _fixture.Server();
        await first.StartAsync();
        var (code, said) = await _fixture.RunToItsEndAsync(_fixture.Server());
        Assert.Equal(1, code);
        Assert.Contains("another server uses this store", said, StringComparison.Ordinal);
        await first.PbmAsync("device", "list");
    }

    [NamespaceFact]
    public async Task Port_in_use_is_named()
    {
        await _fixture.Server().StartAsync();
        var (code, said) = await _fixture.RunToItsEndAsync(_fixture.Server(data: "other"));
        Assert.Equal(1, code);
        Assert.Contains("port 3260 is in use", said, StringComparison.Ordinal);
    }

    [NamespaceFact]
    public async Task Interface_that_is_not_there_is_named()
    {
        var (code, said) = await _fixture.RunToItsEndAsync(_fixture.Server("hatchery.boot.interfaces = [nosuch0]"));
        Assert.Equal(1, code);
        Assert.Contains("nosuch0", said, StringComparison.Ordinal);
    }

    [NamespaceFact("mount")]
    public async Task Full_disk_is_one_line_and_exit_code_1()
    {
        var folder = Directory.CreateDirectory(_fixture.Folder["full"]).FullName;
        Assert.Equal(0, (await Tool.RunAsync("mount", ["-t", "tmpfs", "-o", "size=16k", "none", folder])).ExitCode);
        try
        {
            var (code, said) = await _fixture.RunToItsEndAsync(_fixture.Server(data: folder));
            output.WriteLine(said);
            Assert.Equal(1, code);
            Assert.Contains("hatchery: ", said, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
        }
        finally
        {
            await Tool.RunAsync("umount", [folder]);
        }
    }

    /// <summary>`ip netns exec` becomes the server by exec.</summary>
    private static int ServerPid(int started) => started;
}
