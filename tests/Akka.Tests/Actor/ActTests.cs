using Akka.Actor;
using Akka.Actor.Dsl;

namespace Akka.Tests.Actor;

public sealed class ActTests : Akka.TestKit.Xunit2.TestKit
{
    public ActTests()
        : base("akka.loglevel = OFF, akka.stdout-loglevel = OFF") { }

    [Fact]
    public void Handlers_take_messages_by_type_and_condition_in_their_order()
    {
        var actor = ActorOf(act =>
        {
            act.Receive<int>(i => i > 5, (i, context) => context.Sender.Tell("big"));
            act.Receive<int>((i, context) => context.Sender.Tell("small"));
            act.ReceiveAsync<string>(
                async (s, context) =>
                {
                    await Task.Yield();
                    context.Sender.Tell(s + "!");
                }
            );
            act.ReceiveAny((_, context) => context.Sender.Tell("any"));
        });
        foreach (var message in (object[])[7, 3, "text", 1.5])
            actor.Tell(message);
        Assert.Equal(["big", "small", "text!", "any"], ReceiveN(4));
    }

    [Fact]
    public void A_behaviour_is_stacked_and_taken_off_again()
    {
        var actor = ActorOf(act =>
            act.ReceiveAny(
                (_, context) =>
                {
                    act.BecomeStacked(
                        (_, inner) =>
                        {
                            inner.Sender.Tell("stacked");
                            act.UnbecomeStacked();
                        }
                    );
                    context.Sender.Tell("first");
                }
            )
        );
        foreach (var message in (object[])[1, 2, 3])
            actor.Tell(message);
        Assert.Equal(["first", "stacked", "first"], ReceiveN(3));
    }

    [Fact]
    public void The_life_cycle_can_be_replaced()
    {
        var self = TestActor;
        var parent = ActorOf(
            (act, context) =>
            {
                act.Strategy = new OneForOneStrategy(_ => Directive.Restart);
                var child = context.ActorOf(
                    each =>
                    {
                        each.OnPreStart = _ => self.Tell("started");
                        each.OnPreRestart = (cause, message, _) => self.Tell($"{cause.Message} at {message}");
                        each.OnPostRestart = (_, _) => self.Tell("restarted");
                        each.OnPostStop = _ => self.Tell("stopped");
                        each.Receive<string>((text, _) => throw new InvalidDataException("broke"));
                    },
                    "child"
                );
                act.ReceiveAny((message, _) => child.Forward(message));
            },
            "parent"
        );
        parent.Tell("it");
        Assert.Equal(["started", "broke at it", "restarted"], ReceiveN(3));
        Sys.Stop(parent);
        ExpectMsg("stopped");
    }
}
