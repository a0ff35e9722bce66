using Hatchery.Boot.Tftp;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Boot.Tests.Tftp;

public sealed class TftpWindowTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(0, 1, 0)]
    [InlineData(511, 1, 511)]
    [InlineData(512, 2, 0)]
    [InlineData(513, 2, 1)]
    public void The_last_block_is_a_short_one(long fileBytes, long lastBlock, int lastBytes)
    {
        var window = new TftpWindow(fileBytes, 512, 1);
        Assert.Equal(lastBlock, window.LastBlock);
        Assert.Equal(lastBytes, window.BytesOf(lastBlock));
    }

    [Fact]
    public void A_duplicate_acknowledgement_sends_nothing_without_windows()
    {
        var window = new TftpWindow(5000, 512, 1);
        Assert.True(window.Acknowledge(1));
        Assert.False(window.Acknowledge(1));
        Assert.False(window.Acknowledge(0));
        Assert.Equal(2, window.First);
    }

    [Fact]
    public void A_loss_in_the_window_sends_from_there_again()
    {
        var window = new TftpWindow(50_000, 512, 8);
        Assert.True(window.Acknowledge(3));
        Assert.Equal((4, 11), (window.First, window.Last));
    }

    [Fact]
    public void A_lost_first_block_repeats_the_window_once()
    {
        var window = new TftpWindow(50_000, 512, 8);
        Assert.True(window.Acknowledge(8));
        Assert.True(window.Acknowledge(8));
        Assert.False(window.Acknowledge(8));
        Assert.Equal(9, window.First);
    }

    [Fact]
    public void An_acknowledgement_beyond_the_window_is_ignored()
    {
        var window = new TftpWindow(50_000, 512, 8);
        Assert.False(window.Acknowledge(9));
        Assert.Equal(0, window.Acknowledged);
    }

    [Fact]
    public void Block_numbers_start_again_after_65535()
    {
        var window = new TftpWindow(70_000L * 512, 512, 16);
        for (long block = 0; block < 65_536; block += 16)
            window.Acknowledge((ushort)Math.Min(block + 16, 65_536));
        Assert.Equal(65_536, window.Acknowledged);
        Assert.True(window.Acknowledge(3));
        Assert.Equal(65_539, window.Acknowledged);
    }

    [Fact]
    public void Hostile_acknowledgements_never_lead_out_of_the_file()
    {
        var random = Seed.New(output, 4);
        var window = new TftpWindow(1_000_000, 512, 32);
        for (var i = 0; i < 100_000 && !window.IsComplete; i++)
        {
            window.Acknowledge((ushort)random.Next(65_536));
            Assert.InRange(window.Last, window.Acknowledged, window.LastBlock);
            if (!window.IsComplete)
                Assert.InRange(window.BytesOf(window.Last), 0, 512);
        }
    }
}
