using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>Servers that cannot run say why in one line: exit code 2 for the configuration, 1 for the place.</summary>
public sealed class RefusedStartTests(ITestOutputHelper output)
{
    private static readonly TimeSpan s_endLimit = TimeSpan.FromSeconds(30);

    [NamespaceFact]
    public async Task Wrong_setting_is_named_with_what_it_has_to_be()
    {
        await using var lab = await BootLab.WithoutServerAsync(output);
        var (code, said) = await RunAsync(lab, "hatchery.streaming.off-after = soon");
        Assert.Equal(2, code);
        Assert.Contains(
            "hatchery.streaming.off-after = soon: it has to be a duration",
            Assert.Single(said),
            StringComparison.Ordinal
        );
    }

    [NamespaceFact]
    public async Task Interface_that_is_not_there_is_named()
    {
        await using var lab = await BootLab.WithoutServerAsync(output);
        var (code, said) = await RunAsync(lab, "hatchery.boot.interfaces = [nosuch0]");
        Assert.Equal(1, code);
        Assert.Single(
            said,
            line =>
                line.StartsWith("hatchery: ", StringComparison.Ordinal)
                && line.Contains("nosuch0", StringComparison.Ordinal)
        );
    }

    [NamespaceFact]
    public async Task Second_server_on_a_store_is_turned_away_and_the_first_goes_on()
    {
        await using var lab = await BootLab.StartAsync(output);
        var (code, said) = await RunAsync(lab, "");
        Assert.Equal(1, code);
        Assert.Single(said, line => line.Contains("another server uses this store", StringComparison.Ordinal));
        await lab.Server.PbmAsync("device", "list");
    }

    [NamespaceFact("mount")]
    public async Task Disk_too_full_for_the_database_is_named()
    {
        await using var lab = await BootLab.WithoutServerAsync(output);
        await Tool.RunAsync("mount", ["-t", "tmpfs", "-o", "size=16k", "tmpfs", lab.ServerFolder]);
        try
        {
            var (code, said) = await RunAsync(lab, "");
            Assert.Equal(1, code);
            Assert.Single(said, line => line.StartsWith("hatchery: ", StringComparison.Ordinal));
        }
        finally
        {
            await Tool.RunAsync("umount", ["-l", lab.ServerFolder]);
        }
    }

    private static async Task<(int ExitCode, IReadOnlyList<string> Said)> RunAsync(BootLab lab, string settings)
    {
        var file = lab.PathOf("refused.conf");
        await File.WriteAllTextAsync(file, $"include \"{BootLab.Configuration}\"\n{settings}\n");
        await using var server = new ServerProcess(file, BootLab.EnvironmentOf(lab.ServerFolder), lab.Inside);
        await server.StartWithoutWaitingAsync();
        return (await server.Process.WaitForExitAsync(s_endLimit), server.Process.Output.Lines);
    }
}
