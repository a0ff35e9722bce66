using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Akka.Remote.Tests.Support;

/// <summary>An authority for a test's time: this user's store trusts it until it is disposed.</summary>
internal sealed class TestAuthority : IDisposable
{
    private static readonly DateTimeOffset Begin = DateTimeOffset.UtcNow.AddDays(-30);

    private readonly X509Certificate2 _root;
    private readonly bool _trusted;

    public TestAuthority(bool trusted = true)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=akka-remote-tests-{Guid.NewGuid():N}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _root = request.CreateSelfSigned(Begin, DateTimeOffset.UtcNow.AddDays(30));
        _trusted = trusted;
        if (trusted)
            InStore(store => store.Add(X509CertificateLoader.LoadCertificate(_root.RawData)));
    }

    /// <summary>A certificate with its key, for 127.0.0.1, that ends so many days from now.</summary>
    public X509Certificate2 Issue(double daysLeft = 1)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=server", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var serial = RandomNumberGenerator.GetBytes(16);
        using var issued = request.Create(_root, Begin, DateTimeOffset.UtcNow.AddDays(daysLeft), serial);
        using var whole = issued.CopyWithPrivateKey(key);
        // By way of a file's form, as a server would load it.
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
    }

    public void Dispose()
    {
        if (_trusted)
            InStore(store => store.Remove(_root));
        _root.Dispose();
    }

    private static void InStore(Action<X509Store> action)
    {
        using var store = new X509Store(StoreName.Root, StoreLocation.CurrentUser);
        store.Open(OpenFlags.ReadWrite);
        action(store);
    }
}
