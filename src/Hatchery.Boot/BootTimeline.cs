using System.Data.Common;
using System.Net;
using Hatchery.Boot.Dhcp;
using Microsoft.Extensions.Logging;

namespace Hatchery.Boot;

/// <summary>Reports steps of which the protocol says only the machine's address: the lease tells whose it is.</summary>
public sealed class BootTimeline(IBootDirectory directory, ILeaseStore leases, ILogger<BootTimeline> logger)
{
    /// <summary>Never throws: the timeline is telemetry, and a machine without a lease of ours is logged only.</summary>
    public async Task ReportAsync(IPAddress client, BootStep step, string detail)
    {
        try
        {
            var lease = await leases.OfAddressAsync(client, CancellationToken.None);
            if (lease is null)
                logger.ClientUnknown(client, "no lease");
            else
                directory.Report(new(lease.Mac, step, detail, client));
        }
        catch (DbException e)
        {
            logger.ClientUnknown(client, e.Message);
        }
    }
}
