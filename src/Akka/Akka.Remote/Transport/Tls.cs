using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Akka.Actor;
using Akka.Configuration;
using Akka.Remote.Transport.DotNetty;

namespace Akka.Remote.Transport;

/// <summary>Puts TLS on connections: the same certificate for both roles, chains checked against the machine's store.</summary>
internal sealed class Tls
{
    private readonly X509Certificate2 _certificate;
    private readonly SslStreamCertificateContext _context;
    private readonly bool _suppressValidation;
    private readonly bool _mutual;
    private readonly bool _checkHost;

    private Tls(X509Certificate2 certificate, bool suppressValidation, bool mutual, bool checkHost)
    {
        if (!certificate.HasPrivateKey)
            throw new ConfigurationException(
                $"the TLS certificate {certificate.Subject} has no private key here: give a PKCS #12 file that holds it"
            );
        _certificate = certificate;
        _context = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);
        _suppressValidation = suppressValidation;
        _mutual = mutual;
        _checkHost = checkHost;
    }

    /// <summary>What <c>enable-ssl</c>, <c>ssl</c> and <see cref="DotNettySslSetup"/> say; null for no TLS.</summary>
    /// <exception cref="ConfigurationException">The certificate cannot be had.</exception>
    public static Tls? Create(string section, Config config, ActorSystem system)
    {
        var setup = system.Settings.Setup.Get<DotNettySslSetup>();
        if (!config.GetBoolean("enable-ssl"))
            return null;
        var ssl = config.GetConfig("ssl") ?? throw ConfigurationException.NullOrEmptyConfig<Tls>(section + ".ssl");
        var mutual = ssl.GetBoolean("require-mutual-authentication");
        var checkHost = ssl.GetBoolean("validate-certificate-hostname");
        return setup.HasValue
            ? new Tls(setup.Value.Certificate, setup.Value.SuppressValidation, mutual, checkHost)
            : new Tls(Certificate(section, ssl), ssl.GetBoolean("suppress-validation"), mutual, checkHost);
    }

    /// <summary>As the one who called <paramref name="host"/>.</summary>
    /// <exception cref="AuthenticationException">The peer's certificate or protocol will not do.</exception>
    public SslStream AsClient(Stream stream, string host)
    {
        var tls = new SslStream(stream, leaveInnerStreamOpen: false);
        tls.AuthenticateAsClient(
            new SslClientAuthenticationOptions
            {
                TargetHost = host,
                ClientCertificateContext = _context,
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                RemoteCertificateValidationCallback = (_, _, chain, errors) =>
                    Validate(_checkHost ? errors : errors & ~SslPolicyErrors.RemoteCertificateNameMismatch, chain),
            }
        );
        return tls;
    }

    /// <summary>As the one who was called.</summary>
    /// <exception cref="AuthenticationException">The peer's certificate or protocol will not do.</exception>
    public SslStream AsServer(Stream stream)
    {
        var tls = new SslStream(stream, leaveInnerStreamOpen: false);
        tls.AuthenticateAsServer(
            new SslServerAuthenticationOptions
            {
                ServerCertificateContext = _context,
                ClientCertificateRequired = _mutual,
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                RemoteCertificateValidationCallback = (_, _, chain, errors) =>
                    // Nobody calls a client by a name.
                    Validate(
                        (_mutual ? errors : errors & ~SslPolicyErrors.RemoteCertificateNotAvailable)
                            & ~SslPolicyErrors.RemoteCertificateNameMismatch,
                        chain
                    ),
            }
        );
        return tls;
    }

    public override string ToString() => _certificate.Subject;

    private bool Validate(SslPolicyErrors errors, X509Chain? chain)
    {
        if (errors == SslPolicyErrors.None)
            return true;
        if (_suppressValidation)
            return !errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable);
        var why = (chain?.ChainStatus ?? [])
            .Select(status => status.StatusInformation.Trim())
            .Distinct(StringComparer.Ordinal);
        throw new AuthenticationException(
            errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable) ? "the peer showed no certificate"
            : errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)
                ? "the peer's certificate does not name its host"
            : $"the peer's certificate is not trusted here: {string.Join("; ", why)}"
        );
    }

    private static X509Certificate2 Certificate(string section, Config ssl)
    {
        if (ssl.GetBoolean("certificate.use-thumbprint-over-file"))
            return FromStore(section, ssl);
        var path = ssl.GetString("certificate.path", "");
        if (path.Length == 0)
            throw new ConfigurationException(
                $"{section}.ssl.certificate.path names no PKCS #12 file, and enable-ssl is on"
            );
        try
        {
            return X509CertificateLoader.LoadPkcs12FromFile(path, ssl.GetString("certificate.password", ""));
        }
        catch (Exception cause) when (cause is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{section}.ssl.certificate.path: {path}: {cause.Message}", cause);
        }
    }

    private static X509Certificate2 FromStore(string section, Config ssl)
    {
        var thumbprint = ssl.GetString("certificate.thumbprint", "");
        var location = ssl.GetString("certificate.store-location", "") switch
        {
            "local-machine" => StoreLocation.LocalMachine,
            _ => StoreLocation.CurrentUser,
        };
        using var store = new X509Store(ssl.GetString("certificate.store-name", "My"), location);
        store.Open(OpenFlags.ReadOnly);
        var found = store.Certificates.Find(X509FindType.FindByThumbprint, thumbprint, validOnly: false);
        return found.Count > 0
            ? found[0]
            : throw new ConfigurationException(
                $"{section}.ssl.certificate.thumbprint: no certificate {thumbprint} in the store {store.Name} of {location}"
            );
    }
}
