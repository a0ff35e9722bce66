using System.Text;
using Hatchery.Disks;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Devices.Tests;

public sealed class OwnCacheReportTests(ITestOutputHelper output)
{
    private const string Good = "place=ram\nwanted=disk\nsize=67108864\nused=53687091\nover=0\nwhy=no-disk\n";

    [Fact]
    public void What_a_machine_says_is_read()
    {
        Assert.True(TryRead(Good, out var read));
        Assert.Equal(
            new(CachePlace.Ram, CachePlace.Disk, OwnCacheFallback.NoDisk, 67108864, 53687091, IsOver: false),
            read
        );
        Assert.Equal(CacheLevel.Ok, read!.Level);
        Assert.Equal(CacheLevel.Warning, (read with { UsedBytes = 53687092 }).Level);
        Assert.Equal(CacheLevel.Full, (read with { IsOver = true }).Level);
        Assert.True(TryRead("place=none\nwanted=ram\nwhy=ram-small\nsize=0\nused=0\nlater=1", out read));
        Assert.Equal((null, CacheLevel.Ok), (read!.Place, read.Level));
    }

    [Theory]
    [InlineData("")]
    [InlineData("place=ram")]
    [InlineData("place=ram\nwanted=disk\nsize=2\nused=1")]
    [InlineData("place=none\nwanted=ram\nsize=0\nused=0")]
    [InlineData("place=ram\nwanted=ram\nsize=1\nused=2")]
    [InlineData("place=ram\nwanted=ram\nsize=-1\nused=-2")]
    [InlineData("place=ram\nwanted=ram\nsize=99999999999999999999\nused=1")]
    [InlineData("place=server\nwanted=server\nsize=1\nused=1")]
    [InlineData("place=ram\nwanted=ram\nsize=1\nused=1\nwhy=because")]
    [InlineData("place=ram\nwanted=ram\nsize=1\nused=1\nover=yes")]
    [InlineData("place=none\nplace=ram\nwanted=ram\nsize=1\nused=1\nplace=none\nplace=x")]
    public void What_makes_no_sense_is_no_report(string text) => Assert.False(TryRead(text, out _));

    [Fact]
    public void Hostile_bytes_never_throw_and_what_is_read_makes_sense()
    {
        var random = Seed.New(output);
        var read = 0;
        for (var round = 0; round < 100_000; round++)
        {
            var bytes = Encoding.ASCII.GetBytes(Good);
            for (var i = random.Next(4); i > 0; i--)
                bytes[random.Next(bytes.Length)] = (byte)(random.Next(3) == 0 ? '\n' : random.Next(256));
            if (random.Next(10) == 0)
                bytes = bytes[..random.Next(bytes.Length)];
            if (random.Next(20) == 0)
                bytes = [.. bytes, .. bytes, .. bytes, .. bytes];
            if (!OwnCacheReport.TryRead(bytes, out var report))
                continue;
            read++;
            Assert.InRange(report!.UsedBytes, 0, report.SizeBytes);
            Assert.NotEqual(CachePlace.Server, report.Wanted);
            Assert.NotEqual(CachePlace.Server, report.Place);
            Assert.Equal(report.Fallback != OwnCacheFallback.None, report.WhyNot is not null);
            _ = report.Level;
        }
        Assert.NotEqual(0, read);
    }

    private static bool TryRead(string text, out OwnCacheReport? report) =>
        OwnCacheReport.TryRead(Encoding.ASCII.GetBytes(text), out report);
}
