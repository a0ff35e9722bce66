using System.Net;

namespace Hatchery.Boot.Dhcp;

/// <summary>Finds out whether somebody uses an address without a lease.</summary>
public interface IAddressProbe
{
    Task<bool> IsInUseAsync(IPAddress address, CancellationToken cancellation);
}
