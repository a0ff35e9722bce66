using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Coordination;

namespace Hatchery.Devices;

/// <summary>Gives an actor system's <see cref="FarmLease"/>s the database that they lie in.</summary>
/// <param name="Time">This host's clock; only the time between two of its moments is used.</param>
public sealed class FarmLeaseSetup(FarmDatabase database, TimeProvider time) : Setup
{
    public FarmDatabase Database => database;

    public TimeProvider Time => time;
}

/// <summary>
/// A lease in the farm database: it runs out by the database's clock, and for its owner by this host's monotonic one somewhat sooner,
/// so two servers never both believe to hold it, however wrong their clocks are. Named as <c>lease-class</c> in a section of HOCON,
/// and used by the split brain resolver (<c>lease-majority</c>) and by singletons. Thread-safe.
/// </summary>
public sealed class FarmLease : Lease
{
    private readonly Lock _gate = new();
    private readonly LeaseTable _table;
    private readonly TimeProvider _time;
    private readonly ExtendedActorSystem? _system;
    private Holding? _holding;

    /// <summary>Made by Akka's <see cref="LeaseProvider"/>.</summary>
    /// <exception cref="ConfigurationException">The system was started without <see cref="FarmLeaseSetup"/>.</exception>
    public FarmLease(LeaseSettings settings, ExtendedActorSystem system)
        : this(settings, SetupOf(settings, system)) => _system = system;

    internal FarmLease(LeaseSettings settings, FarmLeaseSetup setup)
        : base(settings)
    {
        _table = new LeaseTable(setup.Database);
        _time = setup.Time;
    }

    public override bool CheckLease()
    {
        lock (_gate)
            return _holding is { } holding && holding.RunsOutAt > _time.GetTimestamp();
    }

    public override Task<bool> Acquire() => Acquire(_ => { });

    public override async Task<bool> Acquire(Action<Exception?> leaseLostCallback)
    {
        // From before the question on: the database counts from a later moment.
        var runsOutAt = RunsOutAt();
        var taken = await InTimeAsync(
            "acquire",
            cancellation =>
                _table.TakeAsync(
                    Settings.LeaseName,
                    Settings.OwnerName,
                    Settings.TimeoutSettings.HeartbeatTimeout,
                    cancellation
                )
        );
        if (taken)
            Hold(runsOutAt, leaseLostCallback);
        else
            End(CurrentHolding())?.Lost(null);
        return taken;
    }

    public override async Task<bool> Release()
    {
        // Not held any more from here on, whatever becomes of the row: it runs out by itself.
        End(CurrentHolding());
        await InTimeAsync(
            "release",
            cancellation => _table.GiveBackAsync(Settings.LeaseName, Settings.OwnerName, cancellation)
        );
        return true;
    }

    private static FarmLeaseSetup SetupOf(LeaseSettings settings, ExtendedActorSystem system) =>
        system.Settings.Setup.Get<FarmLeaseSetup>() is { HasValue: true } setup
            ? setup.Value
            : throw new ConfigurationException(
                $"The lease {settings.LeaseName} is to lie in the farm database, but the actor system {system.Name} was started without FarmLeaseSetup"
            );

    private long RunsOutAt() =>
        _time.GetTimestamp()
        + (long)(Settings.TimeoutSettings.HeartbeatTimeout.TotalSeconds * _time.TimestampFrequency);

    private void Hold(long runsOutAt, Action<Exception?> lost)
    {
        Holding holding;
        lock (_gate)
        {
            if (_holding is { } known)
            {
                known.RunsOutAt = Math.Max(known.RunsOutAt, runsOutAt);
                known.Lost = lost;
                return;
            }
            _holding = holding = new Holding { RunsOutAt = runsOutAt, Lost = lost };
            var interval = Settings.TimeoutSettings.HeartbeatInterval;
            holding.Renewal = _time.CreateTimer(_ => _ = RenewAsync(holding), null, interval, interval);
        }
        // A system that has ended holds nothing: the lease is free after its time.
        _ = _system?.WhenTerminated.ContinueWith(
            _ => End(holding),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
    }

    private async Task RenewAsync(Holding holding)
    {
        // One at a time: a slow database must not gather them.
        if (Interlocked.Exchange(ref holding.IsRenewing, 1) == 1)
            return;
        try
        {
            var runsOutAt = RunsOutAt();
            var renewed = await InTimeAsync(
                "renew",
                cancellation =>
                    _table.RenewAsync(
                        Settings.LeaseName,
                        Settings.OwnerName,
                        Settings.TimeoutSettings.HeartbeatTimeout,
                        cancellation
                    )
            );
            if (!renewed)
                End(holding)?.Lost(null);
            else
                lock (_gate)
                    holding.RunsOutAt = Math.Max(holding.RunsOutAt, runsOutAt);
        }
        catch (LeaseException away)
        {
            // The database may be back before the time is over.
            if (holding.RunsOutAt <= _time.GetTimestamp())
                End(holding)?.Lost(away);
        }
        finally
        {
            Volatile.Write(ref holding.IsRenewing, 0);
        }
    }

    private Holding? CurrentHolding()
    {
        lock (_gate)
            return _holding;
    }

    /// <returns>The holding, if it was this caller who ended it.</returns>
    private Holding? End(Holding? holding)
    {
        lock (_gate)
        {
            if (holding is null || !ReferenceEquals(_holding, holding))
                return null;
            _holding = null;
        }
        holding.Renewal?.Dispose();
        return holding;
    }

    private async Task<bool> InTimeAsync(string what, Func<CancellationToken, Task<bool>> ask)
    {
        using var limit = new CancellationTokenSource(Settings.TimeoutSettings.OperationTimeout, _time);
        try
        {
            // Npgsql waits for the server's word on a cancelled statement; who asks here must not.
            return await ask(limit.Token).WaitAsync(Settings.TimeoutSettings.OperationTimeout, _time);
        }
        catch (Exception cause) when (cause is OperationCanceledException or TimeoutException)
        {
            throw new LeaseTimeoutException(
                $"could not {what} the lease {Settings.LeaseName} for {Settings.OwnerName} within {Settings.TimeoutSettings.OperationTimeout}: the farm database does not answer",
                cause
            );
        }
        catch (System.Data.Common.DbException cause)
        {
            throw new LeaseException(
                $"could not {what} the lease {Settings.LeaseName} for {Settings.OwnerName}: {cause.Message}",
                cause
            );
        }
    }

    /// <summary>From taking to losing or giving back.</summary>
    private sealed class Holding
    {
        public int IsRenewing;

        public long RunsOutAt { get; set; }

        public required Action<Exception?> Lost { get; set; }

        public ITimer? Renewal { get; set; }
    }
}
