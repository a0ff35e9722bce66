using System.Data.Common;
using System.Net;
using Hatchery.Boot.Dhcp;
using Hatchery.Devices.Tests;
using Hatchery.Wire;

namespace Hatchery.Boot.Tests.Dhcp;

public sealed class LeaseTransactionsTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task What_comes_at_once_shares_transactions_and_each_hears_its_own_outcome()
    {
        await using var farm = await FarmUnderTest.CreateAsync();
        var before = farm.Leases.Transactions;
        var taken = await Task.WhenAll(
            Enumerable.Range(0, 1000).Select(i => farm.Leases.TryTakeAsync(Lease(i / 2, i), s_now, false, default))
        );
        Assert.Equal(500, taken.Count(t => t));
        Assert.InRange(farm.Leases.Transactions - before, 1, 100);
    }

    [Fact]
    public async Task Who_has_gone_takes_no_address()
    {
        await using var farm = await FarmUnderTest.CreateAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            farm.Leases.TryTakeAsync(Lease(1, 1), s_now, false, new CancellationToken(canceled: true))
        );
        Assert.True(await farm.Leases.TryTakeAsync(Lease(1, 2), s_now, false, default));
    }

    [Fact]
    public async Task A_database_that_is_away_is_told_to_all_and_tried_again_by_the_next()
    {
        var leases = new SqlLeaseStore(TestDatabase.Away().Source);
        for (var round = 0; round < 2; round++)
            await Assert.ThrowsAnyAsync<DbException>(() => leases.TryTakeAsync(Lease(1, 1), s_now, false, default));
    }

    [Fact]
    public async Task What_a_client_sends_as_its_name_never_stops_others()
    {
        await using var farm = await FarmUnderTest.CreateAsync();
        var hostile = Lease(1, 1) with { HostName = "a\0b", ClientId = "\ud800" };
        var taken = await Task.WhenAll(
            farm.Leases.TryTakeAsync(hostile, s_now, false, default),
            farm.Leases.TryTakeAsync(Lease(2, 2), s_now, false, default)
        );
        Assert.All(taken, Assert.True);
        Assert.Equal("a\ufffdb", (await farm.Leases.OfAddressAsync(hostile.Address, default))!.HostName);
    }

    private static Lease Lease(int address, int machine) =>
        new(
            new IPAddress([10, 1, (byte)(address >> 8), (byte)address]),
            new MacAddress((ulong)machine),
            "",
            "",
            LeaseState.Bound,
            s_now + TimeSpan.FromHours(1)
        );
}
