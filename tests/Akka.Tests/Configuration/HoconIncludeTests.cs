using Akka.Configuration;
using Akka.Configuration.Hocon;

namespace Akka.Tests.Configuration;

public class HoconIncludeTests
{
    [Theory]
    [InlineData("include \"x\"")]
    [InlineData("include file(\"x\")")]
    [InlineData("include required(\"x\")")]
    [InlineData("include required(file(\"x\"))")]
    [InlineData("a = 0, include \"x\"")]
    public void What_is_included_stands_where_the_include_stands(string hocon) =>
        Assert.Equal(1, Parse(hocon, ("x", "a = 1")).GetInt("a"));

    [Fact]
    public void What_follows_the_include_replaces_what_it_brought() =>
        Assert.Equal(2, Parse("include \"x\"\na = 2", ("x", "a = 1")).GetInt("a"));

    [Fact]
    public void An_include_in_an_object_fills_that_object() =>
        Assert.Equal(1, Parse("b { include \"x\" }", ("x", "a = 1")).GetInt("b.a"));

    [Fact]
    public void References_in_an_included_text_mean_its_own_fields_first() =>
        Assert.Equal(1, Parse("c = 2, b { include \"x\" }", ("x", "c = 1, a = ${c}")).GetInt("b.a"));

    [Fact]
    public void References_in_an_included_text_may_mean_fields_of_the_includer() =>
        Assert.Equal(2, Parse("c = 2, b { include \"x\" }", ("x", "a = ${c}")).GetInt("b.a"));

    [Fact]
    public void The_includer_may_change_what_an_included_reference_gives() =>
        Assert.Equal(3, Parse("include \"x\"\nc = 3", ("x", "c = 1, a = ${c}")).GetInt("a"));

    [Fact]
    public void An_included_text_may_append_to_an_array_of_its_includer() =>
        Assert.Equal([1, 2], Parse("b { a = [1], include \"x\" }", ("x", "a += 2")).GetIntList("b.a"));

    [Fact]
    public void Includes_may_be_nested() =>
        Assert.Equal(1, Parse("include \"x\"", ("x", "b { include \"y\" }"), ("y", "a = 1")).GetInt("b.a"));

    [Fact]
    public void A_missing_file_is_nothing() => Assert.Equal(1, Parse("a = 1, include \"x\"").GetInt("a"));

    [Fact]
    public void A_missing_file_that_is_required_is_an_error() =>
        AssertError("line 2", () => Parse("a = 1\ninclude required(\"x\")"));

    [Fact]
    public void An_error_in_an_included_text_names_that_text_and_its_line() =>
        AssertError("y:3", () => Parse("include \"x\"", ("x", "include \"y\""), ("y", "\n\na = ]")));

    [Fact]
    public void A_reference_to_nothing_names_the_text_that_it_stands_in() =>
        AssertError("x:2", () => Parse("include \"x\"", ("x", "\na = ${nowhere-at-all}")));

    [Fact]
    public void Texts_that_include_each_other_are_an_error() =>
        AssertError("nested", () => Parse("include \"x\"", ("x", "include \"y\""), ("y", "include \"x\"")));

    [Fact]
    public void Texts_that_multiply_each_other_are_an_error()
    {
        var many = string.Join('\n', Enumerable.Repeat("include \"y\"", 200));
        AssertError("includes", () => Parse("include \"x\"", ("x", many), ("y", many.Replace('y', 'z')), ("z", many)));
    }

    private static void AssertError(string where, Func<object> parse) =>
        Assert.Contains(where, Assert.Throws<ConfigurationException>(parse).Message, StringComparison.Ordinal);

    private static Config Parse(string hocon, params (string Name, string Text)[] files)
    {
        return ConfigurationFactory.ParseString(hocon, Find);

        HoconRoot? Find(string name) =>
            files.Where(f => f.Name == name).Select(f => Parser.Parse(f.Text, Find)).FirstOrDefault();
    }
}
