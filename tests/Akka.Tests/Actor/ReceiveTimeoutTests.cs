using Akka.Actor;

namespace Akka.Tests.Actor;

public sealed class ReceiveTimeoutTests : ActorTest
{
    [Fact]
    public async Task It_can_be_set_while_a_message_is_handled_that_does_not_count_itself()
    {
        var probe = NewProbe();
        var actor = Spawn(
            (message, context) =>
            {
                if (message is Quiet)
                    context.SetReceiveTimeout(TimeSpan.FromMilliseconds(20));
                else
                    probe.Ref.Tell(message);
            }
        );
        actor.Tell(new Quiet());
        await probe.Next<ReceiveTimeout>();
    }

    [Fact]
    public async Task It_can_be_ended_while_a_message_is_handled_that_does_not_count_itself()
    {
        var probe = NewProbe();
        var actor = Spawn(
            (message, context) =>
            {
                if (message is Quiet)
                    context.SetReceiveTimeout(context.ReceiveTimeout is null ? TimeSpan.FromDays(1) : null);
                else
                    probe.Ref.Tell(context.ReceiveTimeout is null);
            }
        );
        actor.Tell(new Quiet());
        actor.Tell(new Quiet());
        actor.Tell("ended?");
        await probe.Expect(true);
    }

    private sealed record Quiet : INotInfluenceReceiveTimeout;
}
