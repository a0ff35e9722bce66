using System.Collections.Concurrent;
using System.Net;
using Hatchery.Boot.Dhcp;

namespace Hatchery.Boot.Tests.Dhcp;

/// <summary>Nobody is there, unless a test says otherwise.</summary>
internal sealed class FakeProbe : IAddressProbe
{
    public Func<IPAddress, Task<bool>> Answer { get; set; } = _ => Task.FromResult(false);

    public ConcurrentQueue<IPAddress> Asked { get; } = new();

    public Task<bool> IsInUseAsync(IPAddress address, CancellationToken cancellation)
    {
        Asked.Enqueue(address);
        return Answer(address);
    }
}
