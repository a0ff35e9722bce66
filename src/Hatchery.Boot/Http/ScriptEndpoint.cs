using System.Globalization;
using System.Net;
using Hatchery.Boot.Net;
using Hatchery.Boot.Script;
using Hatchery.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Hatchery.Boot.Http;

/// <summary>Scripts: one for all machines, one for each; and the list of servers. Whoever asks gets one, so nothing lasting stands in them.</summary>
internal sealed class ScriptEndpoint(
    IBootDirectory directory,
    HttpBootSettings settings,
    Func<IReadOnlyList<BootServer>> servers,
    ILogger<ScriptEndpoint> logger
)
{
    private readonly IpxeScript _scripts = new(settings);

    public IResult Generic(HttpContext context) => Script(context, IpxeScript.Generic(ServersFor(context)));

    /// <summary>All servers as <c>ADDRESS:PORT,ADDRESS:PORT</c>, for a machine whose firmware knows one (deploy/initramfs/init).</summary>
    public IResult Portals(HttpContext context) =>
        Script(
            context,
            string.Join(',', ServersFor(context).Select(s => new IPEndPoint(s.Address, s.IscsiPort))) + '\n'
        );

    public async Task<IResult> Own(
        HttpContext context,
        string mac,
        string? uuid,
        string? arch,
        string? relay,
        string? attempt
    )
    {
        if (!MacAddress.TryParse(mac, null, out var address) || !address.IsUnicast)
            return Results.BadRequest("no MAC address");
        var client = new BootClient(
            address,
            Guid.TryParse(uuid, out var known) && known != Guid.Empty ? known : null,
            ushort.TryParse(arch, NumberStyles.None, CultureInfo.InvariantCulture, out var architecture)
                ? architecture
                : null,
            context.Connection.RemoteIpAddress.Unmapped(),
            IPAddress.TryParse(relay, out var agent) ? agent.Unmapped() : null
        );
        var tries = ushort.TryParse(attempt, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? count
            : 0;
        // A question for the head alone changes nothing.
        var notAdmitted = HttpMethods.IsGet(context.Request.Method)
            ? await directory.AdmitAsync(client, context.RequestAborted)
            : null;
        var plan = notAdmitted is null ? directory.Plan(client) : new BootPlan.Nothing(notAdmitted);
        var asked = ServersFor(context);
        plan = plan switch
        {
            BootPlan.San { Servers: { } named } san => san with { Servers = Reached(named, asked[0]) },
            BootPlan.Kernel { Servers: { } named } kernel => kernel with { Servers = Reached(named, asked[0]) },
            _ => plan,
        };
        var script = _scripts.Render(plan, client, asked, tries, out var refusal);
        if (refusal is not null)
            logger.PlanRefused(address, refusal);
        if (HttpMethods.IsGet(context.Request.Method))
            Report(client, refusal is null ? plan : new BootPlan.Nothing(refusal));
        return Script(context, script);
    }

    private void Report(BootClient client, BootPlan plan)
    {
        var (kind, detail) = plan switch
        {
            BootPlan.San san => ("san", san.TargetName),
            BootPlan.Kernel kernel => ("kernel", kernel.KernelPath),
            BootPlan.Nothing nothing => ("nothing", nothing.Reason),
            _ => ("", ""),
        };
        Telemetry.Scripts.Add(1, new KeyValuePair<string, object?>("plan", kind));
        logger.ScriptSent(client.Mac, client.Address, $"{kind} {detail}");
        var step = plan is BootPlan.Nothing ? BootStep.NothingToBoot : BootStep.ScriptSent;
        directory.Report(new(client.Mac, step, detail, client.Address));
    }

    /// <summary>The one that was asked first: the machine reaches it.</summary>
    private List<BootServer> ServersFor(HttpContext context)
    {
        var address = context.Connection.LocalIpAddress ?? IPAddress.Loopback;
        var asked = new BootServer(address.Unmapped() ?? address, context.Connection.LocalPort, settings.IscsiPort);
        return [asked, .. servers().Where(s => !s.Address.Equals(asked.Address))];
    }

    /// <summary>A server that listens at every address is named by the one at which the machine reached it.</summary>
    private static IReadOnlyList<BootServer> Reached(IReadOnlyList<BootServer> named, BootServer asked) =>
        [
            .. named.Select(s =>
                s.Address.Equals(IPAddress.Any) || s.Address.Equals(IPAddress.IPv6Any)
                    ? s with
                    {
                        Address = asked.Address,
                    }
                    : s
            ),
        ];

    private static IResult Script(HttpContext context, string script)
    {
        context.Response.Headers.CacheControl = "no-store";
        return Results.Text(script, "text/plain");
    }
}
