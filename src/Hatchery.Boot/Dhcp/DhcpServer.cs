using Hatchery.Boot.Net;
using Microsoft.Extensions.Logging;

namespace Hatchery.Boot.Dhcp;

/// <summary>The DHCP service on its configured interfaces.</summary>
public sealed class DhcpServer(
    DhcpSettings settings,
    IDhcpResponder responder,
    IHostNetwork network,
    TimeProvider time,
    ILogger<DhcpServer> logger
) : IAsyncDisposable
{
    private readonly List<DhcpListener> _listeners = [];

    /// <summary>Binds and answers from now on; returns when it is bound.</summary>
    /// <exception cref="BootServiceException">A setting, an interface or a port is not as it must be; nothing stays bound.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        DhcpSettingsCheck.Check(settings);
        try
        {
            foreach (var name in settings.Interfaces)
            {
                cancellation.ThrowIfCancellationRequested();
                _listeners.Add(DhcpListener.Bind(name, DhcpListener.ServerPort, network, responder, Gate(), logger));
                if (settings.Mode == DhcpMode.Proxy)
                    _listeners.Add(DhcpListener.Bind(name, DhcpListener.ProxyPort, network, responder, Gate(), logger));
            }
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
        foreach (var listener in _listeners)
            listener.Start();
    }

    /// <summary>The most messages that were under way at once on an interface.</summary>
    internal int Peak => _listeners.Max(l => l.Peak);

    private DiscoverGate Gate() => new(settings.NewMachinesPerSecond, settings.NewMachinesAtOnce, time);

    public async ValueTask DisposeAsync()
    {
        foreach (var listener in _listeners)
            await listener.DisposeAsync();
        _listeners.Clear();
    }
}
