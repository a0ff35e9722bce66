namespace Hatchery.Devices;

/// <summary>What one service of this server has open, and what it turned away since the server started.</summary>
/// <param name="Service">As in the configuration: iscsi, nbd, http, tftp, logins, devices.</param>
/// <param name="PerAddressMax">0: no bound of its own for one address.</param>
/// <param name="Evicted">Ended to make room, before they had done anything.</param>
public sealed record ServiceUse(string Service, long Open, long Max, int PerAddressMax, long Refused, long Evicted);

/// <summary>Everything of this server that has a bound, for operators. Thread-safe.</summary>
public sealed class ServiceLimits
{
    private readonly Lock _gate = new();
    private readonly List<Func<ServiceUse>> _services = [];

    public IReadOnlyList<ServiceUse> All
    {
        get
        {
            lock (_gate)
                return [.. _services.Select(use => use())];
        }
    }

    public void Add(Func<ServiceUse> use)
    {
        lock (_gate)
            _services.Add(use);
    }
}
