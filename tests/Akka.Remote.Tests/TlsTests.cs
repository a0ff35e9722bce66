using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Remote.Tests.Support;
using Akka.Remote.Transport.DotNetty;

namespace Akka.Remote.Tests;

public sealed class TlsTests : RemoteTest
{
    private const string Encrypted = "akka.loglevel = OFF\nakka.remote.dot-netty.tcp.enable-ssl = on";

    private readonly TestAuthority _authority = new();
    private readonly TestAuthority _stranger = new(trusted: false);
    private readonly ActorSystem _server;
    private readonly IActorRef _echo;

    public TlsTests()
    {
        _server = Start("server", _authority.Issue());
        _echo = _server.ActorOf(Props.Create(() => new Echo()), "echo");
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _authority.Dispose();
        _stranger.Dispose();
    }

    [Fact]
    public async Task Systems_with_certificates_of_one_authority_talk()
    {
        var client = Start("client", _authority.Issue());
        Assert.Equal("akka.ssl.tcp", AddressOf(client).Protocol);
        Assert.Equal("secret", await Seen(client, _server, _echo).Ask<string>("secret", Patience));
        Assert.Equal(100_000, (await Seen(client, _server, _echo).Ask<byte[]>(new byte[100_000], Patience)).Length);
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_refused() => await IsRefused(_stranger.Issue());

    [Fact]
    public async Task A_certificate_that_has_ended_is_refused() => await IsRefused(_authority.Issue(daysLeft: -1));

    [Fact]
    public async Task Whoever_trusts_all_is_still_not_trusted_by_others() =>
        await IsRefused(_stranger.Issue(), suppressValidation: true);

    [Fact]
    public async Task Two_that_suppress_validation_take_any_certificate()
    {
        var one = Start("one", _stranger.Issue(), suppressValidation: true);
        var other = Start("other", _stranger.Issue(), suppressValidation: true);
        var echo = other.ActorOf(Props.Create(() => new Echo()), "echo");
        Assert.Equal("taken", await Seen(one, other, echo).Ask<string>("taken", Patience));
    }

    [Fact]
    public async Task A_peer_without_a_certificate_is_refused()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", AddressOf(_server).Port!.Value);
        await using var tls = new SslStream(
            new NetworkStream(socket),
            leaveInnerStreamOpen: false,
            (_, _, _, _) => true
        );
        // With TLS 1.3 the client is done before the server has looked for a certificate: the first read tells.
        var refused = await Record.ExceptionAsync(async () =>
        {
            await tls.AuthenticateAsClientAsync("127.0.0.1");
            var read = await tls.ReadAsync(new byte[1]).AsTask().WaitAsync(Patience);
            Assert.Equal(0, read);
            throw new IOException("closed");
        });
        Assert.True(refused is IOException or AuthenticationException, refused?.ToString());
        await TheServerIsWell();
    }

    [Fact]
    public async Task A_peer_that_does_not_encrypt_is_refused()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", AddressOf(_server).Port!.Value);
        await socket.SendAsync("\0\0\0\u0010 hello, are you there?"u8.ToArray());
        var buffer = new byte[4096];
        var closed = await Record.ExceptionAsync(async () =>
        {
            while (await socket.ReceiveAsync(buffer).WaitAsync(Patience) > 0) { }
        });
        Assert.True(closed is null or SocketException, closed?.ToString());
        await TheServerIsWell();
    }

    [Fact]
    public async Task A_certificate_is_read_from_a_file()
    {
        var path = Path.Combine(Path.GetTempPath(), $"akka-remote-tests-{Guid.NewGuid():N}.pfx");
        try
        {
            await File.WriteAllBytesAsync(path, _authority.Issue().Export(X509ContentType.Pkcs12, "open sesame"));
            var client = Start("client", FromFile("open sesame"));
            Assert.Equal("by file", await Seen(client, _server, _echo).Ask<string>("by file", Patience));
            Assert.ThrowsAny<Exception>(() => Start("locked-out", FromFile("open barley")));
        }
        finally
        {
            File.Delete(path);
        }

        string FromFile(string password) =>
            Encrypted
            + $"\nakka.remote.dot-netty.tcp.ssl.certificate {{ path = \"{path}\", password = \"{password}\" }}";
    }

    private async Task IsRefused(X509Certificate2 certificate, bool suppressValidation = false)
    {
        var client = Start("client", certificate, suppressValidation);
        var kit = Kit(client);
        client.EventStream.Subscribe(kit.TestActor, typeof(AssociationErrorEvent));
        var probe = Kit(_server).CreateTestProbe();
        Seen(client, _server, probe).Tell("let me in", ActorRefs.NoSender);
        Assert.Equal(AddressOf(_server), kit.ExpectMsg<AssociationErrorEvent>(Patience).RemoteAddress);
        // The other way it is no better.
        Seen(_server, client, client.ActorOf(Props.Create(() => new Echo()), "echo")).Tell("hello?", probe);
        await TheServerIsWell();
        probe.ExpectNoMsg(TimeSpan.FromMilliseconds(100));
    }

    private async Task TheServerIsWell()
    {
        var good = Start("good", _authority.Issue());
        Assert.Equal("well", await Seen(good, _server, _echo).Ask<string>("well", Patience));
    }

    private ActorSystem Start(string name, X509Certificate2 certificate, bool suppressValidation = false) =>
        Start(
            name,
            BootstrapSetup
                .Create()
                .WithConfig(Settings(Encrypted))
                .And(new DotNettySslSetup(certificate, suppressValidation))
        );
}
