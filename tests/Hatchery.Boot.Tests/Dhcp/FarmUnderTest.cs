using System.Collections.Concurrent;
using System.Net;
using Hatchery.Boot.Dhcp;
using Hatchery.Devices.Tests;
using Hatchery.Testing;
using Hatchery.Wire;
using Hatchery.Wire.Dhcp;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hatchery.Boot.Tests.Dhcp;

/// <summary>Two servers on one lease database, without sockets.</summary>
internal sealed class FarmUnderTest : IAsyncDisposable
{
    public static readonly IPAddress FirstServer = IPAddress.Parse("10.7.0.1");
    public static readonly IPAddress SecondServer = IPAddress.Parse("10.7.0.2");
    public static readonly MacAddress Mac = MacAddress.Parse("52:54:00:00:00:01");
    public static readonly MacAddress OtherMac = MacAddress.Parse("52:54:00:00:00:02");

    public static readonly DhcpSettings Usual = new()
    {
        Interfaces = ["eth0"],
        Subnets =
        [
            new(IPNetwork.Parse("10.7.0.0/24"), IPAddress.Parse("10.7.0.100"), IPAddress.Parse("10.7.0.109"))
            {
                Routers = [IPAddress.Parse("10.7.0.254")],
                NameServers = [IPAddress.Parse("10.7.0.53")],
                DomainName = "farm.test",
            },
            new(IPNetwork.Parse("10.8.0.0/24"), IPAddress.Parse("10.8.0.10"), IPAddress.Parse("10.8.0.20")),
        ],
        LeaseDuration = TimeSpan.FromHours(1),
    };

    private readonly TestDatabase _database;
    private readonly DhcpSettings _settings;
    private readonly ConcurrentDictionary<IPAddress, DhcpResponder> _responders = [];

    private FarmUnderTest(DhcpSettings settings, TestDatabase database, SqlLeaseStore leases)
    {
        _settings = settings;
        _database = database;
        Leases = leases;
    }

    public ManualTime Time { get; } = new();

    public RecordingDirectory Directory { get; } = new();

    public SqlLeaseStore Leases { get; }

    public FakeProbe Probe { get; } = new();

    public static async Task<FarmUnderTest> CreateAsync(DhcpSettings? settings = null)
    {
        var database = new TestDatabase();
        var leases = new SqlLeaseStore(database.Open().Source);
        await leases.CreateAsync(default);
        return new(settings ?? Usual, database, leases);
    }

    public Task<DhcpMessage?> SendAsync(DhcpMessage message, IPAddress? server = null) =>
        _responders
            .GetOrAdd(
                server ?? FirstServer,
                _ => new(_settings, Leases, Probe, Directory, Time, NullLogger<DhcpResponder>.Instance)
            )
            .AnswerAsync(new(message, [server ?? FirstServer]), default);

    /// <summary>DISCOVER and REQUEST; the address that was granted, or null.</summary>
    public async Task<IPAddress?> JoinAsync(MacAddress mac, IPAddress? server = null)
    {
        var offer = await SendAsync(Discover(mac), server);
        if (offer is null)
            return null;
        var answer = await SendAsync(Select(mac, offer.YourAddress, server ?? FirstServer), server);
        return answer?.Type == DhcpMessageType.Ack ? answer.YourAddress : null;
    }

    public static DhcpMessage Message(MacAddress mac, DhcpMessageType type) =>
        new()
        {
            Operation = DhcpOperation.Request,
            TransactionId = 0x1234,
            ClientMac = mac,
            Options = DhcpOptions.None.With(type),
        };

    public static DhcpMessage Discover(MacAddress mac) => Message(mac, DhcpMessageType.Discover);

    public static DhcpMessage Select(MacAddress mac, IPAddress address, IPAddress server) =>
        Reboot(mac, address).With(DhcpOptionCode.ServerIdentifier, server);

    public static DhcpMessage Reboot(MacAddress mac, IPAddress address) =>
        Message(mac, DhcpMessageType.Request).With(DhcpOptionCode.RequestedAddress, address);

    public static DhcpMessage Renew(MacAddress mac, IPAddress address) =>
        Message(mac, DhcpMessageType.Request) with
        {
            ClientAddress = address,
        };

    public static DhcpMessage Release(MacAddress mac, IPAddress address) =>
        Message(mac, DhcpMessageType.Release) with
        {
            ClientAddress = address,
        };

    public static DhcpMessage Decline(MacAddress mac, IPAddress address) =>
        Message(mac, DhcpMessageType.Decline).With(DhcpOptionCode.RequestedAddress, address);

    public ValueTask DisposeAsync()
    {
        _database.Dispose();
        return ValueTask.CompletedTask;
    }
}

internal static class DhcpMessageBuilding
{
    public static DhcpMessage With(this DhcpMessage message, DhcpOptionCode code, IPAddress address) =>
        message with
        {
            Options = message.Options.With(code, address),
        };

    public static DhcpMessage With(this DhcpMessage message, DhcpOptionCode code, string text) =>
        message with
        {
            Options = message.Options.With(code, text),
        };

    public static DhcpMessage With(this DhcpMessage message, DhcpOptionCode code, params byte[] value) =>
        message with
        {
            Options = message.Options.With(code, value),
        };
}
