using System.Text;

namespace Pbm.Tests;

public sealed class PipedSecretTests
{
    [Theory]
    [InlineData("open sesame", "open sesame")]
    [InlineData("open\nsesame\n", "open\nsesame")]
    [InlineData("open\r\n", "open")]
    [InlineData("", "")]
    public void What_is_piped_takes_the_place_of_the_word(string piped, string secret)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(piped));
        string[] words = ["device", "secret", "set", "pc07", "JOIN", "--stdin"];
        Assert.Equal(
            [.. words[..^1], "--stdin=" + Convert.ToBase64String(Encoding.UTF8.GetBytes(secret))],
            PipedSecret.FillIn(words, stream)
        );
    }

    [Fact]
    public void Nothing_is_read_for_other_commands_and_no_more_than_the_bound()
    {
        using var stream = new MemoryStream(new byte[(16 << 10) + 1]);
        Assert.Equal(["vdisk", "list"], PipedSecret.FillIn(["vdisk", "list"], stream));
        Assert.Equal(0, stream.Position);
        Assert.Null(PipedSecret.FillIn(["--stdin"], stream));
    }
}
