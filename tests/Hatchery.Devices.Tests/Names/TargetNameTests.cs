using Hatchery.Disks;

namespace Hatchery.Devices.Tests;

public sealed class TargetNameTests
{
    private static readonly DeviceId s_device = new(Guid.Parse("0123456789abcdef0123456789abcdef"));
    private static readonly BootId s_boot = new(Guid.Parse("fedcba9876543210fedcba9876543210"));

    [Fact]
    public void Iqn_and_export_carry_device_and_nonce()
    {
        Assert.True(TargetName.TryParse(TargetName.Iqn(s_device, s_boot), out var iqn));
        Assert.True(TargetName.TryParse(TargetName.Export(s_device, s_boot), out var export));
        Assert.Equal(new TargetName(s_device.ToString(), s_boot), iqn);
        Assert.Equal(iqn, export);
    }

    [Fact]
    public void Iqn_is_within_the_223_bytes_of_RFC_7143() =>
        Assert.True(TargetName.Iqn(s_device, s_boot).Length <= 223);

    [Fact]
    public void Fixed_path_names_the_device_without_a_nonce()
    {
        Assert.True(TargetName.TryParse(TargetName.IqnPrefix + "room1-pc07", out var name));
        Assert.Equal(new TargetName("room1-pc07", null), name);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("iqn.2026-01.net.hatchery:")]
    [InlineData("iqn.2026-01.example.other:pc07")]
    [InlineData("pc07.notanonce")]
    [InlineData("pc07.fedcba9876543210fedcba9876543210.x")]
    [InlineData("../etc/passwd")]
    [InlineData("PC07")]
    public void Anything_else_is_no_target(string? text) => Assert.False(TargetName.TryParse(text, out _));
}
