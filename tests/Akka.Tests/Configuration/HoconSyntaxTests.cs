using Akka.Configuration;

namespace Akka.Tests.Configuration;

public class HoconSyntaxTests
{
    [Theory]
    [InlineData("a = 1")]
    [InlineData("a : 1")]
    [InlineData("{ a : 1 }")]
    [InlineData("{ \"a\" : 1 }")]
    [InlineData("a =\n  1")]
    [InlineData("a = 1 # one")]
    [InlineData("a = 1 // one")]
    [InlineData("# first\n// second\n\na = 1\r\n")]
    [InlineData("a = \"1\"")]
    [InlineData("a = \"\"\"1\"\"\"")]
    public void Every_way_to_write_a_field_gives_its_value(string hocon) =>
        Assert.Equal("1", ConfigurationFactory.ParseString(hocon).GetString("a"));

    [Fact]
    public void Commas_and_line_ends_both_separate_fields()
    {
        var config = ConfigurationFactory.ParseString("a = 1, b = 2\nc = 3,\nd { e = 5, f = 6, }");
        Assert.Equal([1, 2, 3, 5, 6], new[] { "a", "b", "c", "d.e", "d.f" }.Select(path => config.GetInt(path)));
    }

    [Fact]
    public void Dotted_keys_are_objects_in_objects() =>
        Assert.Equal(3, ConfigurationFactory.ParseString("a.b { c.d = 3 }").GetConfig("a")!.GetInt("b.c.d"));

    [Fact]
    public void A_quoted_key_may_hold_dots() =>
        Assert.Equal(1, ConfigurationFactory.ParseString("a { \"b.c\" = 1 }").GetInt("a.\"b.c\""));

    [Fact]
    public void A_path_of_an_actor_is_a_key() =>
        Assert.Equal(
            "x",
            ConfigurationFactory
                .ParseString("deployment { /user/a-b { router = x } }")
                .GetString("deployment./user/a-b.router")
        );

    [Fact]
    public void Objects_given_twice_merge()
    {
        var config = ConfigurationFactory.ParseString("a { b = 1, c = 2 }\na { c = 3 }");
        Assert.Equal((1, 3), (config.GetInt("a.b"), config.GetInt("a.c")));
    }

    [Fact]
    public void A_text_in_between_ends_the_merging()
    {
        var config = ConfigurationFactory.ParseString("a { b = 1 }\na = 1\na { c = 3 }");
        Assert.False(config.HasPath("a.b"));
    }

    [Fact]
    public void A_later_value_replaces_an_earlier_one() =>
        Assert.Equal("2", ConfigurationFactory.ParseString("a = 1\na = 2").GetString("a"));

    [Fact]
    public void Texts_on_a_line_are_one_text_with_the_space_between_them() =>
        Assert.Equal(
            "one  two three",
            ConfigurationFactory.ParseString("a =  one  two \"three\"  # no more").GetString("a")
        );

    [Theory]
    [InlineData("a = [1, 2, 3]")]
    [InlineData("a = [1, 2, 3,]")]
    [InlineData("a = [\n1\n2\n# two and a half\n3\n]")]
    [InlineData("a = [1] [2, 3]")]
    [InlineData("a = [1]\na += 2\na += 3")]
    [InlineData("a += 1\na += 2\na += 3")]
    [InlineData("b { c = [1] }, b.c += 2, b { c += 3 }, a = ${b.c}")]
    public void Every_way_to_write_an_array_gives_its_elements(string hocon) =>
        Assert.Equal([1, 2, 3], ConfigurationFactory.ParseString(hocon).GetIntList("a"));

    [Fact]
    public void Objects_beside_each_other_merge()
    {
        var config = ConfigurationFactory.ParseString("a = { b = 1, c = 1 } { c = 2 }");
        Assert.Equal((1, 2), (config.GetInt("a.b"), config.GetInt("a.c")));
    }

    [Fact]
    public void An_array_holds_objects() =>
        Assert.Equal(
            ["x", "y"],
            ConfigurationFactory
                .ParseString("a = [{ n = x }, { n = y }]")
                .GetValue("a")!
                .GetArray()
                .Select(v => v.GetObject()!.GetKey("n")!.GetString())
        );

    [Fact]
    public void Triple_quotes_keep_line_ends_and_backslashes() =>
        Assert.Equal("\\d\n\"x\"", ConfigurationFactory.ParseString("a = \"\"\"\\d\n\"x\"\"\"\"").GetString("a"));

    [Fact]
    public void Escapes_in_quotes_are_replaced() =>
        Assert.Equal("\t\"\\é", ConfigurationFactory.ParseString("a = \"\\t\\\"\\\\\\u00e9\"").GetString("a"));

    [Fact]
    public void Null_is_no_text() => Assert.Null(ConfigurationFactory.ParseString("a = null").GetString("a"));

    [Fact]
    public void Include_is_a_key_where_no_name_follows() =>
        Assert.Equal(1, ConfigurationFactory.ParseString("include = 1").GetInt("include"));

    [Theory]
    [InlineData("a = 1\nb", 2)]
    [InlineData("a = [1, 2", 1)]
    [InlineData("a {\n b = 1\n", 3)]
    [InlineData("\n\na = \"open", 3)]
    [InlineData("a = \"\"\"open", 1)]
    [InlineData("a = ${b", 1)]
    [InlineData("a = ${}", 1)]
    [InlineData("a = \"\\q\"", 1)]
    [InlineData("a = 1 }", 1)]
    [InlineData("a = }", 1)]
    [InlineData("= 1", 1)]
    [InlineData("a..b = 1", 1)]
    [InlineData("a = x@y", 1)]
    [InlineData("a = 1\nb = [1] {}", 2)]
    public void A_wrong_text_is_an_error_that_names_the_line(string hocon, int line)
    {
        var error = Assert.Throws<ConfigurationException>(() => ConfigurationFactory.ParseString(hocon));
        Assert.Contains($"line {line}, column", error.Message, StringComparison.Ordinal);
    }
}
