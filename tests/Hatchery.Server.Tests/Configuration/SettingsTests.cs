using Akka.Configuration;
using Hatchery.Boot.Dhcp;
using Hatchery.Mirroring;
using Hatchery.Replication;
using Hatchery.Streaming;

namespace Hatchery.Server.Tests;

public sealed class SettingsTests
{
    private static ServerSettings Read(string hocon) =>
        ServerSettings.Read(
            new SettingsReader(ConfigurationFactory.ParseString(hocon).WithFallback(ServerConfiguration.Load(null)))
        );

    [Fact]
    public void Every_key_of_reference_conf_is_read_and_every_key_that_is_read_stands_there()
    {
        var reference = ServerConfiguration.Load(null);
        var reader = new SettingsReader(reference);
        ServerSettings.Read(reader);
        Assert.Equal(
            ServerConfiguration.Keys(reference, "hatchery").Order(StringComparer.Ordinal),
            reader.Seen.Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void What_an_operator_leaves_out_has_a_default_that_binds_to_loopback_only()
    {
        var settings = Read("");
        Assert.Equal("127.0.0.1", settings.Address.ToString());
        Assert.Empty(settings.Boot.Interfaces);
        Assert.Equal("/var/lib/hatchery/farm.db", settings.DatabaseFile);
        Assert.Equal("/var/lib/hatchery/store", settings.StoreFolder);
    }

    [Fact]
    public void Defaults_of_the_parts_are_those_of_reference_conf()
    {
        var settings = Read("");
        Assert.Equal(new StreamingOptions(), settings.Streaming.Options);
        Assert.Equal(SessionGateOptions.Default, settings.Streaming.Gate);
        Assert.Equal(new DhcpBootPrograms(), settings.Boot.Dhcp.Programs);
        Assert.Equal(new DhcpSettings().LeaseDuration, settings.Boot.Dhcp.LeaseDuration);
    }

    [Fact]
    public void A_server_that_takes_no_copies_makes_none()
    {
        Assert.Equal(MirrorSettings.Default with { Copies = 1 }, Read("").Mirroring.Sessions);
        var mirroring = Read("hatchery.mirroring.port = 9121").Mirroring;
        Assert.Equal(
            (9121, MirrorSettings.Default, new LinkOptions()),
            (mirroring.Port, mirroring.Sessions, mirroring.Links)
        );
    }

    [Fact]
    public void Other_servers_are_read_and_a_rate_at_which_connections_would_stand_still_is_refused()
    {
        var replication = Read(
            """
            hatchery.replication { port = 9120, rate = 2MiB, peers = [{ name = b, address = "10.77.0.2", port = 9120 }] }
            """
        ).Replication;
        Assert.Equal(new Peer("b", "10.77.0.2", 9120), Assert.Single(replication.Peers));
        Assert.Equal((9120, 2 << 20), (replication.Port, (int)replication.Options.BytesPerSecond));
        Assert.Equal(new ReplicationOptions(), Read("").Replication.Options);
        var wrong = Assert.Throws<SettingsException>(() => Read("hatchery.replication.rate = 1MiB"));
        Assert.Contains("at least 1677721 bytes", wrong.Message, StringComparison.Ordinal);
        wrong = Assert.Throws<SettingsException>(() =>
            Read("hatchery.replication.peers = [{ name = \"no name\", address = x, port = 1 }]")
        );
        Assert.Contains("hatchery.replication.peers[0].name = no name", wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("single.conf")]
    [InlineData("farm.conf")]
    public void Example_configuration_can_be_read(string file)
    {
        var settings = ServerSettings.Read(
            new SettingsReader(ServerConfiguration.Load(Path.Combine(AppContext.BaseDirectory, "hocon", file)))
        );
        Assert.Equal("10.77.0.100", Assert.Single(settings.Boot.Dhcp.Subnets).First!.ToString());
    }

    [Fact]
    public void Options_of_the_server_and_of_a_subnet_are_read()
    {
        var dhcp = Read(
            """
            hatchery.boot.dhcp {
              options = ["ntp-servers=10.77.0.1", "224=hex:0a"]
              subnets = [{ network = "10.77.0.0/24", options = ["interface-mtu=1400"] }]
            }
            """
        ).Boot.Dhcp;
        Assert.Equal("42=0a4d0001 224=0a", dhcp.Options.ToString());
        Assert.Equal("26=0578", Assert.Single(dhcp.Subnets).Options.ToString());
    }

    [Theory]
    [InlineData("hatchery.address = here", "hatchery.address = here: it has to be an IP address")]
    [InlineData("hatchery.server-name = A_B", "hatchery.server-name")]
    [InlineData("hatchery.streaming.iscsi.port = 70000", "0 to 65535")]
    [InlineData("hatchery.streaming.login-timeout = soon", "a duration, e.g. 10s")]
    [InlineData("hatchery.boot.dhcp.enabled = perhaps", "on or off")]
    [InlineData("hatchery.log-level = loud", "one of trace, debug")]
    [InlineData(
        "hatchery.boot.dhcp.subnets = [{ network = \"10.77.0.0/99\" }]",
        "hatchery.boot.dhcp.subnets[0].network"
    )]
    [InlineData("hatchery.boot.dhcp.subnets = [{ }]", "hatchery.boot.dhcp.subnets[0].network is missing")]
    [InlineData(
        "hatchery.boot.dhcp.subnets = [{ network = \"10.77.0.0/24\", exclude = [\"10.77.0.9-10.77.0.1\"] }]",
        "10.77.0.130-10.77.0.140"
    )]
    [InlineData(
        "hatchery.boot.dhcp.options = [\"ntp-servers=soon\"]",
        "hatchery.boot.dhcp.options = ntp-servers=soon: it has to be a list of DHCP options: DHCP option ntp-servers: 'soon' has to be IPv4"
    )]
    [InlineData(
        "hatchery.boot.dhcp.subnets = [{ network = \"10.77.0.0/24\", options = [\"53=u8:1\"] }]",
        "hatchery.boot.dhcp.subnets[0].options = 53=u8:1"
    )]
    [InlineData("hatchery.boot.dhcp.subnets = [x]", "a list of objects")]
    [InlineData("hatchery.boot.dhcp.reservations = [{ mac = x, address = \"10.77.0.2\" }]", "52:54:00:12:34:56")]
    public void Wrong_value_is_named_with_what_it_has_to_be(string hocon, string expected)
    {
        var wrong = Assert.Throws<SettingsException>(() => Read(hocon));
        Assert.Contains(expected, wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', wrong.Message);
    }

    [Fact]
    public void Misspelt_key_is_found()
    {
        var config = ConfigurationFactory.ParseString("hatchery.adress = \"10.0.0.1\"");
        var known = ServerConfiguration
            .Keys(ServerConfiguration.Load(null), "hatchery")
            .ToHashSet(StringComparer.Ordinal);
        Assert.Equal(["hatchery.adress"], ServerConfiguration.UnknownKeys(config, known));
    }
}
