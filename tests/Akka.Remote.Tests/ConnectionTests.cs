using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Remote.Tests.Support;

namespace Akka.Remote.Tests;

public sealed class ConnectionTests : RemoteTest
{
    private const string Impatient = """

        akka.remote.transport-failure-detector { heartbeat-interval = 200ms, acceptable-heartbeat-pause = 800ms }
        """;

    private readonly TcpRelay _relay = new();
    private readonly ActorSystem _a;
    private readonly ActorSystem _b;

    public ConnectionTests()
    {
        _a = Start("alpha", Impatient);
        _b = Start("beta", _relay.Hocon + Impatient);
    }

    public override async Task DisposeAsync()
    {
        _relay.Thaw();
        await base.DisposeAsync();
        _relay.Dispose();
    }

    [Fact]
    public void Both_sides_hear_of_a_connection_and_of_its_end()
    {
        var kitA = Kit(_a);
        var kitB = Kit(_b);
        _a.EventStream.Subscribe(kitA.TestActor, typeof(AssociationEvent));
        _b.EventStream.Subscribe(kitB.TestActor, typeof(AssociationEvent));
        Seen(_a, _b, kitB.CreateTestProbe()).Tell("hello", ActorRefs.NoSender);
        var outbound = kitA.ExpectMsg<AssociatedEvent>(Patience);
        var inbound = kitB.ExpectMsg<AssociatedEvent>(Patience);
        Assert.Equal((AddressOf(_b), false), (outbound.RemoteAddress, outbound.IsInbound));
        Assert.Equal((AddressOf(_a), true), (inbound.RemoteAddress, inbound.IsInbound));
        _relay.Cut();
        kitA.FishForMessage<DisassociatedEvent>(e => !e.IsInbound && e.RemoteAddress == AddressOf(_b), Patience);
        kitB.FishForMessage<DisassociatedEvent>(e => e.IsInbound && e.RemoteAddress == AddressOf(_a), Patience);
    }

    [Fact]
    public void A_connection_that_carries_nothing_or_one_way_only_stays()
    {
        var kitA = Kit(_a);
        var kitB = Kit(_b);
        var seen = Seen(_a, _b, _b.ActorOf(Props.Create(() => new Silent()), "silent"));
        seen.Tell("hello", ActorRefs.NoSender);
        _a.EventStream.Subscribe(kitA.TestActor, typeof(DisassociatedEvent));
        _b.EventStream.Subscribe(kitB.TestActor, typeof(DisassociatedEvent));
        kitA.ExpectNoMsg(TimeSpan.FromSeconds(2));
        using var steadily = new Timer(_ => seen.Tell("on and on", ActorRefs.NoSender), null, 0, 10);
        kitA.ExpectNoMsg(TimeSpan.FromSeconds(2.5));
        Assert.False(kitB.HasMessages);
    }

    [Fact]
    public void A_connection_that_falls_silent_is_given_up_by_both()
    {
        var kitA = Kit(_a);
        var kitB = Kit(_b);
        Seen(_a, _b, kitB.TestActor).Tell("hello", ActorRefs.NoSender);
        kitB.ExpectMsg("hello", Patience);
        _a.EventStream.Subscribe(kitA.TestActor, typeof(DisassociatedEvent));
        _b.EventStream.Subscribe(kitB.TestActor, typeof(DisassociatedEvent));
        _relay.Freeze();
        Assert.False(kitA.ExpectMsg<DisassociatedEvent>(Patience).IsInbound);
        Assert.True(kitB.ExpectMsg<DisassociatedEvent>(Patience).IsInbound);
    }

    [Fact]
    public async Task A_call_that_nobody_takes_is_given_up_in_time()
    {
        // The system answers for a listener whose queue has room, and drops what comes beyond it.
        using var deaf = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        deaf.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        deaf.Listen(0);
        var callers = new List<Socket>();
        var kit = Kit(_a);
        try
        {
            for (var i = 0; i < 4; i++)
            {
                var caller = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                callers.Add(caller);
                _ = caller
                    .ConnectAsync(deaf.LocalEndPoint!)
                    .ContinueWith(call => call.Exception, TaskScheduler.Default);
            }
            var c = Start("gamma", "akka.remote.dot-netty.tcp.connection-timeout = 1s");
            c.EventStream.Subscribe(kit.TestActor, typeof(AssociationErrorEvent));
            var port = ((IPEndPoint)deaf.LocalEndPoint!).Port;
            c.ActorSelection($"akka.tcp://deaf@127.0.0.1:{port}/user/x").Tell("hello", ActorRefs.NoSender);
            Assert.Equal(port, kit.ExpectMsg<AssociationErrorEvent>(Patience).RemoteAddress.Port);
            await c.Terminate().WaitAsync(Patience);
        }
        finally
        {
            callers.ForEach(caller => caller.Dispose());
        }
    }

    private sealed class Silent : ReceiveActor
    {
        public Silent() => ReceiveAny(_ => { });
    }
}
