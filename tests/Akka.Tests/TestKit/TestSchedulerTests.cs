using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Configs;

namespace Akka.Tests.TestKit;

public sealed class TestSchedulerTests : Akka.TestKit.Xunit2.TestKit
{
    private readonly TestScheduler time;

    public TestSchedulerTests()
        : base(TestConfigs.TestSchedulerConfig) => time = (TestScheduler)Sys.Scheduler;

    [Fact]
    public void Nothing_falls_due_while_time_stands_still()
    {
        Sys.Scheduler.ScheduleTellOnce(TimeSpan.FromSeconds(1), TestActor, "x", ActorRefs.NoSender);
        time.Advance(TimeSpan.FromMilliseconds(999));
        ExpectNoMsg(20);
    }

    [Fact]
    public void What_falls_due_comes_when_time_moves()
    {
        Sys.Scheduler.ScheduleTellOnce(TimeSpan.FromSeconds(1), TestActor, "x", ActorRefs.NoSender);
        time.Advance(TimeSpan.FromSeconds(1));
        ExpectMsg("x");
    }

    [Fact]
    public void What_falls_due_comes_in_the_order_of_time()
    {
        Sys.Scheduler.ScheduleTellOnce(TimeSpan.FromSeconds(2), TestActor, "second", ActorRefs.NoSender);
        Sys.Scheduler.ScheduleTellOnce(TimeSpan.FromSeconds(1), TestActor, "first", ActorRefs.NoSender);
        time.Advance(TimeSpan.FromSeconds(3));
        ExpectMsg("first");
        ExpectMsg("second");
    }

    [Fact]
    public void What_repeats_comes_each_time()
    {
        var second = TimeSpan.FromSeconds(1);
        Sys.Scheduler.ScheduleTellRepeatedly(second, second, TestActor, "x", ActorRefs.NoSender);
        for (var i = 0; i < 3; i++)
        {
            time.Advance(second);
            ExpectMsg("x");
        }
    }

    [Fact]
    public void What_is_called_off_does_not_come()
    {
        var cancelable = new Cancelable(Sys.Scheduler);
        Sys.Scheduler.ScheduleTellOnce(TimeSpan.FromSeconds(1), TestActor, "x", ActorRefs.NoSender, cancelable);
        cancelable.Cancel();
        time.Advance(TimeSpan.FromSeconds(1));
        ExpectNoMsg(20);
    }

    [Fact]
    public void Time_moves_to_a_moment()
    {
        var moment = time.Now + TimeSpan.FromHours(1);
        time.AdvanceTo(moment);
        Assert.Equal(moment, time.Now);
    }
}
