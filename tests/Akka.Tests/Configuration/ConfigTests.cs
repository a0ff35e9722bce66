using Akka.Configuration;

namespace Akka.Tests.Configuration;

public class ConfigTests
{
    [Theory]
    [InlineData("100 ns", 0.0001)]
    [InlineData("10us", 0.01)]
    [InlineData("500", 500)]
    [InlineData("500ms", 500)]
    [InlineData("1.5s", 1500)]
    [InlineData("2 seconds", 2000)]
    [InlineData("3 minutes", 180_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("2 d", 172_800_000)]
    public void A_duration_is_read_with_its_unit(string text, double milliseconds) =>
        Assert.Equal(
            TimeSpan.FromTicks((long)(milliseconds * TimeSpan.TicksPerMillisecond)),
            ConfigurationFactory.ParseString($"a = {text}").GetTimeSpan("a")
        );

    [Fact]
    public void An_infinite_duration_is_the_infinite_time_out() =>
        Assert.Equal(Timeout.InfiniteTimeSpan, ConfigurationFactory.ParseString("a = infinite").GetTimeSpan("a"));

    [Theory]
    [InlineData("-1s")]
    [InlineData("10 parsecs")]
    [InlineData("infinite")]
    [InlineData("9999999999999999 d")]
    [InlineData("[1]")]
    public void What_is_no_duration_is_an_error(string text) =>
        Assert.Throws<ConfigurationException>(() =>
            ConfigurationFactory.ParseString($"a = {text}").GetTimeSpan("a", allowInfinite: false)
        );

    [Theory]
    [InlineData("128000b", 128_000)]
    [InlineData("4096", 4096)]
    [InlineData("4k", 4096)]
    [InlineData("4 KiB", 4096)]
    [InlineData("4kB", 4000)]
    [InlineData("1.5M", 1_572_864)]
    [InlineData("2 GiB", 2_147_483_648)]
    public void A_size_is_read_with_its_unit(string text, long bytes) =>
        Assert.Equal(bytes, ConfigurationFactory.ParseString($"a = {text}").GetByteSize("a"));

    [Theory]
    [InlineData("on", true)]
    [InlineData("yes", true)]
    [InlineData("true", true)]
    [InlineData("off", false)]
    [InlineData("no", false)]
    [InlineData("false", false)]
    public void A_truth_value_has_three_spellings(string text, bool expected) =>
        Assert.Equal(expected, ConfigurationFactory.ParseString($"a = {text}").GetBoolean("a", !expected));

    [Fact]
    public void A_value_of_the_wrong_kind_is_an_error_that_names_path_and_line()
    {
        var error = Assert.Throws<ConfigurationException>(() =>
            ConfigurationFactory.ParseString("\na.b = many").GetInt("a.b")
        );
        Assert.Matches("a\\.b.*line 2.*many", error.Message);
    }

    [Fact]
    public void What_is_missing_has_its_default()
    {
        var config = ConfigurationFactory.Empty;
        Assert.Equal("x", config.GetString("a", "x"));
        Assert.Equal(7, config.GetInt("a", 7));
        Assert.Equal(TimeSpan.FromSeconds(1), config.GetTimeSpan("a", TimeSpan.FromSeconds(1)));
        Assert.Null(config.GetByteSize("a"));
        Assert.Empty(config.GetStringList("a"));
        Assert.True(config.GetConfig("a").IsNullOrEmpty());
    }

    [Fact]
    public void A_fallback_answers_in_depth_for_what_is_missing()
    {
        var config = ConfigurationFactory
            .ParseString("a { b = 1 }, l = [1]")
            .WithFallback(ConfigurationFactory.ParseString("a { b = 2, c = 2 }, l = [2, 3]"))
            .WithFallback(ConfigurationFactory.ParseString("a { c = 3, d = 3 }"));
        Assert.Equal((1, 2, 3), (config.GetInt("a.b"), config.GetInt("a.c"), config.GetInt("a.d")));
        Assert.Equal([1], config.GetIntList("l"));
    }

    [Fact]
    public void A_section_keeps_its_fallback()
    {
        var config = ConfigurationFactory.ParseString("a { b = 1 }").WithFallback("a { c = 2 }").GetConfig("a")!;
        Assert.Equal((1, 2), (config.GetInt("b"), config.GetInt("c")));
    }

    [Fact]
    public void A_fallback_changes_neither_of_the_two()
    {
        var above = ConfigurationFactory.ParseString("a { b = 1 }");
        var below = ConfigurationFactory.ParseString("a { c = 2 }");
        _ = above.WithFallback(below);
        Assert.False(above.HasPath("a.c"));
        Assert.False(below.HasPath("a.b"));
    }

    [Fact]
    public void A_configuration_cannot_fall_back_on_itself()
    {
        var config = ConfigurationFactory.ParseString("a = 1");
        Assert.Throws<ArgumentException>(() => config.WithFallback(config));
    }

    [Fact]
    public void Its_text_reads_back_as_the_same_configuration()
    {
        const string hocon = "a { b = \"x \\\" y\", \"c.d\" = [1, { e = null }, []], n = \"null\" }\nf = {}\ng = \"\"";
        var config = ConfigurationFactory.ParseString(hocon);
        var again = ConfigurationFactory.ParseString(config.ToString());
        Assert.Equal(config.ToString(), again.ToString());
        Assert.Equal("x \" y", again.GetString("a.b"));
        Assert.Equal("null", again.GetString("a.n"));
        Assert.Equal("", again.GetString("g"));
    }

    [Fact]
    public void The_keys_at_the_top_can_be_listed() =>
        Assert.Equal(
            ["a", "b"],
            ConfigurationFactory.ParseString("a = 1, b.c = 2").AsEnumerable().Select(f => f.Key).Order()
        );

    [Fact]
    public void An_object_gives_its_properties() =>
        Assert.Equal(
            ["x", "y"],
            ConfigurationFactory
                .FromObject(new { akka = new { names = new[] { "x", "y" } } })
                .GetStringList("akka.names")
        );

    [Fact]
    public void The_defaults_hold_the_keys_of_the_engine() =>
        Assert.Equal(30, ConfigurationFactory.Default().GetInt("akka.actor.default-dispatcher.throughput"));
}
