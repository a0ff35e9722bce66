using Hatchery.Boot.Net;
using Hatchery.Wire.Dhcp;
using Microsoft.Extensions.Logging;

namespace Hatchery.Boot.Dhcp;

/// <summary>Tells network-boot clients what to load beside a server that gives them their addresses (PXE 2.1 section 2.2.3);
/// everybody else hears nothing. Holds no leases.</summary>
public sealed class ProxyDhcpResponder(
    DhcpSettings settings,
    IBootDirectory directory,
    BootTimeline timeline,
    ILogger<ProxyDhcpResponder> logger
) : IDhcpResponder
{
    public string? Refuses(DhcpArrival arrival) => DhcpRefusal.Of(arrival);

    public Task<DhcpMessage?> AnswerAsync(DhcpArrival arrival, CancellationToken cancellation) =>
        Task.FromResult(Answer(arrival));

    private DhcpMessage? Answer(DhcpArrival arrival)
    {
        var request = arrival.Message;
        if (Refuses(arrival) is not null)
            return null;
        DhcpMessageType? type = (arrival.IsOnProxyPort, request.Type) switch
        {
            (false, DhcpMessageType.Discover) => DhcpMessageType.Offer,
            (true, DhcpMessageType.Request or DhcpMessageType.Inform) => DhcpMessageType.Ack,
            _ => null,
        };
        if (type is null)
            return null;
        var configured = ConfiguredOptions.OfProxy(settings, directory.OptionsOf(request.ClientMac));
        if (DhcpReplies.Proxy(type.Value, request, arrival.Server, settings, configured) is not { } answer)
            return null;
        if (type == DhcpMessageType.Offer)
        {
            directory.Report(new(request.ClientMac, BootStep.Discovered, NetworkBoot.Describe(request.Options)));
            directory.Report(new(request.ClientMac, BootStep.Offered, answer.BootFile));
        }
        else
        {
            if (!request.ClientAddress.IsAny())
                timeline.Learn(request.ClientAddress, request.ClientMac);
            directory.Report(new(request.ClientMac, BootStep.Requested, answer.BootFile));
        }
        logger.ProxyAnswered(type.Value, answer.BootFile, request.ClientMac);
        return answer;
    }
}
