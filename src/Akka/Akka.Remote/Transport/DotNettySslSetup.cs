using System.Security.Cryptography.X509Certificates;

namespace Akka.Remote.Transport.DotNetty;

/// <summary>The certificate of a system, given in code; it goes before that of the configuration.</summary>
public sealed class DotNettySslSetup(X509Certificate2 certificate, bool suppressValidation) : Actor.Setup.Setup
{
    /// <summary>The certificate with its private key, for both roles.</summary>
    public X509Certificate2 Certificate { get; } = certificate;

    /// <summary>Takes any certificate of a peer: for tests only.</summary>
    public bool SuppressValidation { get; } = suppressValidation;
}
