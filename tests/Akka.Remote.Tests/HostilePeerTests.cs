using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Remote.Tests.Support;

namespace Akka.Remote.Tests;

public sealed class HostilePeerTests : RemoteTest
{
    private readonly TcpRelay _relay = new();
    private readonly ActorSystem _a;
    private readonly ActorSystem _b;
    private readonly IActorRef _echo;

    public HostilePeerTests()
    {
        _a = Start("alpha");
        _b = Start("beta", _relay.Hocon + "\nakka.loglevel = OFF");
        _echo = Seen(_a, _b, _b.ActorOf(Props.Create(() => new Echo()), "echo"));
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _relay.Dispose();
    }

    [Fact]
    public async Task Garbage_on_the_port_harms_nobody()
    {
        var (seed, random) = Seeded();
        for (var i = 0; i < 300; i++)
            Say(Garbage(random));
        Assert.True("still here" == await _echo.Ask<string>("still here", Patience), $"seed {seed}");
    }

    /// <summary>What a real peer said, with bytes changed, left out and doubled at chance.</summary>
    [Fact]
    public async Task A_conversation_that_was_tampered_with_harms_nobody()
    {
        var (seed, random) = Seeded();
        var real = await Conversation();
        for (var i = 0; i < 300; i++)
            Say(Tampered(real, random));
        Assert.True("still here" == await _echo.Ask<string>("still here", Patience), $"seed {seed}");
    }

    [Fact]
    public async Task Garbage_for_an_answer_harms_nobody()
    {
        var (seed, random) = Seeded();
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        var c = Start("gamma", "akka.loglevel = OFF\nakka.remote.retry-gate-closed-for = 10ms");
        var liar = c.ActorSelection($"{AddressOf(c).Protocol}://liar@127.0.0.1:{port}/user/x");
        for (var i = 0; i < 30; i++)
        {
            var accepted = listener.AcceptAsync();
            while (await Task.WhenAny(accepted, Task.Delay(20)) != accepted)
                liar.Tell("true?", ActorRefs.NoSender);
            using var socket = await accepted;
            socket.ReceiveTimeout = 30_000;
            var hello = socket.Receive(new byte[4096]);
            Assert.True(hello > 0, $"seed {seed}");
            await socket.SendAsync(Garbage(random));
        }
        var echo = ((ExtendedActorSystem)c).Provider.ResolveActorRef(_echo.Path);
        Assert.True("well" == await echo.Ask<string>("well", Patience), $"seed {seed}");
    }

    [Fact]
    public async Task Connections_that_say_nothing_keep_nobody_out()
    {
        var silent = new List<Socket>();
        try
        {
            for (var i = 0; i < 200; i++)
                silent.Add(Connected());
            Assert.Equal("let in", await _echo.Ask<string>("let in", Patience));
        }
        finally
        {
            silent.ForEach(socket => socket.Dispose());
        }
    }

    [Fact]
    public async Task A_message_for_a_system_of_another_name_does_not_arrive()
    {
        var kit = Kit(_b);
        var probe = kit.CreateTestProbe("probe");
        var path = PathOf(_b, probe);
        var misnamed = new RootActorPath(path.Address.WithSystem("gamma")) / path.Elements;
        _a.ActorSelection(misnamed).Tell("for gamma", ActorRefs.NoSender);
        Assert.Equal("beta is well", await _echo.Ask<string>("beta is well", Patience));
        Seen(_a, _b, probe).Tell("for beta", ActorRefs.NoSender);
        probe.ExpectMsg("for beta", Patience);
    }

    [Fact]
    public void A_port_that_is_taken_fails_the_start()
    {
        var port = AddressOf(_a).Port!.Value;
        var cause = Assert.ThrowsAny<Exception>(() => Start("late", port: port));
        Assert.Contains(port.ToString(), cause.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_system_can_take_the_port_of_one_that_has_ended()
    {
        var first = Start("delta");
        var port = AddressOf(first).Port!.Value;
        Assert.Equal("before", await Ask(first, "before"));
        await first.Terminate().WaitAsync(Patience);
        var second = Start("delta", port: port);
        Kit(_a).AwaitAssert(() => Assert.Equal("after", Ask(second, "after").GetAwaiter().GetResult()), Patience);

        Task<string> Ask(ActorSystem system, string text) =>
            Seen(_a, system, system.ActorOf(Props.Create(() => new Echo()))).Ask<string>(text, TimeSpan.FromSeconds(5));
    }

    private static (int Seed, Random Random) Seeded()
    {
        var seed = Environment.GetEnvironmentVariable("HATCHERY_SEED") is { } given
            ? int.Parse(given)
            : Random.Shared.Next();
        return (seed, new Random(seed));
    }

    private static byte[] Garbage(Random random)
    {
        var bytes = new byte[random.Next(0, 2_000)];
        random.NextBytes(bytes);
        // Lengths that are absurd in either byte order, small ones, and what other protocols begin with.
        byte[][] beginnings =
        [
            [0x7F, 0xFF, 0xFF, 0xFF],
            [0xFF, 0xFF, 0xFF, 0xFF],
            [0x00, 0x00, 0x00, 0x00],
            [0x00, 0x00, 0x00, (byte)random.Next(1, 100)],
            [(byte)random.Next(1, 100), 0x00, 0x00, 0x00],
            "GET / HTTP/1.1\r\n\r\n"u8.ToArray(),
            [0x16, 0x03, 0x01, 0x02, 0x00],
            [],
        ];
        return [.. beginnings[random.Next(beginnings.Length)], .. bytes];
    }

    private static byte[] Tampered(byte[] real, Random random)
    {
        var bytes = real.ToList();
        for (var changes = random.Next(1, 6); changes > 0; changes--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 20), bytes.Count - at - 1));
                    break;
                default:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 20), bytes.Count - at)));
                    break;
            }
        }
        return [.. bytes];
    }

    /// <summary>What a system of its own sent to <see cref="_b"/> while it talked to it.</summary>
    private async Task<byte[]> Conversation()
    {
        var caller = Start("caller");
        var echo = ((ExtendedActorSystem)caller).Provider.ResolveActorRef(_echo.Path);
        for (var i = 0; i < 20; i++)
            await echo.Ask<string>($"question {i}", Patience);
        var kit = Kit(caller);
        kit.Watch(echo);
        await caller.ActorSelection(_echo.Path).Ask<string>("by selection", Patience);
        await caller.Terminate().WaitAsync(Patience);
        return [.. _relay.Recorded.SelectMany(chunk => chunk)];
    }

    private void Say(byte[] bytes)
    {
        using var socket = Connected();
        try
        {
            socket.Send(bytes);
            socket.Shutdown(SocketShutdown.Send);
            // Until the other side has had enough of it.
            var buffer = new byte[4096];
            while (socket.Receive(buffer) > 0) { }
        }
        catch (SocketException)
        {
            // It was cut off.
        }
    }

    private Socket Connected()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            ReceiveTimeout = 30_000,
        };
        socket.Connect(_relay.Target, _relay.Port);
        return socket;
    }
}
