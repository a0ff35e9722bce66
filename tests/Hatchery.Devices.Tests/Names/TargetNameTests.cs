using Hatchery.Disks;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace Hatchery.Devices.Tests;

public sealed class TargetNameTests(ITestOutputHelper output)
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

    [Fact]
    public void Names_from_the_network_never_throw_and_those_taken_name_a_device()
    {
        var random = Seed.New(output);
        var whole = TargetName.Iqn(s_device, s_boot);
        for (var round = 0; round < 20_000; round++)
        {
            var text = whole.ToCharArray();
            for (var change = random.Next(4); change >= 0; change--)
                text[random.Next(text.Length)] = (char)random.Next(round % 2 == 0 ? 128 : 0x10000);
            var cut = new string(text, 0, random.Next(text.Length + 1));
            if (TargetName.TryParse(cut, out var name))
                Assert.True(EntityName.IsValid(name.Device) || DeviceId.TryParse(name.Device, null, out _), cut);
        }
    }
}
