using System.Net;
using Hatchery.Boot.Net;
using Hatchery.Devices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Hatchery.Boot.Http;

/// <summary>Hears from machines how the write caches are that they have themselves.</summary>
public sealed class OwnCacheEndpoint(
    IFarmView view,
    BootNonce nonces,
    OwnCaches caches,
    ILogger<OwnCacheEndpoint> logger
)
{
    /// <summary>Maps <c>POST /cache/{target}</c>, the name of the machine's disk as its boot script has it, with an <see cref="OwnCacheReport"/>.</summary>
    public void Map(WebApplication http) => http.MapPost("/cache/{target}", AnswerAsync);

    private async Task<IResult> AnswerAsync(HttpContext context, string target)
    {
        var client = context.Connection.RemoteIpAddress.Unmapped() ?? IPAddress.None;
        // First, whoever asks: an answer to what is not read yet may cost the connection.
        var read = await ReadAsync(context);
        if (MachineProof.Find(view.Current, nonces, target, out var why) is not { } device)
        {
            logger.OwnCacheRefused(client, why!);
            return Results.Text(why + "\n", statusCode: StatusCodes.Status403Forbidden);
        }
        if (read is not { } report)
        {
            logger.OwnCacheRefused(client, "it cannot be read");
            return Results.Text("this is no report\n", statusCode: StatusCodes.Status400BadRequest);
        }
        _ = TargetName.TryParse(target, out var name);
        return caches.TryTake(device, name.Boot!.Value, report)
            ? Results.NoContent()
            : Results.Text("too often, or of a boot that is over\n", statusCode: StatusCodes.Status429TooManyRequests);
    }

    private static async Task<OwnCacheReport?> ReadAsync(HttpContext context)
    {
        if (context.Request.ContentLength is not (> 0 and <= OwnCacheReport.LengthMax and var length))
            return null;
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } bound)
            bound.MaxRequestBodySize = OwnCacheReport.LengthMax;
        var body = new byte[length];
        try
        {
            await context.Request.Body.ReadExactlyAsync(body, context.RequestAborted);
        }
        catch (Exception cut) when (cut is IOException or OperationCanceledException)
        {
            return null;
        }
        return OwnCacheReport.TryRead(body, out var report) ? report : null;
    }
}
