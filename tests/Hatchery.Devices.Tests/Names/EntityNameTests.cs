namespace Hatchery.Devices.Tests;

public sealed class EntityNameTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("room1-pc07")]
    [InlineData("0")]
    public void Name_is_a_lower_case_DNS_label(string name) => Assert.True(EntityName.IsValid(name));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("-a")]
    [InlineData("a-")]
    [InlineData("A")]
    [InlineData("a.b")]
    [InlineData("a b")]
    [InlineData("a;reboot")]
    [InlineData("0123456789abcdef0123456789abcdef")]
    public void Anything_else_is_no_name(string? name) => Assert.False(EntityName.IsValid(name));

    [Fact]
    public void Name_has_at_most_63_characters()
    {
        Assert.True(EntityName.IsValid(new string('a', 63)));
        Assert.False(EntityName.IsValid(new string('a', 64)));
    }
}
