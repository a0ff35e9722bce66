using System.Collections.Concurrent;
using System.Net;
using Hatchery.Devices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Hatchery.Boot.Http;

/// <summary>Bounds the connections of the HTTP service; one that asks for nothing just now gives up its place when all are taken.</summary>
public sealed class HttpConnectionCap(int max, int perAddressMax, ILogger logger)
{
    private readonly ServiceCap _cap = new("http", max, perAddressMax);
    private readonly ConcurrentDictionary<string, ServiceCap.Place> _places = new(StringComparer.Ordinal);

    public ServiceUse Use => _cap.Use;

    /// <summary>Has every connection of a listener take a place.</summary>
    public void Bound(ListenOptions listener) =>
        listener.Use(next =>
            async connection =>
            {
                var remote = (connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;
                using var place = _cap.TryEnter(remote, out var refusal);
                if (place is null)
                {
                    logger.HttpFull(remote, refusal!);
                    connection.Abort();
                    return;
                }
                place.OnEvicted(() => connection.Abort(new ConnectionAbortedException("its place was needed")));
                _places[connection.ConnectionId] = place;
                connection.Features.Set(place);
                try
                {
                    await next(connection);
                }
                finally
                {
                    _places.TryRemove(connection.ConnectionId, out _);
                }
            }
        );

    /// <summary>Keeps the places of those that are being answered.</summary>
    public void Watch(IApplicationBuilder http) =>
        http.Use(
            async (context, next) =>
            {
                var place = _places.GetValueOrDefault(context.Connection.Id);
                place?.SetIdle(isIdle: false);
                try
                {
                    await next(context);
                }
                finally
                {
                    place?.SetIdle(isIdle: true);
                }
            }
        );
}
