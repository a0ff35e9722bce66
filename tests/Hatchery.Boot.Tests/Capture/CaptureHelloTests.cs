using System.Text;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Boot.Tests;

public sealed class CaptureHelloTests(ITestOutputHelper output)
{
    private const string Whole = "disk=/dev/vda\nsize=268435456\nsector=512\n";

    [Fact]
    public void What_a_machine_says_of_its_disk_is_read_and_what_it_says_beside_is_skipped()
    {
        Assert.True(CaptureHello.TryRead(Encoding.ASCII.GetBytes(Whole + "later=1\n"), out var hello));
        Assert.Equal(new CaptureHello("/dev/vda", 256 << 20, 512, null), hello);
        Assert.True(CaptureHello.TryRead("why=there is no /dev/sdb\n"u8, out hello));
        Assert.Equal("there is no /dev/sdb", hello!.Why);
    }

    [Theory]
    [InlineData("")]
    [InlineData("disk=/dev/vda\nsize=1\n")]
    [InlineData("disk=/dev/vda\nsize=-1\nsector=512\n")]
    [InlineData("disk=/dev/vda\nsize=99999999999999999999\nsector=512\n")]
    [InlineData("disk=\nsize=512\nsector=512\n")]
    [InlineData("why=\n")]
    [InlineData("why=\u001b[2J\n")]
    public void What_is_none_is_refused(string text) =>
        Assert.False(CaptureHello.TryRead(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void Any_bytes_at_all_give_an_answer()
    {
        var random = Seed.New(output);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = Encoding.ASCII.GetBytes(Whole + "why=x\n");
            for (var i = random.Next(6); i >= 0; i--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            var cut = bytes.AsSpan(random.Next(bytes.Length));
            if (CaptureHello.TryRead(cut, out var hello))
                Assert.True(hello!.Why is not null || hello is { LengthBytes: > 0, SectorBytes: > 0 });
        }
        Assert.False(CaptureHello.TryRead(new byte[CaptureHello.LengthMax + 1], out _));
    }
}
