using Hatchery.Testing;

namespace Hatchery.Devices.Tests;

public sealed class DatabaseClockTests : IDisposable
{
    private readonly TestDatabase _own = new();
    private readonly ManualTime _host = new();

    public void Dispose() => _own.Dispose();

    [Fact]
    public async Task Farm_goes_by_the_databases_clock_and_carries_it_on_between_looks()
    {
        var clock = new DatabaseClock(_own.Open(), _host);
        Assert.Equal(_host.GetUtcNow(), clock.GetUtcNow());
        await clock.LookAsync();
        var seen = clock.GetUtcNow();
        if (TestDatabase.IsPostgreSql)
            // The server runs on this machine, and the host's clock of this test stands at another time.
            Assert.InRange((TimeProvider.System.GetUtcNow() - seen).Duration(), TimeSpan.Zero, TimeSpan.FromMinutes(1));
        else
            Assert.Equal(_host.GetUtcNow(), seen);
        _host.Advance(TimeSpan.FromHours(1));
        Assert.Equal(seen + TimeSpan.FromHours(1), clock.GetUtcNow());
    }

    [Fact]
    public async Task A_database_that_is_away_leaves_the_clock_as_it_is()
    {
        var clock = new DatabaseClock(TestDatabase.Away(), _host);
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => clock.LookAsync());
        Assert.Equal(_host.GetUtcNow(), clock.GetUtcNow());
    }
}
