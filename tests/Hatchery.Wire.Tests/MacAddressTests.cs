namespace Hatchery.Wire.Tests;

public sealed class MacAddressTests
{
    [Theory]
    [InlineData("52:54:00:77:00:1f")]
    [InlineData("52-54-00-77-00-1F")]
    [InlineData("52540077001f")]
    public void Address_is_read_in_every_common_form(string text) =>
        Assert.Equal("52:54:00:77:00:1f", MacAddress.Parse(text, null).ToString());

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("52:54:00:77:00")]
    [InlineData("52:54:00:77:00:1g")]
    [InlineData("52:54:00:77:00:1f:00")]
    [InlineData("5254:0077:001f")]
    [InlineData("+2540077001f")]
    public void Anything_else_is_no_address(string? text) => Assert.False(MacAddress.TryParse(text, null, out _));

    [Fact]
    public void Bytes_go_in_and_come_out_the_same()
    {
        Span<byte> bytes = stackalloc byte[6];
        MacAddress.FromBytes([0x52, 0x54, 0, 0x77, 0, 0x1f]).CopyTo(bytes);
        Assert.Equal([0x52, 0x54, 0, 0x77, 0, 0x1f], bytes.ToArray());
    }

    [Theory]
    [InlineData("52:54:00:77:00:1f", true)]
    [InlineData("01:00:5e:00:00:01", false)]
    [InlineData("ff:ff:ff:ff:ff:ff", false)]
    [InlineData("00:00:00:00:00:00", false)]
    public void Only_a_unicast_address_is_a_machines_own(string text, bool isUnicast) =>
        Assert.Equal(isUnicast, MacAddress.Parse(text, null).IsUnicast);
}
