using System.Net;
using Akka.Actor;
using Hatchery.Boot.Dhcp;
using Hatchery.Devices;
using Hatchery.Devices.Configuration;
using Hatchery.Devices.Tests;
using Hatchery.Testing;
using Hatchery.Wire;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hatchery.Boot.Tests.Unknown;

/// <summary>A real farm on a database of its own, and its lease table.</summary>
public sealed class UnknownMachinesTests : IAsyncLifetime
{
    private static readonly MacAddress s_mac = MacAddress.Parse("52:54:00:77:00:10");
    private static readonly IPAddress s_address = IPAddress.Parse("10.77.0.100");

    private readonly TempFolder _folder = new();
    private readonly TestDatabase _database = new();
    private readonly ManualTime _time = new();
    private ActorSystem _system = null!;
    private Farm _farm = null!;
    private SqlLeaseStore _leases = null!;

    public async Task InitializeAsync()
    {
        var database = _database.Open();
        _system = ActorSystem.Create("hatchery", FarmActorConfiguration.For(database));
        _farm = await Farm.StartAsync(_system, database, _folder["view.json"], _time, TimeSpan.FromSeconds(30));
        _leases = new(database.Source);
        await _leases.CreateAsync(default);
    }

    public async Task DisposeAsync()
    {
        await _system.Terminate();
        _database.Dispose();
        _folder.Dispose();
    }

    private PolicyAdministration Policy => new(_farm);

    private UnknownMachines Machines(UnknownMachineSettings? settings = null, bool givesAddresses = true) =>
        new(_farm, givesAddresses ? _leases : null, settings ?? new(), _time, NullLogger<UnknownMachines>.Instance);

    private static BootClient Client(MacAddress mac, IPAddress address) => new(mac, Architecture: 0, Address: address);

    private async Task AddRuleAsync(CollectionChange? change = null)
    {
        Assert.IsType<Reply.Done>(await Policy.CreateCollectionAsync("lab", default, change ?? new()));
        var lab = _farm.View.Current.Policy.Collection("lab")!.Id;
        Assert.IsType<Reply.Done>(
            await Policy.AskAsync(new AddUnknownRule(new("qemu", new(MacPattern.Parse("52:54:00")), lab)))
        );
    }

    private Task LeaseAsync(MacAddress mac, IPAddress address, LeaseState state = LeaseState.Bound) =>
        _leases.TryTakeAsync(
            new(address, mac, "", "", state, _time.GetUtcNow() + TimeSpan.FromHours(1)),
            _time.GetUtcNow(),
            true,
            default
        );

    [Fact]
    public async Task Machine_that_no_rule_is_for_is_told_how_it_becomes_known()
    {
        var machines = Machines();
        Assert.Equal(
            "this farm does not know 52:54:00:77:00:10: pbm device add NAME 52:54:00:77:00:10",
            await machines.AdmitAsync(Client(s_mac, s_address), default)
        );
        await machines.AdmitAsync(Client(s_mac, s_address), default);
        var seen = Assert.Single(machines.Seen);
        Assert.Equal((s_mac, "no-rule", 2), (seen.Machine.Mac, seen.Outcome, seen.Times));
    }

    [Fact]
    public async Task Refused_machine_hears_the_rule_and_its_reason_and_is_not_added()
    {
        await AddRuleAsync();
        await Policy.AskAsync(
            new AddUnknownRule(new("closed", new(MacPattern.Parse("52:54:00:77")), null, "this hall is closed"), "qemu")
        );
        await LeaseAsync(s_mac, s_address);
        Assert.Equal(
            "refused by rule closed: this hall is closed",
            await Machines().AdmitAsync(Client(s_mac, s_address), default)
        );
        Assert.Empty(_farm.View.Current.Devices);
    }

    [Fact]
    public async Task Machine_with_a_lease_is_added_once_and_known_then()
    {
        await AddRuleAsync(new(NameTemplate: "{collection}-{n}"));
        await LeaseAsync(s_mac, s_address);
        var machines = Machines();
        var asked = Enumerable.Range(0, 5).Select(_ => machines.AdmitAsync(Client(s_mac, s_address), default).AsTask());
        Assert.All(await Task.WhenAll(asked), Assert.Null);
        Assert.Null(await machines.AdmitAsync(Client(s_mac, s_address), default));
        var device = Assert.Single(_farm.View.Current.Devices);
        Assert.Equal(
            ("lab-1", "qemu", "lab"),
            (device.Name, device.Rule, _farm.View.Current.CollectionOf(device).Name)
        );
    }

    [Fact]
    public async Task Machine_without_a_lease_of_its_own_is_not_added()
    {
        await AddRuleAsync();
        var machines = Machines();
        var reason = await machines.AdmitAsync(Client(s_mac, s_address), default);
        Assert.Equal("10.77.0.100 is not leased to 52:54:00:77:00:10 here, so no rule adds it", reason);
        await LeaseAsync(s_mac, s_address, LeaseState.Offered);
        Assert.Equal(reason, await machines.AdmitAsync(Client(s_mac, s_address), default));
        await LeaseAsync(s_mac, s_address);
        // Somebody else's address does not help, nor does one whose time is over.
        Assert.NotNull(await machines.AdmitAsync(Client(MacAddress.Parse("52:54:00:77:00:11"), s_address), default));
        _time.Advance(TimeSpan.FromHours(2));
        Assert.NotNull(await machines.AdmitAsync(Client(s_mac, s_address), default));
        Assert.Empty(_farm.View.Current.Devices);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Lease_does_not_matter_where_others_give_addresses_or_settings_say_so(
        bool givesAddresses,
        bool needsLease
    )
    {
        await AddRuleAsync();
        var machines = Machines(new() { NeedsLease = needsLease }, givesAddresses);
        Assert.Null(await machines.AdmitAsync(Client(s_mac, s_address), default));
        Assert.Single(_farm.View.Current.Devices);
    }

    [Fact]
    public async Task Flood_of_invented_machines_adds_no_more_than_the_rate_and_then_no_more_than_the_limit()
    {
        await AddRuleAsync(new(DevicesMax: 7));
        var machines = Machines(
            new()
            {
                AddsAtOnce = 4,
                AddsPerSecond = 1,
                NeedsLease = false,
            }
        );
        Assert.Equal(4, await FloodAsync(machines, 0x525400000000));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(2, await FloodAsync(machines, 0x525400100000));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, await FloodAsync(machines, 0x525400200000));
        Assert.Equal(7, _farm.View.Current.Devices.Count());
        Assert.Equal(
            "refused by rule qemu: collection lab takes in 7 devices and has 7",
            await machines.AdmitAsync(Client(s_mac, s_address), default)
        );
        Assert.Equal(1024, machines.Seen.Count);
    }

    [Fact]
    public async Task Without_its_database_nobody_is_added_and_the_machine_is_told()
    {
        await AddRuleAsync();
        var away = new SqlLeaseStore(SqliteFactory.Instance.CreateDataSource("Data Source=/nowhere/at/all.db"));
        var machines = new UnknownMachines(_farm, away, new(), _time, NullLogger<UnknownMachines>.Instance);
        Assert.Equal(
            "the farm database does not answer: it is asked again",
            await machines.AdmitAsync(Client(s_mac, s_address), default)
        );
    }

    /// <returns>How many of 500 machines were added.</returns>
    private async Task<int> FloodAsync(UnknownMachines machines, ulong first)
    {
        var asked = Enumerable
            .Range(0, 500)
            .Select(i => machines.AdmitAsync(Client(new(first + (ulong)i), s_address), default).AsTask());
        return (await Task.WhenAll(asked)).Count(reason => reason is null);
    }
}
