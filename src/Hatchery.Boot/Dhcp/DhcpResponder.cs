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

    /// <summary>One at a time at the lease store, except while an address is pinged.</summary>
    private readonly SemaphoreSlim _turn = new(1);

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

    public async Task<DhcpMessage?> AnswerAsync(DhcpArrival arrival, CancellationToken cancellation)
    {
        var message = arrival.Message;
        if (DhcpIntent.Of(message) is not { } intent)
            return null;
        if (arrival.SubnetOf(settings.Subnets) is not { } subnet)
        {
            logger.NoSubnet(message.ClientMac, message.RelayAddress);
            return null;
        }
        await _turn.WaitAsync(cancellation);
        try
        {
            return await AnswerAsync(new(arrival, subnet, _pools[subnet]), intent, cancellation);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<DhcpMessage?> AnswerAsync(Client client, DhcpIntent intent, CancellationToken cancellation) =>
        intent switch
        {
            DhcpIntent.Discover discover => await OfferAsync(client, discover.Wish, cancellation),
            DhcpIntent.Select select => await SelectAsync(client, select, cancellation),
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
            if (runs || await TryHoldAsync(client, address, now, cancellation))
                return address;
        }
        if (client.Subnet is not { First: { } first, Last: { } last })
            return null;
        var ends = await leases.EndsAsync(first.Number(), last.Number(), cancellation);
        foreach (var address in client.Pool.Free(mac, ends, now, client.OwnAddresses))
        {
            if (await TryHoldAsync(client, address, now, cancellation))
                return address;
        }
        return null;
    }

    /// <summary>Held first and pinged then, so that nobody else is offered the address meanwhile.</summary>
    private async Task<bool> TryHoldAsync(
        Client client,
        IPAddress address,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var offered = client.Lease(address, LeaseState.Offered, now + settings.OfferDuration);
        if (!await leases.TryTakeAsync(offered, now, cancellation))
            return false;
        if (!await IsInUseAsync(address, cancellation))
            return true;
        var until = time.GetUtcNow() + settings.DeclineDuration;
        if (await leases.TryEndAsync(address, offered.Mac, LeaseState.Declined, until, cancellation))
            logger.FoundInUse(address, settings.DeclineDuration);
        return false;
    }

    private async Task<bool> IsInUseAsync(IPAddress address, CancellationToken cancellation)
    {
        _turn.Release();
        try
        {
            return await probe.IsInUseAsync(address, cancellation);
        }
        finally
        {
            // Whoever called gives the turn back, so it has to be taken again in any case; those before us are limited in time.
            await _turn.WaitAsync(CancellationToken.None);
        }
    }

    private async Task<DhcpMessage?> SelectAsync(
        Client client,
        DhcpIntent.Select select,
        CancellationToken cancellation
    )
    {
        // Another server was chosen. It may be one of this farm and give the very address that we offered,
        // so the offer is left to run out by itself.
        if (!client.OwnAddresses.Contains(select.Server))
            return null;
        if (client.Allows(select.Address) && await TryBindAsync(client, select.Address, cancellation))
            return Grant(DhcpMessageType.Ack, client, select.Address);
        return Refuse(client, select.Address, "this address is not to be had");
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
        if (client.Allows(address) && await TryBindAsync(client, address, cancellation))
            return Grant(DhcpMessageType.Ack, client, address);
        return Refuse(client, address, "this address is not to be had");
    }

    private async Task<DhcpMessage?> DeclineAsync(Client client, IPAddress address, CancellationToken cancellation)
    {
        var until = time.GetUtcNow() + settings.DeclineDuration;
        if (await leases.TryEndAsync(address, client.Message.ClientMac, LeaseState.Declined, until, cancellation))
            logger.Declined(address, client.Message.ClientMac, settings.DeclineDuration);
        return null;
    }

    private async Task<DhcpMessage?> ReleaseAsync(Client client, IPAddress address, CancellationToken cancellation)
    {
        var mac = client.Message.ClientMac;
        if (await leases.TryEndAsync(address, mac, LeaseState.Released, time.GetUtcNow(), cancellation))
            logger.Released(address, mac);
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
        var now = time.GetUtcNow();
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
        if (
            address is null
            || !await leases.TryTakeAsync(client.Lease(address, LeaseState.Bound, now + s_forever), now, cancellation)
        )
            return null;
        logger.GrantedBootp(address, client.Message.ClientMac);
        return DhcpReplies.Bootp(client.Message, address, client.Subnet, client.Server, settings, OptionsFor(client));
    }

    private async Task<bool> TryBindAsync(Client client, IPAddress address, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var lease = client.Lease(address, LeaseState.Bound, now + settings.LeaseDurationFor(client.Message));
        return await leases.TryTakeAsync(lease, now, cancellation);
    }

    private DhcpMessage Grant(DhcpMessageType type, Client client, IPAddress address)
    {
        logger.Granted(type, address, client.Message.ClientMac);
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
