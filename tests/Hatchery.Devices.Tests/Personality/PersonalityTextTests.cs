using System.Text;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Devices.Tests.Personality;

public sealed class PersonalityTextTests(ITestOutputHelper output)
{
    private static readonly (string Name, string Value)[] s_hard =
    [
        ("PLAIN", "two words"),
        ("QUOTES", "it's \"so\" \\ $HOME `id` $(id) ${x} !! \\\" #"),
        ("LINES", "one\n\ttwo\nHATCHERY_DEVICE=\"other\"\n"),
        ("EMPTY", ""),
        ("LANGUAGE", "příliš žluťoučký 馬 🐎"),
        ("_x9", "="),
    ];

    [Theory]
    [InlineData("# what it is\n\nROOM=2.14\r\nPRINTER = lp0=x\n")]
    [InlineData("\uFEFF {\"ROOM\": \"2.14\", \"PRINTER\": \" lp0=x\"}")]
    public void File_has_lines_or_an_object(string text)
    {
        Assert.True(PersonalityText.TryParse(Encoding.UTF8.GetBytes(text), out var read, out var error), error);
        Assert.Equal(("2.14", " lp0=x"), (read["ROOM"], read["PRINTER"]));
    }

    [Theory]
    [InlineData("ROOM=1\nPRINTER", "line 2: personality data is given as NAME=VALUE")]
    [InlineData("9=1", "line 1: '9' is no name")]
    [InlineData("a b=1", "line 1: 'a b' is no name")]
    [InlineData("HATCHERY_X=1", "line 1: names that begin with HATCHERY_ are the farm's own")]
    [InlineData("A=\u0001", "line 1: the value of A has characters that are no text")]
    [InlineData("{\"A\": 1}", "it begins as JSON and is no object of texts")]
    [InlineData("{\"A\": \"\\ud800\"}", "it begins as JSON and is no object of texts")]
    [InlineData("{\"A\": \"1\"", "it begins as JSON and is no object of texts")]
    public void Wrong_file_is_refused_with_the_place_and_without_its_values(string text, string reason)
    {
        Assert.False(PersonalityText.TryParse(Encoding.UTF8.GetBytes(text), out _, out var error));
        Assert.StartsWith(reason, error, StringComparison.Ordinal);
    }

    [ToolFact("sh")]
    public async Task Shell_reads_from_the_lines_what_was_written()
    {
        using var folder = new TempFolder();
        var lines = new StringBuilder();
        foreach (var (name, value) in s_hard)
            PersonalityText.AppendLine(lines, name, value);
        await File.WriteAllTextAsync(folder["lines"], lines.ToString());
        foreach (var (name, value) in s_hard)
        {
            var script = $". '{folder["lines"]}'; printf '%s|' \"${name}\"";
            Assert.Equal(value + "|", (await Tool.RunAsync("sh", ["-c", script], TimeSpan.FromMinutes(1))).Output);
        }
    }

    [Fact]
    public void Any_bytes_give_an_answer_that_holds_the_rules()
    {
        var random = Seed.New(output, 1);
        byte[][] seeds =
        [
            "ROOM=2.14\n# x\nA=b\n"u8.ToArray(),
            "{\"A\":\"b\",\"C\":\"\\u0041\\ud83d\\udc0e\"}"u8.ToArray(),
        ];
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = seeds[round % seeds.Length].ToArray();
            for (var change = random.Next(1, 4); change > 0; change--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (PersonalityText.TryParse(bytes.AsSpan(0, random.Next(bytes.Length + 1)), out var read, out var error))
                Assert.Null(read.Fault);
            else
                Assert.NotEmpty(error);
        }
    }
}
