using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Coordination;
using Dapper;
using Hatchery.Testing;

namespace Hatchery.Devices.Tests;

public sealed class FarmLeaseTests : IAsyncLifetime
{
    private static readonly TimeoutSettings Long = new(
        TimeSpan.FromSeconds(2),
        TimeSpan.FromSeconds(20),
        TimeSpan.FromSeconds(10)
    );

    // Runs out by the database's clock while a test looks on.
    private static readonly TimeoutSettings Short = new(
        TimeSpan.FromMilliseconds(100),
        TimeSpan.FromMilliseconds(600),
        TimeSpan.FromSeconds(10)
    );

    private readonly TestDatabase _own = new();
    private readonly ManualTime _time = new();
    private FarmDatabase _database = null!;

    public async Task InitializeAsync()
    {
        _database = _own.Open();
        await _database.OpenAsync();
    }

    public Task DisposeAsync()
    {
        _own.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task One_of_many_that_ask_at_once_gets_it()
    {
        var leases = Enumerable.Range(1, 8).Select(n => New($"server-{n}", Long)).ToArray();

        var taken = await Task.WhenAll(leases.Select(lease => Task.Run(lease.Acquire)));

        Assert.Single(taken, got => got);
        Assert.Equal(taken, leases.Select(lease => lease.CheckLease()));
    }

    [Fact]
    public async Task The_owner_may_take_it_again_and_others_when_it_is_given_back()
    {
        var (one, other) = (New("one", Long), New("other", Long));
        Assert.True(await one.Acquire());
        Assert.True(await one.Acquire());
        Assert.False(await other.Acquire());

        Assert.True(await one.Release());

        Assert.False(one.CheckLease());
        Assert.True(await other.Acquire());
        // Giving back what another holds takes nothing away.
        Assert.True(await one.Release());
        Assert.False(await one.Acquire());
        Assert.True(other.CheckLease());
    }

    [Fact]
    public async Task Leases_of_different_names_have_nothing_to_do_with_each_other()
    {
        Assert.True(await New("one", Long, "a").Acquire());
        Assert.True(await New("other", Long, "b").Acquire());
    }

    [Fact]
    public async Task An_owner_that_gives_no_sign_of_life_loses_it_by_the_databases_clock()
    {
        // Its own clock stands still: as a process that is frozen, it renews nothing.
        var frozen = New("frozen", Short);
        Assert.True(await frozen.Acquire());
        var other = New("other", Long);

        await Eventually.TrueAsync(other.Acquire);

        var lost = new TaskCompletionSource<Exception?>();
        Assert.False(await frozen.Acquire(lost.SetResult));
        Assert.False(frozen.CheckLease());
        Assert.True(other.CheckLease());
    }

    [Fact]
    public async Task With_the_database_away_it_is_held_until_it_runs_out_and_then_the_owner_is_told()
    {
        var lease = New("one", Long);
        var lost = new TaskCompletionSource<Exception?>();
        Assert.True(await lease.Acquire(lost.SetResult));
        await using (var connection = await _database.ConnectAsync())
            await connection.ExecuteAsync("ALTER TABLE farm_lease RENAME TO lease_that_is_away");

        _time.Advance(Long.HeartbeatTimeout - TimeSpan.FromMilliseconds(1));
        Assert.True(lease.CheckLease());
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(lease.CheckLease());

        // The next time that it tries.
        await Eventually.TrueAsync(() =>
        {
            _time.Advance(Long.HeartbeatInterval);
            return lost.Task.IsCompleted;
        });
        Assert.IsType<LeaseException>(await lost.Task);
    }

    [Fact]
    public async Task An_owner_that_lives_keeps_it()
    {
        var lease = New("one", Long);
        Assert.True(await lease.Acquire());
        var before = await UntilAsync();

        _time.Advance(Long.HeartbeatInterval);
        await Eventually.TrueAsync(async () => await UntilAsync() > before);
        _time.Advance(Long.HeartbeatTimeout - Long.HeartbeatInterval);

        // Beyond what the first question had given it.
        await Eventually.TrueAsync(lease.CheckLease);
        Assert.False(await New("other", Long).Acquire());
    }

    [Fact]
    public async Task Who_finds_it_taken_when_it_renews_is_told_of_the_loss_once()
    {
        var lease = New("one", Long);
        var told = 0;
        var lost = new TaskCompletionSource();
        Assert.True(
            await lease.Acquire(_ =>
            {
                told++;
                lost.SetResult();
            })
        );
        await using (var connection = await _database.ConnectAsync())
            await connection.ExecuteAsync("UPDATE farm_lease SET owner = 'somebody else'");

        _time.Advance(Long.HeartbeatInterval);

        await lost.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.False(lease.CheckLease());
        _time.Advance(Long.HeartbeatTimeout);
        Assert.Equal(1, told);
    }

    [Fact]
    public async Task With_the_database_away_it_cannot_be_had_and_the_error_says_so()
    {
        var lease = new FarmLease(
            new LeaseSettings("sbr", "one", Long, Config.Empty),
            new FarmLeaseSetup(TestDatabase.Away(), TimeProvider.System)
        );

        var error = await Assert.ThrowsAnyAsync<LeaseException>(lease.Acquire);

        Assert.Contains("could not acquire the lease sbr for one", error.Message, StringComparison.Ordinal);
        Assert.False(lease.CheckLease());
    }

    [Fact]
    public async Task Akka_finds_it_by_its_section_and_its_setup()
    {
        const string Section = """
            farm-lease {
              lease-class = "Hatchery.Devices.FarmLease, Hatchery.Devices"
              heartbeat-timeout = 12s
              heartbeat-interval = 2s
            }
            """;
        using var system = ActorSystem.Create(
            "leases",
            ActorSystemSetup.Create(
                BootstrapSetup.Create().WithConfig(ConfigurationFactory.ParseString(Section)),
                new FarmLeaseSetup(_database, TimeProvider.System)
            )
        );
        using var without = ActorSystem.Create("without", ConfigurationFactory.ParseString(Section));

        Assert.True(await LeaseProvider.Get(system).GetLease("sbr", "farm-lease", "one").Acquire());
        Assert.Contains(
            "FarmLeaseSetup",
            Assert
                .ThrowsAny<Exception>(() => LeaseProvider.Get(without).GetLease("sbr", "farm-lease", "one"))
                .GetBaseException()
                .Message,
            StringComparison.Ordinal
        );
    }

    private FarmLease New(string owner, TimeoutSettings times, string name = "sbr") =>
        new(new LeaseSettings(name, owner, times, Config.Empty), new FarmLeaseSetup(_database, _time));

    private async Task<long> UntilAsync()
    {
        await using var connection = await _database.ConnectAsync();
        return await connection.QuerySingleAsync<long>("SELECT until_ms FROM farm_lease");
    }
}
