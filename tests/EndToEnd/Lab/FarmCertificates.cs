using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EndToEnd;

/// <summary>An authority of a test's own, and the files that servers get from it.</summary>
internal sealed class FarmCertificates : IDisposable
{
    private readonly X509Certificate2 _root;
    private readonly string _folder;

    /// <param name="folder">Made; the authority's certificate and the servers' lie there.</param>
    public FarmCertificates(string folder)
    {
        _folder = folder;
        Directory.CreateDirectory(NoFurther);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={Path.GetFileName(folder)}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = DateTimeOffset.UtcNow;
        _root = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
        File.WriteAllText(AuthorityFile, _root.ExportCertificatePem());
    }

    public string AuthorityFile => Path.Combine(_folder, "ca.pem");

    private string NoFurther => Path.Combine(_folder, "none");

    /// <summary>The environment of a server that trusts this authority and no other.</summary>
    public Dictionary<string, string> Trust() =>
        new(StringComparer.Ordinal) { ["SSL_CERT_FILE"] = AuthorityFile, ["SSL_CERT_DIR"] = NoFurther };

    /// <summary>A PKCS #12 file, without a password, of a server.</summary>
    /// <param name="address">What the certificate says of the server's host; null: nothing.</param>
    /// <param name="isOver">It ended yesterday.</param>
    public string Issue(string server, string? address = null, bool isOver = false)
    {
        using var whole = Make(server, address, isOver);
        var file = Path.Combine(_folder, $"{server}.pfx");
        File.WriteAllBytes(file, whole.Export(X509ContentType.Pkcs12));
        return file;
    }

    /// <summary>The same as two files in PEM.</summary>
    public (string Certificate, string Key) IssuePem(string server, string address)
    {
        using var whole = Make(server, address, isOver: false);
        using var key = whole.GetECDsaPrivateKey()!;
        var (certificate, secret) = (Path.Combine(_folder, $"{server}.pem"), Path.Combine(_folder, $"{server}.key"));
        File.WriteAllText(certificate, whole.ExportCertificatePem());
        File.WriteAllText(secret, key.ExportPkcs8PrivateKeyPem());
        return (certificate, secret);
    }

    private X509Certificate2 Make(string server, string? address, bool isOver)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={server}", key, HashAlgorithmName.SHA256);
        if (address is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(IPAddress.Parse(address));
            request.CertificateExtensions.Add(names.Build());
        }
        var serial = RandomNumberGenerator.GetBytes(16);
        var end = isOver ? DateTimeOffset.UtcNow.AddHours(-1) : new DateTimeOffset(_root.NotAfter);
        using var issued = request.Create(_root, new(_root.NotBefore), end, serial);
        return issued.CopyWithPrivateKey(key);
    }

    public void Dispose() => _root.Dispose();
}
