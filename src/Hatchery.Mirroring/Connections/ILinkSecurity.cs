using System.Security.Authentication;

namespace Hatchery.Mirroring;

/// <summary>How a connection between two servers is made safe: both show who they are before anything is said.</summary>
/// <exception cref="AuthenticationException">From both: the peer's certificate or protocol will not do.</exception>
public interface ILinkSecurity
{
    Task<Stream> AsClientAsync(Stream stream, string host, CancellationToken cancellation);

    Task<Stream> AsServerAsync(Stream stream, CancellationToken cancellation);
}
