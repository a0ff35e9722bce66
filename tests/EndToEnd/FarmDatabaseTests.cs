using System.Text.RegularExpressions;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>A server whose farm database is a PostgreSQL server that goes away and comes back.</summary>
public sealed partial class FarmDatabaseTests(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private readonly PostgreSqlServer _database = new();
    private BootLab _lab = null!;
    private ServerProcess _server = null!;

    public async Task InitializeAsync()
    {
        _lab = await BootLab.WithoutServerAsync(output);
        var file = _lab.PathOf("postgresql.conf");
        var lab = await File.ReadAllTextAsync(BootLab.Configuration);
        var connection = PostgreSqlServer.Programs is null ? "Host=/nowhere" : _database.NewDatabase();
        await File.WriteAllTextAsync(file, $"{lab}\nhatchery.database.postgresql = \"{connection}\"\n");
        _server = new(file, BootLab.EnvironmentOf(_lab.ServerFolder), _lab.Inside);
    }

    public async Task DisposeAsync()
    {
        output.WriteLine(_server.Transcript());
        await _server.DisposeAsync();
        await _lab.DisposeAsync();
        _database.Dispose();
    }

    [PostgreSqlNamespaceFact]
    public async Task Machines_run_and_boot_while_their_database_is_stopped_and_started_again()
    {
        await _server.StartAsync();
        var image = _lab.PathOf("image");
        await File.WriteAllBytesAsync(image, new byte[8 << 20]);
        string[] files = ["--kernel", image, "--initrd", image];
        await _server.PbmAsync(["vdisk", "import", BootLab.VDisk, image, .. files]);
        await AddDeviceAsync(1);
        await AddDeviceAsync(2);

        // Boots, and then writes, flushes and reads back all the time.
        var uri = await UriAsync(1);
        string[] once = ["-c", "write -P 7 0 1M", "-c", "flush", "-c", "read -P 7 0 1M", "-c", "sleep 200"];
        await using var machine = WatchedProcess.Start(
            "machine",
            _lab.Inside,
            ["qemu-io", "-f", "raw", .. Enumerable.Repeat(once, 120).SelectMany(c => c), uri]
        );
        await machine.Output.WaitForAsync("read 1048576/1048576", s_limit, occurrence: 3);

        _database.Stop();
        await _server.Process.Output.WaitForAsync("is away:", s_limit);
        var before = machine.Output.Lines.Count;
        await Eventually.TrueAsync(() => machine.Output.Lines.Count > before + 10);
        // What is known is known, what would change it waits, and says so.
        Assert.Contains("machine-2", await _server.PbmAsync("device", "list"), StringComparison.Ordinal);
        Assert.Contains("away for", await _server.PbmAsync("server", "show"), StringComparison.Ordinal);
        var refused = await _server.TryPbmAsync("device", "add", "late", BootLab.Mac(9));
        Assert.Equal(1, refused.ExitCode);
        output.WriteLine(refused.Errors);
        var script = await UriAsync(2);

        _database.Start();
        await _server.Process.Output.WaitForAsync("is back after", s_limit);
        Assert.False(machine.HasExited, machine.Output.Transcript(20));
        await Eventually.TrueAsync(
            async () => (await _server.TryPbmAsync("device", "add", "late", BootLab.Mac(9))).ExitCode == 0,
            s_limit
        );
        Assert.Contains("late", await _server.PbmAsync("device", "list"), StringComparison.Ordinal);
        // A machine that got its script in between boots as soon as it is back.
        await Eventually.TrueAsync(
            async () => (await _lab.Inside.ExecAsync("nbdinfo", ["--size", script])).ExitCode == 0,
            s_limit
        );
        Assert.Equal(0, await machine.WaitForExitAsync(s_limit));
        Assert.DoesNotContain("error", machine.Output.Transcript(), StringComparison.OrdinalIgnoreCase);

        await _server.KillAsync();
        await _server.StartAsync();
        Assert.Contains("late", await _server.PbmAsync("device", "list"), StringComparison.Ordinal);
        // The same boot goes on, with what it wrote.
        await Clients.RunAsync(_lab, "qemu-io", "-f", "raw", "-r", "-c", "read -P 7 0 1M", uri);
    }

    [PostgreSqlNamespaceFact]
    public async Task A_server_whose_database_is_not_there_or_is_newer_says_so_in_one_line()
    {
        await _server.StartAsync();
        await _server.StopAsync();
        await SqlAsync("UPDATE schema_version SET version = 99 WHERE part = 'farm'");
        Assert.Contains("have version 99", await RefusedAsync(), StringComparison.Ordinal);
        _database.Stop();
        Assert.Contains("farm database PostgreSQL farm1 at", await RefusedAsync(), StringComparison.Ordinal);
        _database.Start();
    }

    private async Task<string> RefusedAsync()
    {
        await _server.StartWithoutWaitingAsync();
        Assert.Equal(1, await _server.Process.WaitForExitAsync(s_limit));
        return Assert.Single(
            _server.Process.Output.Lines,
            l => l.StartsWith("hatchery: the farm database", StringComparison.Ordinal)
        );
    }

    private async Task SqlAsync(string sql)
    {
        var folder = HostOf().Match(_database.ConnectionString).Groups[1].Value;
        var psql = $"{PostgreSqlServer.Programs}/psql";
        var result = await Tool.RunAsync(psql, ["-q", "-h", folder, "-U", "postgres", "-c", sql, "farm1"]);
        Assert.True(result.ExitCode == 0, result.Errors);
    }

    private async Task AddDeviceAsync(int number)
    {
        await _server.PbmAsync("device", "add", BootLab.MachineName(number), BootLab.Mac(number));
        await _server.PbmAsync("device", "assign", BootLab.MachineName(number), BootLab.VDisk, "-t", "nbd");
    }

    /// <summary>Where the machine finds its disk, from its boot script.</summary>
    private async Task<string> UriAsync(int number)
    {
        var url = $"http://{BootLab.ServerAddress}:8069/boot/{BootLab.Mac(number).Replace(':', '-')}";
        var script = await Clients.RunAsync(_lab, "curl", "--silent", "--show-error", "--fail", url);
        var match = NbdTarget().Match(script);
        Assert.True(match.Success, script);
        return $"nbd://{BootLab.ServerAddress}/{match.Groups[1].Value}";
    }

    [GeneratedRegex(@"hatchery\.root=nbd:[^/ ]+/(\S+)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NbdTarget();

    [GeneratedRegex("Host=([^;]+)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex HostOf();
}

/// <summary>A test that needs PostgreSQL, and network namespaces.</summary>
internal sealed class PostgreSqlNamespaceFactAttribute : NamespaceFactAttribute
{
    public PostgreSqlNamespaceFactAttribute(params string[] tools)
        : base(["qemu-io", "nbdinfo", "curl", "nft", .. tools]) =>
        Skip ??= PostgreSqlServer.Programs is null ? "needs initdb and postgres (Debian: postgresql)" : null;
}
