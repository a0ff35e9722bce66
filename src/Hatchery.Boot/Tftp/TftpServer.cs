using Hatchery.Boot.Files;
using Hatchery.Boot.Net;
using Hatchery.Devices;
using Microsoft.Extensions.Logging;

namespace Hatchery.Boot.Tftp;

/// <summary>The TFTP service on its configured interfaces: reads only, boot programs only.</summary>
public sealed class TftpServer(
    TftpSettings settings,
    BootFolder files,
    BootTimeline timeline,
    IHostNetwork network,
    TimeProvider time,
    ILogger<TftpServer> logger
) : IAsyncDisposable
{
    private readonly List<TftpListener> _listeners = [];
    private readonly TftpTransfers _transfers = new(settings, files, timeline, network, time, logger);

    public ServiceUse Use => _transfers.Use;

    /// <summary>Binds and answers from now on; returns when it is bound.</summary>
    /// <exception cref="BootServiceException">An interface or a port is not as it must be; nothing stays bound.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        try
        {
            foreach (var name in settings.Interfaces)
            {
                cancellation.ThrowIfCancellationRequested();
                _listeners.Add(TftpListener.Bind(name, settings.Port, network, _transfers, logger));
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

    /// <summary>Ends all transfers.</summary>
    public async ValueTask DisposeAsync()
    {
        // All at once: each waits for the transfers of all.
        await Task.WhenAll(_listeners.Select(l => l.DisposeAsync().AsTask()));
        _listeners.Clear();
    }
}
