using System.Net;
using Hatchery.Boot.Net;
using Hatchery.Wire.Dhcp;
using Microsoft.Extensions.Logging;

namespace Hatchery.Boot.Dhcp;

/// <summary>Decides on messages: one in, one or none out. Knows no sockets; what it grants is committed before it answers.</summary>
public sealed class DhcpResponder(
    DhcpSettings settings,
    ILeaseStore leases,
    IAddressProbe probe,
    IBootDirectory directory,
    TimeProvider time,
    ILogger<DhcpResponder> logger
) : IDhcpResponder
{
    /// <summary>BOOTP knows no end of a lease.</summary>
    private static readonly TimeSpan s_forever = TimeSpan.FromDays(36_500);

    private readonly Dictionary<DhcpSubnet, AddressPool> _pools = settings.Subnets.ToDictionary<
        DhcpSubnet,
        DhcpSubnet,
        AddressPool
    >(subnet => subnet, subnet => new AddressPool(subnet, settings.Reservations), ReferenceEqualityComparer.Instance);

    /// <summary>The addresses for BOOTP, as subnets that have these as their pool.</summary>
    private readonly Dictionary<DhcpSubnet, (DhcpSubnet Subnet, AddressPool Pool)> _bootpPools = settings
        .Subnets.Where(subnet => subnet.Bootp is not null)
        .ToDictionary<DhcpSubnet, DhcpSubnet, (DhcpSubnet, AddressPool)>(
            subnet => subnet,
            subnet =>
            {
                var bootp = subnet with { First = subnet.Bootp!.First, Last = subnet.Bootp.Last };
                return (bootp, new(bootp, settings.Reservations));
            },
            ReferenceEqualityComparer.Instance
        );

    public string? Refuses(DhcpArrival arrival) =>
        DhcpRefusal.Of(arrival) ?? (arrival.SubnetOf(settings.Subnets) is null ? DhcpRefusal.NoSubnet : null);

    public async Task<DhcpMessage?> AnswerAsync(DhcpArrival arrival, CancellationToken cancellation)
    {
        var message = arrival.Message;
        if (DhcpRefusal.Of(arrival) is not null || DhcpIntent.Of(message) is not { } intent)
            return null;
        if (arrival.SubnetOf(settings.Subnets) is not { } subnet)
            return null;
        return await AnswerAsync(new(arrival, subnet, _pools[subnet]), intent, cancellation);
    }

    private async Task<DhcpMessage?> AnswerAsync(Client client, DhcpIntent intent, CancellationToken cancellation) =>
        intent switch
        {
            DhcpIntent.Discover discover => await OfferAsync(client, discover.Wish, cancellation),
            DhcpIntent.Select select => await SelectAsync(client, select.Address, cancellation),
            DhcpIntent.Reboot reboot => await RebootAsync(client, reboot.Address, cancellation),
            DhcpIntent.Extend extend => await ConfirmAsync(client, extend.Address, cancellation),
            DhcpIntent.Decline decline => await DeclineAsync(client, decline.Address, cancellation),
            DhcpIntent.Release release => await ReleaseAsync(client, release.Address, cancellation),
            DhcpIntent.Bootp => await BootpAsync(client, cancellation),
            DhcpIntent.Inform => DhcpReplies.Inform(
                client.Message,
                client.Subnet,
                client.Server,
                settings,
                OptionsFor(client)
            ),
            _ => null,
        };

    private async Task<DhcpMessage?> OfferAsync(Client client, IPAddress? wish, CancellationToken cancellation)
    {
        var boots = NetworkBoot.Is(client.Message.Options);
        if (boots)
            directory.Report(
                new(client.Message.ClientMac, BootStep.Discovered, NetworkBoot.Describe(client.Message.Options))
            );
        if (await FindAddressAsync(client, wish, cancellation) is not { } address)
        {
            logger.PoolExhausted(client.Subnet.Network, client.Message.ClientMac);
            if (boots)
                directory.Report(
                    new(client.Message.ClientMac, BootStep.NotOffered, $"no address is left in {client.Subnet.Network}")
                );
            return null;
        }
        if (boots)
            directory.Report(new(client.Message.ClientMac, BootStep.Offered, address.ToString(), address));
        return Grant(DhcpMessageType.Offer, client, address);
    }

    /// <summary>An address that is now held for this machine; null where there is none left.</summary>
    private async Task<IPAddress?> FindAddressAsync(Client client, IPAddress? wish, CancellationToken cancellation)
    {
        var (mac, now) = (client.Message.ClientMac, time.GetUtcNow());
        var had = await leases.OfMachineAsync(mac, cancellation);
        foreach (var address in client.Pool.Preferred(mac, had.Select(l => l.Address), wish, client.OwnAddresses))
        {
            // A lease that runs is offered as it stands: an offer must not shorten it.
            var runs = had.Any(l => l.Address.Equals(address) && l.State == LeaseState.Bound && l.ExpiresAt > now);
            if (runs || await TryHoldAsync(client, address, now, isOverOffers: false, cancellation))
                return address;
        }
        return await FindFreeAsync(client, isFresh: false, now, cancellation)
            ?? await FindFreeAsync(client, isFresh: true, now, cancellation);
    }

    private async Task<IPAddress?> FindFreeAsync(
        Client client,
        bool isFresh,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        if (client.Subnet is not { First: { } first, Last: { } last })
            return null;
        var ends = await client.Pool.Hints.ReadAsync(
            isFresh,
            now,
            () => leases.EndsAsync(first.Number(), last.Number(), CancellationToken.None),
            cancellation
        );
        foreach (var address in client.Pool.Free(client.Message.ClientMac, ends, now, client.OwnAddresses))
        {
            if (await TryHoldAsync(client, address, now, isOverOffers: false, cancellation))
                return address;
        }
        if (!isFresh)
            return null;
        foreach (var address in client.Pool.Offered(client.Message.ClientMac, ends, client.OwnAddresses))
        {
            if (await TryHoldAsync(client, address, now, isOverOffers: true, cancellation))
                return address;
        }
        return null;
    }

    /// <summary>Held first and pinged then, so that nobody else is offered the address meanwhile.</summary>
    private async Task<bool> TryHoldAsync(
        Client client,
        IPAddress address,
        DateTimeOffset now,
        bool isOverOffers,
        CancellationToken cancellation
    )
    {
        var offered = client.Lease(address, LeaseState.Offered, now + settings.OfferDuration);
        if (!await TryTakeAsync(client, offered, isOverOffers, cancellation))
            return false;
        if (!await probe.IsInUseAsync(address, cancellation))
            return true;
        if (await TrySetAsideAsync(client, address, LeaseState.InUse, cancellation))
            logger.FoundInUse(address, settings.DeclineDuration);
        return false;
    }

    private async Task<bool> TryTakeAsync(Client client, Lease lease, bool isOverOffers, CancellationToken cancellation)
    {
        if (!await leases.TryTakeAsync(lease, time.GetUtcNow(), isOverOffers, cancellation))
            return false;
        client.Pool.Hints.Set(lease.Address, new(lease.ExpiresAt, lease.State));
        return true;
    }

    private async Task<bool> TrySetAsideAsync(
        Client client,
        IPAddress address,
        LeaseState why,
        CancellationToken cancellation
    )
    {
        var until = time.GetUtcNow() + settings.DeclineDuration;
        if (!await leases.TryEndAsync(address, client.Message.ClientMac, why, until, cancellation))
            return false;
        client.Pool.Hints.Set(address, new(until, why));
        return true;
    }

    private async Task<DhcpMessage?> SelectAsync(Client client, IPAddress address, CancellationToken cancellation)
    {
        if (client.Allows(address) && await TryBindAsync(client, address, DurationFor(client), cancellation))
            return Grant(DhcpMessageType.Ack, client, address);
        return Refuse(client, address, "this address is not to be had");
    }

    /// <summary>A machine that starts can move to where it is reserved now, or to what we know it has; one that runs cannot.</summary>
    private async Task<DhcpMessage?> RebootAsync(Client client, IPAddress address, CancellationToken cancellation)
    {
        var mac = client.Message.ClientMac;
        if (client.Pool.ReservationOf(mac) is { } reservation && !reservation.Address.Equals(address))
            return Refuse(client, address, $"{reservation.Address} is reserved for you");
        var (had, now) = (await leases.OfMachineAsync(mac, cancellation), time.GetUtcNow());
        if (
            !had.Any(l => l.Address.Equals(address))
            && had.Any(l =>
                l.State == LeaseState.Bound && l.ExpiresAt > now && client.Subnet.Network.Contains(l.Address)
            )
        )
            return Refuse(client, address, "you have another address");
        return await ConfirmAsync(client, address, cancellation);
    }

    /// <summary>A machine says which address it has, without an offer of ours.</summary>
    private async Task<DhcpMessage?> ConfirmAsync(Client client, IPAddress address, CancellationToken cancellation)
    {
        if (!client.Subnet.Network.Contains(address))
            return Refuse(client, address, "this address is of another network");
        var lease = await leases.OfAddressAsync(address, cancellation);
        if (lease is null || lease.Mac != client.Message.ClientMac)
        {
            var anothers = lease is not null && lease.ExpiresAt > time.GetUtcNow();
            return anothers || settings.Authoritative ? Refuse(client, address, "this address is not yours") : null;
        }
        return await SelectAsync(client, address, cancellation);
    }

    private async Task<DhcpMessage?> DeclineAsync(Client client, IPAddress address, CancellationToken cancellation)
    {
        if (await TrySetAsideAsync(client, address, LeaseState.Declined, cancellation))
            logger.Declined(address, client.Message.ClientMac, settings.DeclineDuration);
        return null;
    }

    private async Task<DhcpMessage?> ReleaseAsync(Client client, IPAddress address, CancellationToken cancellation)
    {
        var (mac, now) = (client.Message.ClientMac, time.GetUtcNow());
        if (await leases.TryEndAsync(address, mac, LeaseState.Released, now, cancellation))
        {
            client.Pool.Hints.Set(address, new(now, LeaseState.Released));
            logger.Released(address, mac);
        }
        return null;
    }

    private async Task<DhcpMessage?> BootpAsync(Client client, CancellationToken cancellation)
    {
        // RFC 951 section 7.3: it wants the server of this name.
        if (
            client.Message.ServerName is { Length: > 0 } wanted
            && !wanted.Equals(settings.ServerName, StringComparison.OrdinalIgnoreCase)
            && wanted != client.Server.ToString()
        )
            return null;
        var address = client.Pool.ReservationOf(client.Message.ClientMac)?.Address;
        if (address is null && _bootpPools.TryGetValue(client.Subnet, out var bootp))
            address = await FindAddressAsync(
                client with
                {
                    Subnet = bootp.Subnet,
                    Pool = bootp.Pool,
                },
                null,
                cancellation
            );
        if (address is null || !await TryBindAsync(client, address, s_forever, cancellation))
            return null;
        logger.GrantedBootp(address, client.Message.ClientMac);
        return DhcpReplies.Bootp(client.Message, address, client.Subnet, client.Server, settings, OptionsFor(client));
    }

    private Task<bool> TryBindAsync(
        Client client,
        IPAddress address,
        TimeSpan duration,
        CancellationToken cancellation
    ) =>
        TryTakeAsync(
            client,
            client.Lease(address, LeaseState.Bound, time.GetUtcNow() + duration),
            isOverOffers: true,
            cancellation
        );

    private DhcpMessage Grant(DhcpMessageType type, Client client, IPAddress address)
    {
        logger.Granted(type, address, client.Message.ClientMac);
        if (type == DhcpMessageType.Ack && NetworkBoot.Is(client.Message.Options))
            directory.Report(new(client.Message.ClientMac, BootStep.Requested, address.ToString(), address));
        return DhcpReplies.Grant(
            type,
            client.Message,
            address,
            client.Subnet,
            client.Server,
            settings,
            OptionsFor(client)
        );
    }

    private TimeSpan DurationFor(Client client) => settings.LeaseDurationFor(client.Message);

    private DhcpOptions OptionsFor(Client client)
    {
        var mac = client.Message.ClientMac;
        return ConfiguredOptions.Of(settings, client.Subnet, client.Pool.ReservationOf(mac), directory.OptionsOf(mac));
    }

    private DhcpMessage Refuse(Client client, IPAddress address, string reason)
    {
        logger.Refused(address, client.Message.ClientMac, reason);
        return DhcpReplies.Refuse(client.Message, client.Server, reason);
    }

    private sealed record Client(DhcpArrival Arrival, DhcpSubnet Subnet, AddressPool Pool)
    {
        public DhcpMessage Message => Arrival.Message;

        public IReadOnlyList<IPAddress> OwnAddresses => Arrival.OwnAddresses;

        public IPAddress Server { get; } = Arrival.ServerFor(Subnet);

        public bool Allows(IPAddress address) => Pool.Allows(Message.ClientMac, address, OwnAddresses);

        public Lease Lease(IPAddress address, LeaseState state, DateTimeOffset expiresAt) =>
            new(
                address,
                Message.ClientMac,
                Convert.ToHexStringLower(Message.Options[DhcpOptionCode.ClientIdentifier]),
                Message.Options.Text(DhcpOptionCode.HostName) is { Length: <= 255 } name ? Printable(name) : "",
                state,
                expiresAt
            );

        private static string Printable(string text) =>
            string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' ? c : '?'));
    }
}
