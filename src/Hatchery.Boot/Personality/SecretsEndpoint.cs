using System.Data.Common;
using System.Net;
using System.Text;
using Akka.Actor;
using Hatchery.Boot.Net;
using Hatchery.Devices;
using Hatchery.Disks;
using Hatchery.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Hatchery.Boot.Http;

/// <summary>
/// Gives a machine its secrets: once in a boot, to the boot that has its disk, over TLS, at an address that is its own. Nothing of them is ever
/// logged.
/// </summary>
/// <param name="release">Asks the device's keeper.</param>
/// <param name="ownerOf">The machine whose address it is; null: nobody knows.</param>
/// <param name="timeline">Takes what became of it; never blocks.</param>
public sealed class SecretsEndpoint(
    IFarmView view,
    BootNonce nonces,
    FarmId farm,
    FarmKey? key,
    string server,
    Func<ReleaseSecrets, Task<Reply>> release,
    Func<IPAddress, Task<MacAddress?>> ownerOf,
    Action<TimelineStep> timeline,
    TimeProvider time,
    ILogger<SecretsEndpoint> logger
)
{
    private readonly AddressRate _rate = new(perSecond: 1, most: 10, time);

    /// <summary>Maps <c>/secrets/{target}</c>: lines of a name, a space and the secret in base64.</summary>
    public void Map(WebApplication http) => http.MapGet("/secrets/{target}", AnswerAsync);

    private async Task<IResult> AnswerAsync(HttpContext context, string target)
    {
        var client = context.Connection.RemoteIpAddress ?? IPAddress.None;
        client = client.Unmapped() ?? client;
        context.Response.Headers.CacheControl = "no-store";
        if (!context.Request.IsHttps)
            return No(StatusCodes.Status403Forbidden, "secrets are given over TLS only");
        if (!_rate.Admits(client))
            return No(StatusCodes.Status429TooManyRequests, "too often: ask again in a second");
        if (MachineProof.Find(view.Current, nonces, target, out var why) is not { } device)
            return Refuse(null, client, why!);
        if (device.OwnSecrets.Sealed.IsEmpty)
            return No(StatusCodes.Status404NotFound, $"{device.Name} has no secrets");
        _ = TargetName.TryParse(target, out var name);
        try
        {
            if (await ownerOf(client) is not { } mac || !device.Macs.Contains(mac))
                return Refuse(device, client, $"{client} is not known to be an address of {device.Name}");
            if (key is null)
                return Refuse(device, client, $"{server} has no key for secrets (hatchery.secrets.key-file)");
            if (device.OwnSecrets.Sealed.Any(s => !key.Has(s.Key)))
                return Refuse(device, client, $"{server} does not have the key that they are sealed with");
            var reply = await release(new(device.Id, name.Boot!.Value, client.ToString(), server));
            return reply switch
            {
                SecretsGrant granted => Give(device, client, granted),
                Reply.Refused { Refusal: Refusal.NotFound } none => No(StatusCodes.Status404NotFound, none.Reason),
                Reply.Refused refused => Refuse(device, client, refused.Reason),
                _ => No(StatusCodes.Status503ServiceUnavailable, "ask again"),
            };
        }
        catch (Exception away) when (away is DbException or AskTimeoutException or TimeoutException)
        {
            return No(StatusCodes.Status503ServiceUnavailable, $"the farm does not answer: {away.Message}");
        }
    }

    private IResult Give(DeviceState device, IPAddress client, SecretsGrant granted)
    {
        var text = new StringBuilder();
        foreach (var secret in granted.Secrets)
        {
            if (key!.Open(farm, device.Id, secret) is not { } opened)
                return Refuse(device, client, $"{secret.Name} is not what was sealed for {device.Name}: set it again");
            text.Append(secret.Name).Append(' ').Append(Convert.ToBase64String(opened)).Append('\n');
        }
        Report(device, BootSteps.SecretsSent, $"{granted.Secrets.Length} to {client}");
        return Results.Text(text.ToString(), "text/plain");
    }

    private IResult Refuse(DeviceState? device, IPAddress client, string why)
    {
        logger.SecretsRefused(client, why);
        if (device is not null)
            Report(device, BootSteps.SecretsRefused, why);
        return No(StatusCodes.Status403Forbidden, why);
    }

    private void Report(DeviceState device, string step, string detail) =>
        timeline(new(device.Id, time.GetUtcNow(), step, server, detail));

    private static IResult No(int status, string why) => Results.Text(why + "\n", statusCode: status);
}
