using System.Net;
using Hatchery.Wire;

namespace Hatchery.Boot.Dhcp;

/// <summary>Who has which address; shared by all servers of a farm. What a method answered is committed.</summary>
public interface ILeaseStore
{
    /// <summary>The machine's leases, also those that have ended, newest first.</summary>
    /// <exception cref="System.Data.Common.DbException">The database is away; so for every method.</exception>
    Task<IReadOnlyList<Lease>> OfMachineAsync(MacAddress mac, CancellationToken cancellation);

    Task<Lease?> OfAddressAsync(IPAddress address, CancellationToken cancellation);

    /// <summary>Every row from the first to the last address, ended ones too: address and end.</summary>
    Task<IReadOnlyDictionary<uint, LeaseEnd>> EndsAsync(uint first, uint last, CancellationToken cancellation);

    /// <summary>Leases by address, ended ones too.</summary>
    /// <param name="after">Begins with the address after this one.</param>
    Task<IReadOnlyList<Lease>> ListAsync(uint after, int most, CancellationToken cancellation);

    /// <summary>Gives the address to the lease's machine unless another has it now; false: another has it, or the lease is an offer
    /// and the machine is bound to the address already, maybe by another server since we looked.</summary>
    /// <param name="isOverOffers">An address that another was only offered counts as free (RFC 2131 section 3.1 does not ask a server
    /// to hold what it offered).</param>
    Task<bool> TryTakeAsync(Lease lease, DateTimeOffset now, bool isOverOffers, CancellationToken cancellation);

    /// <summary>Changes state and end of a lease that this machine holds; false: it does not hold it.</summary>
    Task<bool> TryEndAsync(
        IPAddress address,
        MacAddress mac,
        LeaseState state,
        DateTimeOffset expiresAt,
        CancellationToken cancellation
    );
}

public readonly record struct LeaseEnd(DateTimeOffset ExpiresAt, LeaseState State);
