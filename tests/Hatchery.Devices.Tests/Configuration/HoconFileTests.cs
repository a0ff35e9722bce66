using Akka.Configuration;
using Hatchery.Devices.Configuration;
using Hatchery.Testing;

namespace Hatchery.Devices.Tests.Configuration;

public sealed class HoconFileTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void An_include_is_looked_up_beside_the_file_that_names_it()
    {
        Write("sub/b.conf", "include \"c.conf\"");
        Write("sub/c.conf", "c = 1");
        Assert.Equal(1, HoconFile.Load(Write("a.conf", "include \"sub/b.conf\"")).GetInt("c"));
    }

    [Fact]
    public void The_environment_fills_in_what_no_file_sets()
    {
        Environment.SetEnvironmentVariable("HATCHERY_FILE_TEST", "7");
        Assert.Equal(7, HoconFile.Load(Write("a.conf", "a = 1, a = ${?HATCHERY_FILE_TEST}")).GetInt("a"));
    }

    [Fact]
    public void A_missing_include_is_nothing() =>
        Assert.Equal(1, HoconFile.Load(Write("a.conf", "include \"none.conf\"\na = 1")).GetInt("a"));

    [Fact]
    public void A_missing_file_is_an_error_that_names_it() =>
        AssertError(Path.Combine(folder.Path, "none.conf") + ":", "none.conf");

    [Fact]
    public void A_wrong_line_is_named_with_its_file()
    {
        var path = Write("a.conf", "a = 1\nb = ]");
        AssertError($"{path}:2: ", "a.conf");
    }

    [Fact]
    public void A_wrong_line_in_an_include_is_named_with_that_file()
    {
        var path = Write("sub/b.conf", "\n\nb");
        Write("a.conf", "include \"sub/b.conf\"");
        AssertError($"{path}:3: ", "a.conf");
    }

    [Fact]
    public void A_reference_to_nothing_is_named_with_the_file_it_stands_in()
    {
        var path = Write("sub/b.conf", "\nb = ${nowhere-at-all}");
        Write("a.conf", "include \"sub/b.conf\"");
        AssertError($"{path}:2: ", "a.conf");
    }

    [Fact]
    public void A_required_include_that_is_missing_is_named_with_its_line()
    {
        var path = Write("a.conf", "\ninclude required(\"none.conf\")");
        AssertError($"{path}:2: ", "a.conf");
    }

    [Fact]
    public void Files_that_include_each_other_are_an_error_that_names_them()
    {
        Write("b.conf", "include \"a.conf\"");
        var path = Write("a.conf", "include \"b.conf\"");
        AssertError($"{path}: includes itself", "a.conf");
    }

    [Fact]
    public void A_value_of_the_wrong_kind_is_named_with_file_and_line()
    {
        var config = HoconFile.Load(Write("a.conf", "a = 1\nb = many"));
        var error = Assert.Throws<ConfigurationException>(() => config.GetInt("b"));
        Assert.Contains("a.conf:2", error.Message, StringComparison.Ordinal);
    }

    private void AssertError(string expected, string file)
    {
        var error = Assert.Throws<ConfigurationException>(() => HoconFile.Load(Path.Combine(folder.Path, file)));
        Assert.StartsWith(expected, error.Message, StringComparison.Ordinal);
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(folder.Path, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }
}
