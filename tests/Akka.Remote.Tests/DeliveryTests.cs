using Akka.Actor;
using Akka.Event;
using Akka.Remote.Tests.Support;

namespace Akka.Remote.Tests;

public sealed class DeliveryTests : RemoteTest
{
    private readonly TcpRelay _relay = new();

    public override async Task DisposeAsync()
    {
        _relay.Thaw();
        _relay.Throttle(0);
        await base.DisposeAsync();
        _relay.Dispose();
    }

    /// <summary>Three systems, several senders and receivers, sizes by chance: each pair's messages come in order, all of them.</summary>
    [Fact]
    public void Messages_of_each_pair_come_in_the_order_in_which_they_were_sent()
    {
        const int Senders = 4;
        const int Messages = 2_000;
        var seed = Environment.GetEnvironmentVariable("HATCHERY_SEED") is { } given
            ? int.Parse(given)
            : Random.Shared.Next();
        var systems = new[] { Start("one"), Start("two"), Start("three") };
        var kit = Kit(systems[0]);
        var receivers = systems
            .Select((system, i) => system.ActorOf(Props.Create(() => new OrderCheck(kit.TestActor)), $"receiver-{i}"))
            .ToArray();
        var pairs = 0;
        for (var from = 0; from < systems.Length; from++)
        {
            for (var sender = 0; sender < Senders; sender++)
            {
                var to = Enumerable.Range(0, systems.Length).Where(i => i != from).ToArray();
                var targets = to.Select(i => Seen(systems[from], systems[i], receivers[i])).ToArray();
                // The observer is in another system than most: it is told through its reference over there.
                var random = new Random(HashCode.Combine(seed, from, sender));
                systems[from].ActorOf(Props.Create(() => new Burst(targets, Messages, random)), $"sender-{sender}");
                pairs += targets.Length;
            }
        }
        for (var i = 0; i < pairs; i++)
        {
            var verdict = kit.ExpectMsg<string>(Patience, $"seed {seed}");
            Assert.True(verdict == "in order", $"seed {seed}: {verdict}");
        }
    }

    [Fact]
    public async Task A_shutdown_sends_first_what_was_sent_before_it()
    {
        const int Messages = 20_000;
        var b = Start("beta");
        var kit = Kit(b);
        var counter = b.ActorOf(Props.Create(() => new Counter(Messages, kit.TestActor)), "counter");
        var a = Start("alpha");
        var seen = Seen(a, b, counter);
        for (var i = 0; i < Messages; i++)
            seen.Tell(i.ToString(), ActorRefs.NoSender);
        await a.Terminate().WaitAsync(Patience);
        kit.ExpectMsg("first", Patience);
        kit.ExpectMsg("all", Patience);
    }

    [Fact]
    public async Task A_shutdown_does_not_wait_for_a_system_that_takes_nothing()
    {
        var a = Start("alpha");
        var b = Start("beta", _relay.Hocon);
        var kit = Kit(b);
        var seen = Seen(a, b, kit.TestActor);
        seen.Tell("first", ActorRefs.NoSender);
        kit.ExpectMsg("first", Patience);
        _relay.Freeze();
        for (var i = 0; i < 1_000; i++)
            seen.Tell(new byte[50_000], ActorRefs.NoSender);
        await a.Terminate().WaitAsync(Patience);
    }

    [Fact]
    public void Messages_for_a_system_that_takes_none_are_dropped_beyond_a_number()
    {
        const int Waiting = 500;
        const int Bytes = 50_000;
        var a = Start("alpha", $"akka.remote.log-buffer-size-exceeding = {Waiting}");
        var b = Start("beta", _relay.Hocon);
        var kitA = Kit(a);
        var kitB = Kit(b);
        var seen = Seen(a, b, kitB.TestActor);
        seen.Tell("first", ActorRefs.NoSender);
        kitB.ExpectMsg("first", Patience);
        var letters = kitA.CreateTestProbe();
        a.EventStream.Subscribe(letters, typeof(DeadLetter));

        _relay.Freeze();
        // Sockets and the relay hold some megabytes, and then nothing moves any more.
        var sent = 0;
        kitA.AwaitCondition(
            () =>
            {
                for (var i = 0; i < 1000; i++, sent++)
                    seen.Tell(new byte[Bytes], ActorRefs.NoSender);
                return letters.HasMessages;
            },
            Patience
        );
        var letter = letters.ExpectMsg<DeadLetter>(Patience);
        Assert.IsType<byte[]>(letter.Message);
        Assert.Equal(seen, letter.Recipient);

        _relay.Thaw();
        var arrived = 0;
        kitB.AwaitCondition(
            () =>
            {
                seen.Tell("last", ActorRefs.NoSender);
                while (kitB.HasMessages)
                {
                    if (kitB.ReceiveOne(TimeSpan.FromSeconds(1)) is "last")
                        return true;
                    arrived++;
                }
                return false;
            },
            Patience
        );
        Assert.InRange(arrived, Waiting, sent - 1);
    }

    [Fact]
    public void Heartbeats_go_before_the_messages_that_wait()
    {
        // 300 kB a second, and 3 MB that wait: by themselves the heartbeats would be ten seconds late.
        var slow = """
            akka.remote.dot-netty.tcp { send-buffer-size = 8000b, receive-buffer-size = 8000b }
            akka.remote.watch-failure-detector.acceptable-heartbeat-pause = 4s
            """;
        var a = Start("alpha", slow);
        var b = Start("beta", _relay.Hocon + "\n" + slow);
        var kitA = Kit(a);
        var kitB = Kit(b);
        const int Messages = 3_000;
        var padding = new string(' ', 1_000);
        var seen = Seen(a, b, b.ActorOf(Props.Create(() => new Counter(Messages, kitB.TestActor)), "counter"));
        kitA.Watch(seen);
        seen.Tell(0 + padding, ActorRefs.NoSender);
        kitB.ExpectMsg("first", Patience);
        _relay.Throttle(3_000);
        for (var i = 1; i < Messages; i++)
            seen.Tell(i + padding, ActorRefs.NoSender);
        // No end of the watched actor is reported while they trickle through.
        kitA.ExpectNoMsg(TimeSpan.FromSeconds(7));
        Assert.False(kitB.HasMessages, "all messages came, so none of them stood in the way of a heartbeat");
    }

    [Fact]
    public void A_message_that_cannot_be_serialised_is_dropped_alone()
    {
        var a = Start("alpha");
        var b = Start("beta");
        var kit = Kit(b);
        var seen = Seen(a, b, kit.TestActor);
        seen.Tell("before", ActorRefs.NoSender);
        seen.Tell(new Unserialisable(), ActorRefs.NoSender);
        seen.Tell("after", ActorRefs.NoSender);
        kit.ExpectMsg("before", Patience);
        kit.ExpectMsg("after", Patience);
    }

    [Theory]
    [InlineData(200_000, 2_000_000)]
    [InlineData(2_000_000, 200_000)]
    public void A_message_larger_than_one_side_allows_is_dropped_alone(int frameOfSender, int frameOfReceiver)
    {
        var a = Start("alpha", $"akka.remote.dot-netty.tcp.maximum-frame-size = {frameOfSender}b");
        var b = Start("beta", $"akka.remote.dot-netty.tcp.maximum-frame-size = {frameOfReceiver}b");
        var kit = Kit(b);
        var seen = Seen(a, b, kit.TestActor);
        seen.Tell(new byte[150_000], ActorRefs.NoSender);
        Assert.Equal(150_000, kit.ExpectMsg<byte[]>(Patience).Length);
        seen.Tell(new byte[1_000_000], ActorRefs.NoSender);
        kit.AwaitAssert(
            () =>
            {
                seen.Tell("after", ActorRefs.NoSender);
                kit.ExpectMsg("after", TimeSpan.FromSeconds(1));
            },
            Patience
        );
    }

    [Fact]
    public void Nothing_is_sent_while_the_gate_is_closed_and_all_when_it_opens()
    {
        var a = Start("alpha", "akka.remote.retry-gate-closed-for = 500ms");
        var b = Start("beta", _relay.Hocon);
        var kitA = Kit(a);
        var events = kitA.CreateTestProbe();
        a.EventStream.Subscribe(events, typeof(AssociationEvent));
        var letters = kitA.CreateTestProbe();
        a.EventStream.Subscribe(letters, typeof(DeadLetter));
        var kitB = Kit(b);
        var seen = Seen(a, b, kitB.TestActor);
        _relay.Refuse();

        seen.Tell("lost", ActorRefs.NoSender);
        var error = events.ExpectMsg<AssociationErrorEvent>(Patience);
        Assert.Equal(AddressOf(b), error.RemoteAddress);
        Assert.False(error.IsInbound);
        letters.ExpectMsg<DeadLetter>(letter => letter.Message.Equals("lost"), Patience);
        seen.Tell("lost too", ActorRefs.NoSender);
        letters.ExpectMsg<DeadLetter>(letter => letter.Message.Equals("lost too"), Patience);

        _relay.Admit();
        kitB.AwaitAssert(
            () =>
            {
                seen.Tell("found", ActorRefs.NoSender);
                kitB.ExpectMsg("found", TimeSpan.FromMilliseconds(100));
            },
            Patience
        );
        events.FishForMessage(e => e is AssociatedEvent { IsInbound: false }, Patience);
    }

    private sealed class Unserialisable;

    /// <summary>Sends numbers, each with some padding, to each of its targets.</summary>
    private sealed class Burst : ReceiveActor
    {
        public Burst(IActorRef[] targets, int messages, Random random)
        {
            Receive<int>(number =>
            {
                foreach (var target in targets)
                    target.Tell(number + new string(' ', random.Next(0, random.Next(2) == 0 ? 20 : 2_000)));
                if (number + 1 < messages)
                    Self.Tell(number + 1);
                else
                    foreach (var target in targets)
                        target.Tell("end");
            });
            Self.Tell(0);
        }
    }

    /// <summary>Tells an observer whether the numbers of each sender came one after the other.</summary>
    private sealed class OrderCheck : ReceiveActor
    {
        private readonly Dictionary<IActorRef, int> _next = [];

        public OrderCheck(IActorRef observer) =>
            Receive<string>(text =>
            {
                var next = _next.GetValueOrDefault(Sender);
                if (text == "end")
                    observer.Tell(next == 2_000 ? "in order" : $"{Sender} ended at {next}");
                else if (int.Parse(text) == next)
                    _next[Sender] = next + 1;
                else
                    observer.Tell($"{Sender} sent {text.Trim()}, and {next} was due");
            });
    }

    private sealed class Counter : ReceiveActor
    {
        private int _next;

        public Counter(int most, IActorRef observer) =>
            Receive<string>(text =>
            {
                if (int.Parse(text) != _next++)
                    observer.Tell($"{text.Trim()} came where {_next - 1} was due");
                else if (_next == 1)
                    observer.Tell("first");
                else if (_next == most)
                    observer.Tell("all");
            });
    }
}
