using System.Collections.Concurrent;
using System.Data.Common;
using Akka.Actor;
using Hatchery.Boot.Dhcp;
using Hatchery.Devices;
using Hatchery.Wire;
using Microsoft.Extensions.Logging;

namespace Hatchery.Boot;

/// <summary>
/// Adds or refuses machines that the farm does not know, by its rules, when they fetch their boot script. DHCP alone adds nobody: an
/// address is answered to anybody who invents one, while a script is fetched by who holds a lease. One is added at a time, so many a
/// second and up to its collection's limit.
/// </summary>
/// <param name="leases">Who has which address; null where this farm gives none.</param>
public sealed class UnknownMachines(
    Farm farm,
    ILeaseStore? leases,
    UnknownMachineSettings settings,
    TimeProvider time,
    ILogger<UnknownMachines> log
)
{
    private const int WaitingMax = 256;
    private const int SeenMax = 1024;
    private const string Later = "many machines are being added: it is asked again";

    private readonly DeviceAdministration _devices = new(farm);
    private readonly SemaphoreSlim _turn = new(1);
    private readonly TokenBucket _adds = new(settings.AddsPerSecond, settings.AddsAtOnce, time);
    private readonly Lock _gate = new();
    private readonly Dictionary<MacAddress, SeenMachine> _seen = [];
    private readonly ConcurrentDictionary<string, long> _counts = new(StringComparer.Ordinal);
    private int _waiting;

    /// <summary>Machines that asked lately, the latest first; those of this server since it started.</summary>
    public IReadOnlyList<SeenMachine> Seen
    {
        get
        {
            lock (_gate)
                return [.. _seen.Values.OrderByDescending(s => s.At)];
        }
    }

    /// <summary>How often a rule decided on a machine here since the server started.</summary>
    public long CountOf(string rule) => _counts.GetValueOrDefault(rule);

    /// <summary>Null: the farm knows the machine, now at least. Otherwise why it does not boot, for its console.</summary>
    public async ValueTask<string?> AdmitAsync(BootClient client, CancellationToken cancellation)
    {
        if (farm.View.Current.Device(client.Mac) is not null)
            return null;
        var machine = new UnknownMachine(client.Mac, client.Architecture, client.Address, client.Relay);
        var (outcome, rule, reason) = await DecideAsync(machine, client.Uuid, cancellation);
        Remember(machine, outcome, rule, reason);
        if (rule is not null)
            _counts.AddOrUpdate(rule, 1, (_, count) => count + 1);
        Telemetry.UnknownMachines.Add(1, new("outcome", outcome), new("rule", rule));
        return reason;
    }

    private async Task<(string Outcome, string? Rule, string? Reason)> DecideAsync(
        UnknownMachine machine,
        Guid? uuid,
        CancellationToken cancellation
    )
    {
        if (Answer(UnknownVerdict.Of(farm.View.Current, machine), machine) is { } answer)
            return answer;
        if (Interlocked.Increment(ref _waiting) > WaitingMax)
        {
            Interlocked.Decrement(ref _waiting);
            return ("later", null, Later);
        }
        try
        {
            await _turn.WaitAsync(cancellation);
            try
            {
                return await AddAsync(machine, uuid, cancellation);
            }
            finally
            {
                _turn.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>Null where the machine is to be added.</summary>
    private static (string Outcome, string? Rule, string? Reason)? Answer(
        UnknownVerdict verdict,
        UnknownMachine machine
    ) =>
        verdict switch
        {
            UnknownVerdict.Known => ("added", null, null),
            UnknownVerdict.NoRule => (
                "no-rule",
                null,
                $"this farm does not know {machine.Mac}: pbm device add NAME {machine.Mac}"
            ),
            UnknownVerdict.Refuse v => ("refused", v.Rule.Name, $"refused by rule {v.Rule.Name}: {v.Reason}"),
            _ => null,
        };

    private async Task<(string Outcome, string? Rule, string? Reason)> AddAsync(
        UnknownMachine machine,
        Guid? uuid,
        CancellationToken cancellation
    )
    {
        // What was so before we waited need not be so now.
        var verdict = UnknownVerdict.Of(farm.View.Current, machine);
        if (verdict is not UnknownVerdict.Add(var rule, var collection))
            return Answer(verdict, machine)!.Value;
        try
        {
            if (await WhyNoLeaseAsync(machine, cancellation) is { } noLease)
                return ("no-lease", rule.Name, noLease);
            if (!_adds.TryTake())
                return ("later", rule.Name, Later);
            var reply = await _devices.AddUnknownAsync(machine.Mac, uuid, collection, rule.Name);
            if (reply is Reply.Refused refused)
                return ("refused", rule.Name, $"rule {rule.Name} cannot add it: {refused.Reason}");
            log.UnknownAdded(
                machine.Mac,
                farm.View.Current.Device(machine.Mac)?.Name ?? "",
                collection.Name,
                rule.Name
            );
            return ("added", rule.Name, null);
        }
        catch (Exception away) when (away is DbException or AskTimeoutException or TimeoutException)
        {
            log.UnknownNotAdded(machine.Mac, away.Message);
            return ("away", null, "the farm database does not answer: it is asked again");
        }
    }

    private async Task<string?> WhyNoLeaseAsync(UnknownMachine machine, CancellationToken cancellation)
    {
        if (leases is null || !settings.NeedsLease)
            return null;
        var lease = machine.Address is { } address ? await leases.OfAddressAsync(address, cancellation) : null;
        return lease is { State: LeaseState.Bound } && lease.Mac == machine.Mac && lease.ExpiresAt > time.GetUtcNow()
            ? null
            : $"{machine.Address} is not leased to {machine.Mac} here, so no rule adds it";
    }

    private void Remember(UnknownMachine machine, string outcome, string? rule, string? reason)
    {
        lock (_gate)
        {
            var times = _seen.TryGetValue(machine.Mac, out var before) ? before.Times : 0;
            if (_seen.Count >= SeenMax && times == 0)
                _seen.Remove(_seen.MinBy(s => s.Value.At).Key);
            _seen[machine.Mac] = new(machine, time.GetUtcNow(), outcome, rule, reason, times + 1);
        }
    }
}
