using Akka.Actor;
using Akka.Remote.Tests.Support;

namespace Akka.Remote.Tests;

public sealed class TrustTests : RemoteTest
{
    [Fact]
    public void Who_trusts_nobody_takes_ordinary_messages_only()
    {
        var a = Start("alpha");
        var b = Start(
            "beta",
            """
            akka.remote { untrusted-mode = on, trusted-selection-paths = ["/user/front"] }
            """
        );
        var kit = Kit(b);
        var front = b.ActorOf(Props.Create(() => new Forwarder(kit.TestActor)), "front");
        var back = b.ActorOf(Props.Create(() => new Forwarder(kit.TestActor)), "back");
        kit.Watch(back);

        Seen(a, b, back).Tell(PoisonPill.Instance, ActorRefs.NoSender);
        ((IInternalActorRef)Seen(a, b, back)).Stop();
        a.ActorSelection(PathOf(b, back).ToString()).Tell("by selection", ActorRefs.NoSender);
        a.ActorSelection(PathOf(b, front).ToString()).Tell("to the front", ActorRefs.NoSender);
        Seen(a, b, back).Tell("by reference", ActorRefs.NoSender);

        // Each forwards in the order in which it was told, so what was refused would have come before these.
        kit.ExpectMsgAllOf(Patience, "to the front", "by reference");
    }

    [Fact]
    public async Task A_host_may_be_a_name()
    {
        var a = Start("alpha", "akka.remote.dot-netty.tcp.hostname = localhost");
        var b = Start("beta", "akka.remote.dot-netty.tcp.hostname = localhost");
        Assert.Equal("localhost", AddressOf(b).Host);
        var echo = b.ActorOf(Props.Create(() => new Echo()), "echo");
        Assert.Equal("hello", await Seen(a, b, echo).Ask<string>("hello", Patience));
    }

    private sealed class Forwarder : ReceiveActor
    {
        public Forwarder(IActorRef to) => ReceiveAny(to.Tell);
    }
}
