using Hatchery.Boot.Tftp;
using Hatchery.Wire.Tftp;

namespace Hatchery.Boot.Tests.Tftp;

public sealed class TftpNegotiationTests
{
    private static readonly TftpSettings s_settings = new() { MaxBlockBytes = 1468, MaxWindowBlocks = 16 };

    [Fact]
    public void Without_options_none_are_acknowledged()
    {
        var plain = TftpNegotiation.Of(TftpOptions.None, 1000, s_settings);
        Assert.True(plain.Answer.IsEmpty);
        Assert.Equal((512, 1, s_settings.RetryAfter), (plain.BlockBytes, plain.WindowBlocks, plain.RetryAfter));
    }

    [Fact]
    public void Blocks_and_windows_are_granted_up_to_a_limit_and_the_size_is_told()
    {
        var large = TftpNegotiation.Of(new(65_464, 3, 0, 65_535), 1000, s_settings);
        Assert.Equal(new TftpOptions(1468, 3, 1000, 16), large.Answer);
        Assert.Equal((1468, 16, TimeSpan.FromSeconds(3)), (large.BlockBytes, large.WindowBlocks, large.RetryAfter));
    }

    [Theory]
    [InlineData(10, 10)]
    [InlineData(11, null)]
    [InlineData(255, null)]
    public void A_timeout_is_taken_as_it_is_or_not_at_all(int seconds, int? acknowledged) =>
        Assert.Equal(
            acknowledged,
            TftpNegotiation.Of(new(TimeoutSeconds: seconds), 1000, s_settings).Answer.TimeoutSeconds
        );
}
