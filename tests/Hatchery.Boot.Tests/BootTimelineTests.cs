using System.Net;
using Hatchery.Boot.Dhcp;
using Hatchery.Boot.Net;
using Hatchery.Wire;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;
using NSubstitute.ExceptionExtensions;

namespace Hatchery.Boot.Tests;

public sealed class BootTimelineTests
{
    private static readonly IPAddress s_address = IPAddress.Parse("10.7.0.101");
    private static readonly MacAddress s_leased = MacAddress.Parse("52:54:00:00:00:01");
    private static readonly MacAddress s_learned = MacAddress.Parse("52:54:00:00:00:02");
    private static readonly MacAddress s_neighbor = MacAddress.Parse("52:54:00:00:00:03");

    private readonly ILeaseStore _leases = Substitute.For<ILeaseStore>();
    private readonly IHostNetwork _network = Substitute.For<IHostNetwork>();
    private readonly RecordingDirectory _directory = new();
    private readonly BootTimeline _timeline;

    public BootTimelineTests()
    {
        _network.Neighbor(s_address).Returns(s_neighbor);
        _timeline = new(_directory, _leases, _network, NullLogger<BootTimeline>.Instance);
    }

    [Fact]
    public async Task A_lease_of_ours_says_whose_an_address_is()
    {
        _timeline.Learn(s_address, s_learned);
        _leases
            .OfAddressAsync(s_address, default)
            .ReturnsForAnyArgs(new Lease(s_address, s_leased, "", "", LeaseState.Bound, DateTimeOffset.MaxValue));
        Assert.Equal(s_leased, await ReportedAsync());
    }

    [Fact]
    public async Task Without_a_lease_what_the_machine_told_the_proxy_counts()
    {
        _timeline.Learn(s_address, s_learned);
        Assert.Equal(s_learned, await ReportedAsync());
    }

    [Fact]
    public async Task Without_either_or_with_the_database_away_the_neighbour_table_counts()
    {
        Assert.Equal(s_neighbor, await ReportedAsync());
        _leases.OfAddressAsync(s_address, default).ThrowsAsyncForAnyArgs(new SqliteException("away", 14));
        Assert.Equal(s_neighbor, await ReportedAsync());
    }

    [Fact]
    public async Task A_machine_that_nobody_knows_is_not_reported()
    {
        await _timeline.ReportAsync(IPAddress.Parse("10.7.0.102"), BootStep.BootstrapSent, "snponly.efi");
        Assert.Empty(_directory.Reported);
    }

    [Fact]
    public void The_neighbour_table_is_read_as_the_kernel_writes_it()
    {
        string[] table =
        [
            "IP address       HW type     Flags       HW address            Mask     Device",
            "10.7.0.101       0x1         0x0         00:00:00:00:00:00     *        br0",
            "10.7.0.101       0x1         0x2         52:54:00:00:00:03     *        br1",
            "nonsense",
        ];
        Assert.Equal(s_neighbor, HostNetwork.NeighborIn(table, s_address));
        Assert.Null(HostNetwork.NeighborIn(table, IPAddress.Parse("10.7.0.10")));
    }

    private async Task<MacAddress> ReportedAsync()
    {
        await _timeline.ReportAsync(s_address, BootStep.BootstrapSent, "snponly.efi");
        return _directory.Reported.Last().Mac;
    }
}
