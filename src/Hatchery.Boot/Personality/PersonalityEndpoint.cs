using System.Net;
using Hatchery.Boot.Net;
using Hatchery.Devices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Hatchery.Boot.Http;

/// <summary>Gives a machine its personality data, from memory, to whoever has the nonce of its boot script.</summary>
public sealed class PersonalityEndpoint(
    IFarmView view,
    BootNonce nonces,
    TimeProvider time,
    ILogger<PersonalityEndpoint> logger
)
{
    private readonly AddressRate _rate = new(perSecond: 5, most: 50, time);

    /// <summary>Maps <c>/personality/{target}</c>, the name of the machine's disk as its boot script has it; <c>?format=lines</c> for a shell, else JSON.</summary>
    public void Map(WebApplication http) => http.MapGet("/personality/{target}", Answer);

    private IResult Answer(HttpContext context, string target, string? format)
    {
        var client = context.Connection.RemoteIpAddress ?? IPAddress.None;
        client = client.Unmapped() ?? client;
        context.Response.Headers.CacheControl = "no-store";
        if (!_rate.Admits(client))
        {
            context.Response.Headers.RetryAfter = "1";
            return Results.Text("too often: ask again in a second\n", statusCode: StatusCodes.Status429TooManyRequests);
        }
        var farm = view.Current;
        if (MachineProof.Find(farm, nonces, target, out var why) is not { } device)
        {
            logger.PersonalityRefused(client, why!);
            return Results.Text(why + "\n", statusCode: StatusCodes.Status403Forbidden);
        }
        var document = PersonalityDocument.Of(device, farm);
        return format switch
        {
            null or "json" => Results.Text(document.ToJson(), "application/json"),
            "lines" => Results.Text(document.ToLines(), "text/plain"),
            _ => Results.Text("format is json or lines\n", statusCode: StatusCodes.Status400BadRequest),
        };
    }
}
