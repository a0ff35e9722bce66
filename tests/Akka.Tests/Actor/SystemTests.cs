using Akka.Actor;
using Akka.Event;

namespace Akka.Tests.Actor;

public sealed class SystemTests : ActorTest
{
    [Theory]
    [InlineData("snake_case")]
    [InlineData("-dash")]
    [InlineData("a/b")]
    [InlineData("")]
    public void A_name_is_of_letters_digits_and_inner_dashes(string name) =>
        Assert.Throws<ArgumentException>(() => ActorSystem.Create(name));

    [Fact]
    public void Props_need_a_type()
    {
        Assert.Throws<ArgumentNullException>("type", () => new Props(null!));
        Assert.Throws<ArgumentNullException>("type", () => Props.Create(null!, 1));
    }

    [Fact]
    public async Task The_end_of_a_system_is_told_on_its_event_stream()
    {
        var probe = NewProbe();
        var other = ActorSystem.Create("other", "akka.stdout-loglevel = OFF");
        other.EventStream.Subscribe(probe.Ref, typeof(Debug));
        await other.Terminate().WaitAsync(Patience);
        var told = new List<object>();
        while (told.Count == 0 || !Equals(told[^1], "All default loggers stopped"))
            told.Add((await probe.Next<Debug>()).Message);
        Assert.Equal(
            ["System shutdown initiated", "Shutting down: StandardOutLogger started", "All default loggers stopped"],
            told
        );
    }
}
