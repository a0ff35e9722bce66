using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using Hatchery.Disks;
using Hatchery.Mirroring;
using Hatchery.Testing;

namespace Hatchery.Replication.Tests;

/// <summary>Mirror connections with the certificates of the farm.</summary>
public sealed class MirrorTlsTests
{
    private static readonly LinkOptions s_patient = new() { HandshakeTimeout = TimeSpan.FromSeconds(60) };
    private static readonly FarmId s_farm = new(Guid.NewGuid());

    [Fact]
    public async Task With_certificates_both_ends_have_to_show_one_that_the_other_trusts()
    {
        using var key = ECDsa.Create();
        var request = new CertificateRequest("CN=farm", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        using var certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), password: null);
        using var folder = new TempFolder();
        using var store = Store.Open(folder.Path).Value!;
        var lines = new LogLines();
        await using var copies = new MemberCopies(store, s_patient, TimeProvider.System, lines.As<MemberCopies>());
        await using var listener = new MirrorListener(
            new(IPAddress.Loopback, 0),
            Hello("b"),
            new PeerTls(certificate, takesAny: true),
            copies,
            s_patient,
            TimeProvider.System,
            lines.As<MirrorListener>()
        );
        listener.Start();

        Assert.Equal("connected", await TryAsync(listener, new PeerTls(certificate, takesAny: true)));
        Assert.Contains(
            "not trusted here",
            await TryAsync(listener, new PeerTls(certificate)),
            StringComparison.Ordinal
        );
        Assert.NotEqual("connected", await TryAsync(listener, null));
        Assert.NotEmpty(lines.With("mirroring refused"));
    }

    private static async Task<string> TryAsync(MirrorListener listener, PeerTls? tls)
    {
        await using var dialer = new MirrorDialer(
            Hello("a"),
            _ => new("127.0.0.1", listener.EndPoint.Port),
            tls,
            s_patient,
            TimeProvider.System
        );
        var heard = new Heard();
        dialer.Connect("b", new(Guid.NewGuid()), heard);
        return await heard.Said.Reader.ReadAsync();
    }

    private static MirrorHello Hello(string name) => new(1, 1, s_farm, name);

    private sealed class Heard : IMemberEvents
    {
        public Channel<string> Said { get; } = Channel.CreateUnbounded<string>();

        public void Connected(string server) => Said.Writer.TryWrite("connected");

        public void Disconnected(string server, string reason) => Said.Writer.TryWrite(reason);

        public void Received(string server, MirrorMessage message) { }
    }
}
