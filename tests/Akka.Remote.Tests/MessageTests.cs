using Akka.Actor;
using Akka.Actor.Dsl;
using Akka.Remote.Tests.Support;

namespace Akka.Remote.Tests;

public sealed class MessageTests : RemoteTest
{
    private readonly ActorSystem _a;
    private readonly ActorSystem _b;

    public MessageTests()
    {
        _a = Start("alpha");
        _b = Start("beta");
    }

    [Fact]
    public void The_address_of_a_system_is_where_it_listens()
    {
        var address = AddressOf(_a);
        Assert.Equal("akka.tcp", address.Protocol);
        Assert.Equal("alpha", address.System);
        Assert.Equal("127.0.0.1", address.Host);
        Assert.NotEqual(AddressOf(_b).Port, address.Port);
    }

    [Fact]
    public async Task An_ask_goes_to_another_system_and_back()
    {
        var echo = Seen(_a, _b, _b.ActorOf(Props.Create(() => new Echo()), "echo"));
        Assert.Equal("hello", await echo.Ask<string>("hello", Patience));
        Assert.Equal(42, await echo.Ask<int>(42, Patience));
        Assert.Equal(long.MinValue, await echo.Ask<long>(long.MinValue, Patience));
        Assert.Equal(new byte[] { 1, 2, 3 }, await echo.Ask<byte[]>(new byte[] { 1, 2, 3 }, Patience));
    }

    [Fact]
    public void The_sender_can_be_answered_and_is_the_same_actor()
    {
        var kitA = Kit(_a);
        var kitB = Kit(_b);
        var probe = kitB.CreateTestProbe("probe");
        Seen(_a, _b, probe).Tell("one", kitA.TestActor);
        probe.ExpectMsg("one", Patience);
        Assert.Equal(PathOf(_a, kitA.TestActor), probe.LastSender.Path);
        probe.Reply("two");
        kitA.ExpectMsg("two", Patience);
        Assert.Equal(PathOf(_b, probe), kitA.LastSender.Path);
    }

    [Fact]
    public void A_reference_sent_back_home_is_the_local_actor()
    {
        var kitA = Kit(_a);
        var echo = Seen(_a, _b, _b.ActorOf(Props.Create(() => new Echo()), "echo"));
        echo.Tell(kitA.TestActor, kitA.TestActor);
        Assert.Equal(kitA.TestActor, kitA.ExpectMsg<IActorRef>(Patience));
    }

    [Fact]
    public async Task A_selection_finds_an_actor_of_another_system()
    {
        var echo = _b.ActorOf(Props.Create(() => new Echo()), "echo");
        var selection = _a.ActorSelection(new RootActorPath(AddressOf(_b)) / "user" / "echo");
        var found = await selection.ResolveOne(Patience);
        Assert.Equal(PathOf(_b, echo), found.Path);
        Assert.Equal(echo.Path.Uid, found.Path.Uid);
        Assert.Equal("x", await _a.ActorSelection(AddressOf(_b) + "/user/ec*").Ask<string>("x", Patience));
        await Assert.ThrowsAsync<ActorNotFoundException>(() =>
            _a.ActorSelection(AddressOf(_b) + "/user/nobody").ResolveOne(Patience)
        );
    }

    [Fact]
    public async Task A_failure_fails_the_ask_with_its_cause()
    {
        var failing = _b.ActorOf(
            act =>
                act.ReceiveAny((_, context) => context.Sender.Tell(new Status.Failure(new TimeoutException("late")))),
            "failing"
        );
        var cause = await Assert.ThrowsAsync<TimeoutException>(() => Seen(_a, _b, failing).Ask<string>("?", Patience));
        Assert.Equal("late", cause.Message);
    }

    [Fact]
    public void A_poison_pill_stops_an_actor_of_another_system()
    {
        var kitA = Kit(_a);
        var echo = Seen(_a, _b, _b.ActorOf(Props.Create(() => new Echo()), "echo"));
        kitA.Watch(echo);
        echo.Tell(PoisonPill.Instance, ActorRefs.NoSender);
        kitA.ExpectTerminated(echo, Patience);
    }
}
