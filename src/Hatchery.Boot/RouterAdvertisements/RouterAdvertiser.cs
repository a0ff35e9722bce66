using Hatchery.Boot.Net;
using Microsoft.Extensions.Logging;

namespace Hatchery.Boot.RouterAdvertisements;

/// <summary>Answers iPXE's router solicitations, for which it otherwise waits 16 s. The answer offers no route and no prefix, so
/// that nobody's network changes. A host that cannot do it goes on without.</summary>
public sealed class RouterAdvertiser(
    RouterAdvertiserSettings settings,
    IHostNetwork network,
    ILogger<RouterAdvertiser> logger
) : IAsyncDisposable
{
    private readonly List<SolicitationListener> _listeners = [];

    /// <summary>Answers from now on, wherever it can; where not, it logs one line.</summary>
    public Task StartAsync(CancellationToken cancellation)
    {
        foreach (var name in settings.Interfaces)
        {
            cancellation.ThrowIfCancellationRequested();
            if (SolicitationListener.TryBind(name, network, logger) is not { } listener)
                continue;
            _listeners.Add(listener);
            listener.Start();
        }
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var listener in _listeners)
            await listener.DisposeAsync();
        _listeners.Clear();
    }
}
