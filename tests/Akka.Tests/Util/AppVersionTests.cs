using Akka.Util;

namespace Akka.Tests.Util;

public sealed class AppVersionTests
{
    [Theory]
    [InlineData("1.9.9", "1.9.10")]
    [InlineData("1.9", "1.9.1")]
    [InlineData("2.0-RC1", "2.0")]
    [InlineData("2.0-RC2", "2.0-RC10")]
    [InlineData("1.9.10", "2.0-M1")]
    [InlineData("2.0", "2.0+3-abcd")]
    public void The_earlier_version_comes_first(string earlier, string later)
    {
        Assert.True(AppVersion.Create(earlier).CompareTo(AppVersion.Create(later)) < 0);
        Assert.True(AppVersion.Create(later).CompareTo(AppVersion.Create(earlier)) > 0);
    }

    [Fact]
    public void The_same_version_is_equal()
    {
        Assert.True(AppVersion.Create("1.2.3") == AppVersion.Create("1.2.3"));
        Assert.Equal(AppVersion.Create("1.2.3").GetHashCode(), AppVersion.Create("1.2.3").GetHashCode());
        Assert.Equal("1.2.3", AppVersion.Create("1.2.3").Version);
    }
}
