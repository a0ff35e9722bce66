using Akka.Actor;
using Akka.Event;
using Akka.TestKit.TestActors;
using Xunit.Sdk;

namespace Akka.Tests.TestKit;

public sealed class EventFilterTests : Akka.TestKit.Xunit2.TestKit
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(50);

    public EventFilterTests()
        : base("akka.loglevel = DEBUG") { }

    [Fact]
    public void A_warning_is_counted() => EventFilter.Warning("careful").ExpectOne(() => Log.Warning("careful"));

    [Fact]
    public void An_info_is_counted_by_its_beginning() =>
        EventFilter
            .Info(start: "wel")
            .Expect(
                2,
                () =>
                {
                    Log.Info("welcome");
                    Log.Info("well");
                }
            );

    [Fact]
    public void A_debug_event_is_counted_by_a_part() =>
        EventFilter.Debug(contains: "tail").ExpectOne(() => Log.Debug("details"));

    [Fact]
    public void Another_text_does_not_count() =>
        Assert.ThrowsAny<XunitException>(() => EventFilter.Error("this").ExpectOne(Soon, () => Log.Error("that")));

    [Fact]
    public void One_too_many_fails() =>
        Assert.ThrowsAny<XunitException>(() =>
            EventFilter
                .Error("this")
                .ExpectOne(() =>
                {
                    Log.Error("this");
                    Log.Error("this");
                    Log.Error("this");
                    AwaitLogged();
                })
        );

    [Fact]
    public void An_exception_is_counted_by_its_type() =>
        EventFilter
            .Exception<InvalidDataException>()
            .ExpectOne(() => Log.Error(new InvalidDataException("broken"), "it broke"));

    [Fact]
    public async Task Events_are_awaited() =>
        await EventFilter
            .Info("later")
            .ExpectOneAsync(async () =>
            {
                await Task.Yield();
                Log.Info("later");
            });

    [Fact]
    public void A_dead_letter_is_counted()
    {
        var actor = ActorOf(BlackHoleActor.Props);
        Watch(actor);
        Sys.Stop(actor);
        ExpectTerminated(actor);
        EventFilter.DeadLetter<string>().ExpectOne(() => actor.Tell("too late"));
    }

    [Fact]
    public void None_may_be_expected() => EventFilter.Error().Expect(0, Soon, () => Log.Info("fine"));

    // The log is written by an actor: a mark of our own, seen by a filter, says that all before it has been.
    private void AwaitLogged() => EventFilter.Info("mark").ExpectOne(() => Log.Info("mark"));
}
