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

    private string AuthorityFile => Path.Combine(_folder, "ca.pem");

    private string NoFurther => Path.Combine(_folder, "none");

    /// <summary>The environment of a server that trusts this authority and no other.</summary>
    public Dictionary<string, string> Trust() =>
        new(StringComparer.Ordinal) { ["SSL_CERT_FILE"] = AuthorityFile, ["SSL_CERT_DIR"] = NoFurther };

    /// <summary>A PKCS #12 file, without a password, of a server.</summary>
    public string Issue(string server)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={server}", key, HashAlgorithmName.SHA256);
        var serial = RandomNumberGenerator.GetBytes(16);
        using var issued = request.Create(_root, new(_root.NotBefore), new(_root.NotAfter), serial);
        using var whole = issued.CopyWithPrivateKey(key);
        var file = Path.Combine(_folder, $"{server}.pfx");
        File.WriteAllBytes(file, whole.Export(X509ContentType.Pkcs12));
        return file;
    }

    public void Dispose() => _root.Dispose();
}
