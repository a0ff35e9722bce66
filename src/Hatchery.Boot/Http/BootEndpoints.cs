using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Hatchery.Boot.Http;

/// <summary>Boot scripts, and the servers that a machine may turn to.</summary>
public static class BootEndpoints
{
    private static readonly string[] s_reading = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Maps <c>/boot.ipxe</c>, <c>/boot/{mac}</c> and <c>/servers/iscsi</c>. Files are <see cref="FileConnections"/>' to serve, which sees a
    /// connection before Kestrel does and not after it: so every answer from here is the last on its connection.</summary>
    /// <param name="servers">All servers that a machine may turn to, as they are now; none: only the one that was asked.</param>
    public static void MapBoot(
        this WebApplication http,
        IBootDirectory directory,
        HttpBootSettings settings,
        ILoggerFactory loggers,
        Func<IReadOnlyList<BootServer>>? servers = null
    )
    {
        var scripts = new ScriptEndpoint(
            directory,
            settings,
            servers ?? (() => []),
            loggers.CreateLogger<ScriptEndpoint>()
        );
        http.Use(
            (context, next) =>
            {
                context.Response.Headers.Connection = "close";
                return next(context);
            }
        );
        http.MapMethods("/boot.ipxe", s_reading, scripts.Generic);
        http.MapMethods("/boot/{mac}", s_reading, scripts.Own);
        http.MapMethods("/servers/iscsi", s_reading, scripts.Portals);
    }
}
