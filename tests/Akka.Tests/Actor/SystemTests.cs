using Akka.Actor;
using Akka.Event;

namespace Akka.Tests.Actor;

public sealed class SystemTests : ActorTest
{
    [Fact]
    public void Defaults_of_the_settings_are_those_of_the_original()
    {
        using var plain = ActorSystem.Create("plain", "akka.stdout-loglevel = OFF, akka.loglevel = OFF");
        Assert.Equal(10, plain.Settings.LogDeadLetters);
        Assert.Equal(TimeSpan.FromMinutes(5), plain.Settings.LogDeadLettersSuspendDuration);
        Assert.Equal(typeof(LocalActorRefProvider).FullName, plain.Settings.ProviderClass);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("$own", "not start with `$`")]
    [InlineData("%zz", "Illegal actor name")]
    [InlineData("\u00fc", "include only ASCII")]
    public void A_refused_name_says_why(string name, string why) =>
        Assert.Contains(
            why,
            Assert.Throws<InvalidActorNameException>(() => System.ActorOf(Props.Empty, name)).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void The_scheme_and_host_of_a_path_read_in_either_case()
    {
        Assert.Equal("akka://sYs@host:47/pAth", ActorPath.Parse("aKKa://sYs@hOst:47/pAth").ToString());
        Assert.Equal("akka://sYs/pAth", ActorPath.Parse("AKKA://sYs/pAth").ToString());
    }

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
