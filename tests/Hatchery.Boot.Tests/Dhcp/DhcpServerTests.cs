using System.Net;
using System.Net.Sockets;
using Hatchery.Boot.Dhcp;
using Hatchery.Boot.Net;
using Hatchery.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hatchery.Boot.Tests.Dhcp;

public sealed class DhcpServerTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly List<PingProbe> _probes = [];
    private NetNamespace? _servers;
    private NetNamespace? _clients;

    public async Task InitializeAsync()
    {
        if (!Environment.IsPrivilegedProcess)
            return;
        _servers = await NetNamespace.CreateAsync();
        _clients = await NetNamespace.CreateAsync();
        await _servers.ConnectAsync("eth0", _clients, "eth0");
        await _servers.IpAsync("addr", "add", "10.7.0.1/24", "dev", "eth0");
    }

    public async Task DisposeAsync()
    {
        foreach (var probe in _probes)
            await probe.DisposeAsync();
        if (_clients is not null)
            await _clients.DisposeAsync();
        if (_servers is not null)
            await _servers.DisposeAsync();
        SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    [NamespaceFact("busybox")]
    public async Task Udhcpc_gets_an_address_and_keeps_it_when_the_server_starts_again()
    {
        string first;
        await using (await StartAsync())
        {
            var bound = await UdhcpcAsync();
            first = bound["ip"];
            Assert.StartsWith("10.7.0.10", first, StringComparison.Ordinal);
            Assert.Equal("255.255.255.0", bound["subnet"]);
            Assert.Equal("10.7.0.254", bound["router"]);
            Assert.Equal("10.7.0.1", bound["serverid"]);
            Assert.Equal("3600", bound["lease"]);
        }
        await using (await StartAsync())
            Assert.Equal(first, (await UdhcpcAsync())["ip"]);
    }

    [NamespaceFact("busybox")]
    public async Task Udhcpc_as_BIOS_firmware_gets_the_boot_program()
    {
        await using var server = await StartAsync();
        var bound = await UdhcpcAsync("-V", "PXEClient:Arch:00000:UNDI:002001", "-x", "0x5d:0000", "-O", "bootfile");
        Assert.Equal("10.7.0.1", bound["siaddr"]);
        Assert.Equal("undionly.kpxe", bound["boot_file"]);
        Assert.Equal("undionly.kpxe", bound["bootfile"]);
    }

    [NamespaceFact("busybox")]
    public async Task Udhcpc_gets_the_options_that_it_asks_for_also_where_they_have_to_go_into_other_fields()
    {
        var settings = FarmUnderTest.Usual with
        {
            Options = ConfiguredOptionsTests.Options(
                "ntp-servers=10.7.0.11,10.7.0.12",
                "domain-search=farm.test,example.org",
                "classless-static-routes=10.1.0.0/16:10.7.0.254",
                "root-path=" + new string('r', 200),
                "nis-domain=" + new string('n', 100)
            ),
        };
        await using var server = await StartAsync(settings: settings);
        var bound = await UdhcpcAsync(
            "-O",
            "ntpsrv",
            "-O",
            "search",
            "-O",
            "staticroutes",
            "-O",
            "rootpath",
            "-O",
            "nisdomain"
        );
        Assert.Equal("10.7.0.11 10.7.0.12", bound["ntpsrv"]);
        Assert.Equal("farm.test example.org", bound["search"]);
        Assert.Equal("10.1.0.0/16 10.7.0.254", bound["staticroutes"]);
        Assert.Equal((200, 100), (bound["rootpath"].Length, bound["nisdomain"].Length));
    }

    [NamespaceFact("busybox")]
    public async Task Without_its_database_the_server_is_silent_and_lives_on()
    {
        await using var server = await StartAsync(new SqlLeaseStore(Database("/nowhere/at/all.db")));
        var silent = await RunUdhcpcAsync("-t", "2", "-T", "1");
        Assert.NotEqual(0, silent.ExitCode);
    }

    [NamespaceFact("busybox")]
    public async Task An_address_that_answers_a_ping_is_not_given_out()
    {
        await _clients!.IpAsync("addr", "add", "10.7.0.103/24", "dev", "eth0");
        await using var server = await StartAsync();
        var bound = await UdhcpcAsync("-r", "10.7.0.103");
        Assert.NotEqual("10.7.0.103", bound["ip"]);
        var lease = await new SqlLeaseStore(Database(_folder["farm.db"])).OfAddressAsync(
            IPAddress.Parse("10.7.0.103"),
            default
        );
        Assert.Equal(LeaseState.InUse, lease!.State);
    }

    [NamespaceFact]
    public async Task A_port_in_use_is_named()
    {
        using var other = _servers!.Run(() =>
            new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)
        );
        other.Bind(new IPEndPoint(IPAddress.Any, 67));
        var refused = await Assert.ThrowsAsync<BootServiceException>(() => StartAsync());
        Assert.Equal(
            "DHCP cannot listen on 0.0.0.0:67 of eth0: the port is in use by another program",
            refused.Message
        );
    }

    [NamespaceFact]
    public async Task An_interface_that_is_not_there_is_named()
    {
        var refused = await Assert.ThrowsAsync<BootServiceException>(() => StartAsync(interfaceName: "eth7"));
        Assert.Equal("DHCP: there is no network interface 'eth7'", refused.Message);
    }

    private async Task<DhcpServer> StartAsync(
        SqlLeaseStore? leases = null,
        string interfaceName = "eth0",
        DhcpSettings? settings = null
    )
    {
        if (leases is null)
        {
            leases = new(Database(_folder["farm.db"]));
            await leases.CreateAsync(default);
        }
        settings = (settings ?? FarmUnderTest.Usual) with { Interfaces = [interfaceName] };
        var probe = new PingProbe(
            settings.PingTimeout,
            new NamespaceNetwork(_servers!),
            new Random(1),
            TimeProvider.System,
            NullLogger<PingProbe>.Instance
        );
        _probes.Add(probe);
        var responder = new DhcpResponder(
            settings,
            leases,
            probe,
            new RecordingDirectory(),
            TimeProvider.System,
            NullLogger<DhcpResponder>.Instance
        );
        var server = new DhcpServer(
            settings,
            responder,
            new NamespaceNetwork(_servers!),
            TimeProvider.System,
            NullLogger<DhcpServer>.Instance
        );
        await server.StartAsync(default);
        return server;
    }

    private static System.Data.Common.DbDataSource Database(string path) =>
        SqliteFactory.Instance.CreateDataSource($"Data Source={path}");

    /// <summary>What the client's script was told when it was bound.</summary>
    private async Task<Dictionary<string, string>> UdhcpcAsync(params string[] arguments)
    {
        var result = await RunUdhcpcAsync([.. arguments, "-t", "5", "-T", "1"]);
        Assert.True(result.ExitCode == 0, result.Errors);
        return result
            .Output.Split('\n')
            .Select(line => line.Split('=', 2))
            .Where(pair => pair.Length == 2)
            .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
    }

    private async Task<ToolResult> RunUdhcpcAsync(params string[] arguments)
    {
        var script = _folder["bound.sh"];
        await File.WriteAllTextAsync(script, "#!/bin/sh\n[ \"$1\" = bound ] && env\nexit 0\n");
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return await _clients!.ExecAsync(
            "busybox",
            ["udhcpc", "-i", "eth0", "-f", "-q", "-n", "-s", script, .. arguments]
        );
    }
}
