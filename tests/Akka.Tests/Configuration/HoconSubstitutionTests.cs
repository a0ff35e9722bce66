using Akka.Configuration;

namespace Akka.Tests.Configuration;

public class HoconSubstitutionTests
{
    [Theory]
    [InlineData("b = 1, a = ${b}", "1")]
    [InlineData("a = ${b}, b = 1", "1")]
    [InlineData("a = ${b.c}, b { c = x }", "x")]
    [InlineData("a = ${b.c}, b = ${d}, d { c = x }", "x")]
    [InlineData("a = ${b.c}, b = ${d} { e = 1 }, d { c = x }", "x")]
    [InlineData("a = http-${b}-${c}, b = 1, c = 2", "http-1-2")]
    [InlineData("a = ${b} ${c}, b = 1, c = 2", "1 2")]
    [InlineData("a = x${?nowhere-at-all}", "x")]
    [InlineData("a = x, a = ${?nowhere-at-all}", "x")]
    [InlineData("a = x, a = ${a}y", "xy")]
    [InlineData("a = x, a = ${?a}y", "xy")]
    [InlineData("b { c = 1, d = ${b.c} }, b.c = 2, a = ${b.d}", "2")]
    [InlineData("b { c = ${f.d}, e = 1 }, b.e = 3, f { g = ${b.e}, d = 2 }, f.d = 4, a = ${b.c}${f.g}", "43")]
    [InlineData("b { c = { a = x } }, b = ${b.c}, a = ${b.a}", "x")]
    public void A_reference_gives_what_it_refers_to(string hocon, string expected) =>
        Assert.Equal(expected, ConfigurationFactory.ParseString(hocon).GetString("a"));

    [Fact]
    public void A_field_may_extend_its_earlier_value() =>
        Assert.Equal(
            ["x", "y"],
            ConfigurationFactory.ParseString("path = [x], path = ${path} [y]").GetStringList("path")
        );

    [Fact]
    public void An_object_may_build_on_another()
    {
        var config = ConfigurationFactory.ParseString("base { a = 1, b = 1 }, own = ${base} { b = 2 }");
        Assert.Equal((1, 2), (config.GetInt("own.a"), config.GetInt("own.b")));
    }

    [Fact]
    public void What_is_not_set_comes_from_the_environment()
    {
        const string name = "HATCHERY_HOCON_TEST";
        Environment.SetEnvironmentVariable(name, "from outside");
        Assert.Equal("from outside", ConfigurationFactory.ParseString($"a = ${{?{name}}}").GetString("a"));
    }

    [Fact]
    public void An_optional_reference_that_leads_nowhere_leaves_no_field() =>
        Assert.False(ConfigurationFactory.ParseString("a = ${?nowhere-at-all}").HasPath("a"));

    [Theory]
    [InlineData("x = 1\na = ${nowhere-at-all}", 2)]
    [InlineData("a = ${a}", 1)]
    [InlineData("a = ${b}\nb = ${a}", 2)]
    [InlineData("a = ${b}\nb = ${c}\nc = ${a}", 3)]
    [InlineData("a { b = ${a} }", 1)]
    [InlineData("a = ${a.b}", 1)]
    [InlineData("a = ${b.c}\nb = ${a.c}", 1)]
    public void A_reference_to_nothing_or_in_a_circle_is_an_error(string hocon, int line)
    {
        var error = Assert.Throws<ConfigurationException>(() => ConfigurationFactory.ParseString(hocon));
        Assert.Contains($"line {line}, column", error.Message, StringComparison.Ordinal);
    }
}
