using System.Diagnostics;
using System.Text;
using Akka.Configuration;

namespace Akka.Tests.Configuration;

public class HoconHostileTests
{
    private static readonly string[] Pieces =
    [
        .. "{ } [ ] = : += , \n . \" \"\"\" $ ${ ${? # // include required( file( ) \\ null a b c 1 ab -1 10ms on é \uFEFF \0".Split(
            ' '
        ),
        "${a}",
        "${b}",
        "${?c}",
        "${a.b}",
        "a = ",
        "b = ",
        "c { ",
        "include \"x\"",
        " ",
    ];

    private static string Chain(int count, Func<int, string> line) =>
        string.Join('\n', Enumerable.Range(0, count).Select(line));

    public static TheoryData<string> Hostile =>
        [
            new string('{', 100_000),
            "a = " + new string('[', 100_000),
            "a = " + new string('[', 100_000) + new string(']', 100_000),
            string.Concat(Enumerable.Repeat("a {", 100_000)),
            string.Concat(Enumerable.Repeat("a.", 100_000)) + "a = 1",
            "a = ${" + string.Concat(Enumerable.Repeat("a.", 100_000)) + "a}",
            Chain(40, i => $"a{i} = ${{a{i + 1}}}${{a{i + 1}}}") + "\na40 = xxxxxxxxxx",
            Chain(40, i => $"a{i} = [${{a{i + 1}}}, ${{a{i + 1}}}]") + "\na40 = 1",
            Chain(40, i => $"a{i} = ${{a{i + 1}}} ${{a{i + 1}}}") + "\na40 = [1]",
            Chain(40, i => $"a{i} {{ l = ${{a{i + 1}}}, r = ${{a{i + 1}}} }}") + "\na40 = 1",
            Chain(40, i => $"a{i} = ${{a{i + 1}.x}} ${{a{i + 1}}} ${{a{i + 1}}}") + "\na40 = {}",
            Chain(5000, i => $"a{i} = ${{a{i + 1}}}") + "\na5000 = 1",
            Chain(5000, i => $"a{i} = [${{a{i + 1}}}]") + "\na5000 = 1",
            Chain(5000, i => $"a{i} = ${{a{i + 1}.b}}"),
        ];

    [Theory]
    [MemberData(nameof(Hostile))]
    public void A_text_made_to_overwhelm_the_reader_is_an_error_soon(string hocon)
    {
        var clock = Stopwatch.StartNew();
        Assert.Throws<ConfigurationException>(() => ConfigurationFactory.ParseString(hocon));
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromMinutes(1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_text_is_read_or_is_an_error(int seed)
    {
        var random = new Random(seed);
        for (var run = 0; run < 20_000; run++)
        {
            var text = Scrambled(random);
            try
            {
                var config = ConfigurationFactory.ParseString(text, _ => null);
                Assert.Equal(config.ToString(), ConfigurationFactory.ParseString(config.ToString()).ToString());
            }
            catch (ConfigurationException wrong)
            {
                Assert.Contains("line ", wrong.Message, StringComparison.Ordinal);
            }
            catch (Exception other)
            {
                Assert.Fail($"seed {seed}, run {run}: {text}\n{other}");
            }
        }
    }

    [Fact]
    public void A_good_text_cut_anywhere_is_read_or_is_an_error()
    {
        const string good =
            "a { b = [1, \"x\\u00e9\"], c = ${a.b} [2] } # end\nd = \"\"\"t\"\"\"\ne += ${?nowhere.at.all}\nf=10 ms";
        for (var length = 0; length <= good.Length; length++)
        {
            var error = Record.Exception(() => ConfigurationFactory.ParseString(good[..length]));
            Assert.True(error is null or ConfigurationException, $"at {length}: {error}");
        }
    }

    private static string Scrambled(Random random)
    {
        var text = new StringBuilder();
        for (var i = random.Next(30); i >= 0; i--)
            text.Append(Pieces[random.Next(Pieces.Length)]);
        return text.ToString();
    }
}
