using Akka.Actor;

namespace Akka.Tests.Actor;

public sealed class StressTests : ActorTest
{
    [Fact]
    public async Task Messages_of_one_sender_stay_in_order_and_state_is_seen_by_every_run()
    {
        const int Senders = 16;
        const int Each = 5_000;
        var result = new TaskCompletionSource<string>();
        var receiver = System.ActorOf(Props.Create(() => new Counting(Senders, Each, result)));

        await Task.WhenAll(
            Enumerable
                .Range(0, Senders)
                .Select(sender =>
                    Task.Run(() =>
                    {
                        for (var i = 0; i < Each; i++)
                            receiver.Tell((sender, i), ActorRefs.NoSender);
                    })
                )
        );

        Assert.Equal("in order", await result.Task.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public async Task Every_message_sent_while_its_receiver_stops_is_processed_or_a_dead_letter()
    {
        const int Senders = 4;
        const int Each = 500;
        var dead = new Tally();
        var handled = new Tally();
        var listener = Spawn((message, _) => dead.Add(message));
        System.EventStream.Subscribe(listener, typeof(Akka.Event.DeadLetter));
        for (var round = 0; round < 20; round++)
        {
            var receiver = Spawn((_, _) => handled.Add(null));
            await Task.WhenAll(
                Enumerable
                    .Range(0, Senders)
                    .Select(sender =>
                        Task.Run(() =>
                        {
                            for (var i = 0; i < Each; i++)
                            {
                                receiver.Tell(i, ActorRefs.NoSender);
                                if (sender == 0 && i == Each / 2)
                                    System.Stop(receiver);
                            }
                        })
                    )
            );
            await receiver.GracefulStop(Patience);
        }
        Task all = Task.WhenAny(dead.Reaches(() => 20 * Senders * Each - handled.Count), Task.Delay(Patience));
        await all;
        Assert.Equal(20 * Senders * Each, dead.Count + handled.Count);
    }

    [Fact]
    public async Task A_tree_that_fails_and_stops_at_once_leaves_nothing_behind()
    {
        for (var round = 0; round < 50; round++)
        {
            var parent = Spawn(
                (message, context) =>
                {
                    if (message is int children)
                    {
                        for (var i = 0; i < children; i++)
                            context.ActorOf(Props.Create(() => new Fragile()), $"c{i}").Tell("fail");
                    }
                }
            );
            parent.Tell(20);
            parent.Tell(PoisonPill.Instance);
            Assert.True(await parent.GracefulStop(Patience));
        }
    }

    private sealed class Tally
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public void Add(object? message)
        {
            if (message is null or Akka.Event.DeadLetter { Message: int })
                Interlocked.Increment(ref _count);
        }

        public async Task Reaches(Func<int> target)
        {
            while (Count < target())
                await Task.Delay(5);
        }
    }

    private sealed class Fragile : UntypedActor
    {
        protected override void OnReceive(object message) => throw new InvalidOperationException("asked to");
    }

    private sealed class Counting : ReceiveActor
    {
        // Plain fields: what one run writes the next has to see, whichever thread it is on.
        private readonly int[] _next;
        private long _total;

        public Counting(int senders, int each, TaskCompletionSource<string> result)
        {
            _next = new int[senders];
            Receive<(int Sender, int Number)>(message =>
            {
                if (_next[message.Sender]++ != message.Number)
                    result.TrySetResult($"{message} came as number {_next[message.Sender] - 1}");
                if (++_total == (long)senders * each)
                    result.TrySetResult("in order");
            });
        }
    }
}
