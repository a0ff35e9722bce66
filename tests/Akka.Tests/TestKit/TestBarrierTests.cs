namespace Akka.Tests.TestKit;

public sealed class TestBarrierTests : Akka.TestKit.Xunit2.TestKit
{
    [Fact]
    public async Task All_go_on_when_the_last_has_come()
    {
        var barrier = CreateTestBarrier(2);
        var other = Task.Run(() => barrier.Await());
        barrier.Await();
        await other;
    }

    [Fact]
    public void One_alone_is_an_error() =>
        Assert.Throws<TimeoutException>(() => CreateTestBarrier(2).Await(TimeSpan.FromMilliseconds(20)));
}
