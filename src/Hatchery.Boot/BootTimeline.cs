using System.Collections.Concurrent;
using System.Data.Common;
using System.Net;
using Hatchery.Boot.Dhcp;
using Hatchery.Boot.Net;
using Hatchery.Wire;
using Microsoft.Extensions.Logging;

namespace Hatchery.Boot;

/// <summary>Reports steps of which the protocol says only the machine's address: whose that is say our leases, what the machine itself
/// told the proxy, or the kernel's neighbour table.</summary>
public sealed class BootTimeline(
    IBootDirectory directory,
    ILeaseStore leases,
    IHostNetwork network,
    ILogger<BootTimeline> logger
)
{
    private const int LearnedMax = 4096;

    private readonly ConcurrentDictionary<IPAddress, MacAddress> _learned = [];

    /// <summary>A machine has said that somebody else gave it this address.</summary>
    public void Learn(IPAddress client, MacAddress mac)
    {
        if (_learned.Count >= LearnedMax)
            _learned.Clear();
        _learned[client] = mac;
    }

    /// <summary>Never throws: the timeline is telemetry, and a machine that nobody knows is logged only.</summary>
    public async Task ReportAsync(IPAddress client, BootStep step, string detail)
    {
        if (await OwnerAsync(client) is { } mac)
            directory.Report(new(mac, step, detail, client));
        else
            logger.ClientUnknown(client);
    }

    /// <summary>The machine whose address it is; null: nobody knows.</summary>
    public async Task<MacAddress?> OwnerAsync(IPAddress client)
    {
        try
        {
            if (await leases.OfAddressAsync(client, CancellationToken.None) is { } lease)
                return lease.Mac;
        }
        catch (DbException)
        {
            // The other ways do not need the database.
        }
        return _learned.TryGetValue(client, out var mac) ? mac : network.Neighbor(client);
    }
}
