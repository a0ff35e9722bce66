using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Akka.Configuration;
using Hatchery.Mirroring;

namespace Hatchery.Replication;

/// <summary>TLS between servers, by the settings that their remoting has: one certificate for both roles, and always asked of both.</summary>
public sealed class PeerTls : ILinkSecurity
{
    private const string Section = "akka.remote.dot-netty.tcp";

    private readonly SslStreamCertificateContext _context;
    private readonly bool _takesAny;
    private readonly bool _checksHost;

    public PeerTls(X509Certificate2 certificate, bool takesAny = false, bool checksHost = false)
    {
        _context = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);
        (_takesAny, _checksHost) = (takesAny, checksHost);
    }

    /// <summary>What <c>akka.remote.dot-netty.tcp</c> says of TLS; null for none.</summary>
    /// <exception cref="ConfigurationException">The certificate cannot be had.</exception>
    public static PeerTls? Create(Config configuration)
    {
        if (!configuration.GetBoolean($"{Section}.enable-ssl", false))
            return null;
        return new(
            Certificate(configuration),
            configuration.GetBoolean($"{Section}.ssl.suppress-validation", false),
            configuration.GetBoolean($"{Section}.ssl.validate-certificate-hostname", false)
        );
    }

    /// <exception cref="AuthenticationException">The peer's certificate or protocol will not do.</exception>
    public async Task<Stream> AsClientAsync(Stream stream, string host, CancellationToken cancellation)
    {
        var tls = new SslStream(stream);
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = host,
                ClientCertificateContext = _context,
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                RemoteCertificateValidationCallback = (_, _, chain, errors) => IsTrusted(errors, chain, _checksHost),
            },
            cancellation
        );
        return tls;
    }

    /// <exception cref="AuthenticationException">The peer's certificate or protocol will not do.</exception>
    public async Task<Stream> AsServerAsync(Stream stream, CancellationToken cancellation)
    {
        var tls = new SslStream(stream);
        await tls.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificateContext = _context,
                ClientCertificateRequired = true,
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                // Nobody calls a client by a name.
                RemoteCertificateValidationCallback = (_, _, chain, errors) => IsTrusted(errors, chain, false),
            },
            cancellation
        );
        return tls;
    }

    private bool IsTrusted(SslPolicyErrors errors, X509Chain? chain, bool checksHost)
    {
        if (!checksHost)
            errors &= ~SslPolicyErrors.RemoteCertificateNameMismatch;
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
            throw new AuthenticationException("the other server showed no certificate");
        if (errors == SslPolicyErrors.None || _takesAny)
            return true;
        var why = (chain?.ChainStatus ?? []).Select(s => s.StatusInformation.Trim()).Distinct(StringComparer.Ordinal);
        throw new AuthenticationException(
            $"the other server's certificate is not trusted here: {string.Join("; ", why)}"
        );
    }

    private static X509Certificate2 Certificate(Config configuration)
    {
        if (configuration.GetBoolean($"{Section}.ssl.certificate.use-thumbprint-over-file", false))
            return FromStore(configuration);
        var path = configuration.GetString($"{Section}.ssl.certificate.path", "");
        try
        {
            var certificate = X509CertificateLoader.LoadPkcs12FromFile(
                path,
                configuration.GetString($"{Section}.ssl.certificate.password", "")
            );
            return certificate.HasPrivateKey
                ? certificate
                : throw new ConfigurationException($"{Section}.ssl.certificate.path: {path} has no private key");
        }
        catch (Exception cause)
            when (cause is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ConfigurationException($"{Section}.ssl.certificate.path: '{path}': {cause.Message}", cause);
        }
    }

    private static X509Certificate2 FromStore(Config configuration)
    {
        var thumbprint = configuration.GetString($"{Section}.ssl.certificate.thumbprint", "");
        var location =
            configuration.GetString($"{Section}.ssl.certificate.store-location", "") == "local-machine"
                ? StoreLocation.LocalMachine
                : StoreLocation.CurrentUser;
        using var store = new X509Store(
            configuration.GetString($"{Section}.ssl.certificate.store-name", "My"),
            location
        );
        store.Open(OpenFlags.ReadOnly);
        var found = store.Certificates.Find(X509FindType.FindByThumbprint, thumbprint, validOnly: false);
        return found.Count > 0
            ? found[0]
            : throw new ConfigurationException(
                $"{Section}.ssl.certificate.thumbprint: no certificate {thumbprint} in the store {store.Name} of {location}"
            );
    }
}
